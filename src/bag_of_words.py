"""Measure what linguistic preprocessing is worth to a bag-of-words classifier: python src/bag_of_words.py data=sarcasm

Reads the labels that a source of conf/data/ declares; each step is one row, on the same training and test documents.
"""

from assay.config.entry import verb
from assay.config.schema import BagOfWordsConfig


@verb("bag_of_words", BagOfWordsConfig)
def main(config: BagOfWordsConfig) -> None:
    from assay.data.prepare import prepare_clean
    from assay.evaluation.preprocessing import compare, shown, write

    folder, _ = prepare_clean(config)
    comparison = compare(config, folder)
    print(shown(comparison))
    if config.output is not None:
        write(comparison, config.output)


if __name__ == "__main__":
    main()
