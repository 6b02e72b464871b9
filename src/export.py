"""Write a run's model and tokenizer in Hugging Face's form, measured to compute the same there, or vectors of words as text."""

from assay.config.entry import verb
from assay.inference.schema import ExportConfig


@verb("export", ExportConfig, positional=("run",))
def main(config: ExportConfig, run: str) -> None:
    from assay.model.kept import kept_checkpoint
    from assay.tracking.lookup import find_only_run

    name, _, which = run.partition("/")
    found = find_only_run(name)
    checkpoint = kept_checkpoint(found.folder, which)
    from assay.inference.exporting import export_run

    print(export_run(found.folder, found.name, config, checkpoint))


if __name__ == "__main__":
    main()
