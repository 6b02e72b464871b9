"""Continue a prompt with a trained run, or fill its gaps, printing text as it is drawn."""

from assay.config.entry import verb
from assay.inference.schema import GenerateConfig


@verb("generate", GenerateConfig, positional=("run", "prompt"))
def main(config: GenerateConfig, run: str, prompt: str) -> None:
    from assay.tracking.lookup import find_checkpoint

    found, checkpoint = find_checkpoint(run)
    from assay.inference.load import load_generator
    from assay.inference.stream import stream_text

    stream_text(load_generator(found.folder, checkpoint), prompt, config)


if __name__ == "__main__":
    main()
