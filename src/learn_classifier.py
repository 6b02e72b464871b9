"""Learn what good text is from labels/NAME.jsonl: python src/learn_classifier.py labels=NAME"""

from assay.config.entry import verb
from assay.config.schema import ClassifierConfig


@verb("learn_classifier", ClassifierConfig)
def main(config: ClassifierConfig) -> None:
    from assay.data.classifier.learn import learn_classifier

    print(f"weights and card: {learn_classifier(config)}")


if __name__ == "__main__":
    main()
