"""Write conf/model/NAME.yaml for a model that transformers saved in FOLDER, and say how to train from its weights."""

from assay.config.entry import verb
from assay.inference.schema import ImportConfig


@verb("import_model", ImportConfig, positional=("folder",))
def main(config: ImportConfig, folder: str) -> None:
    from assay.inference.importing import import_model

    print(import_model(folder, config))


if __name__ == "__main__":
    main()
