"""Clean a corpus: python src/clean.py data=shakespeare"""

from assay.config.entry import verb
from assay.config.schema import CleanConfig


@verb("clean", CleanConfig)
def main(config: CleanConfig) -> None:
    from assay.data.clean import clean
    from assay.data.places import clean_folder

    target = clean_folder(config.data)
    clean(config, target)
    print(f"documents, card and drops: {target}")


if __name__ == "__main__":
    main()
