"""Settings of a classifier of labelled texts: fields only, so nothing heavy is imported."""

from dataclasses import dataclass

from assay.config.fields import setting

NAME = r"[a-z0-9][a-z0-9_]{0,63}"
PARTS = 10_000
"""A score is a whole number of ten-thousandths, since a decision may not hang on how a float was rounded."""


@dataclass(frozen=True, kw_only=True)
class QualityClassifierSettings:
    """Documents go that a classifier, learned from a person's labels, holds for unlikely to be good."""

    name: str = setting(pattern=NAME, help="of data/classifier/, which src/learn_classifier.py makes")
    at_least: float = setting(0.5, at_least=1 / PARTS, at_most=1 - 1 / PARTS, help="probability that a document is good; below it goes")

    @property
    def at_least_parts(self) -> int:
        return round(self.at_least * PARTS)


@dataclass(frozen=True, kw_only=True)
class LearningSettings:
    """Logistic regression on hashed n-grams, as fastText's classifier without a hidden layer (Joulin et al. 2017)."""

    words: int = setting(2, at_least=1, at_most=5, help="longest n-gram of words; of characters of Chinese, Japanese, Thai, ...")
    characters: int = setting(4, at_least=1, at_most=8, help="characters in the other n-grams, which see case, digits and punctuation")
    bucket_bits: int = setting(18, at_least=8, at_most=24, help="n-grams share 2 to this power weights, 4 bytes each")
    epochs: int = setting(10, at_least=1, at_most=1000, help="times that each text is seen")
    learning_rate: float = setting(0.3, above=0, at_most=10)
    folds: int = setting(5, at_least=2, at_most=20, help="parts of the texts, each held out once to measure the accuracy")
    seed: int = setting(1, at_least=0, at_most=2**63 - 1, help="of the folds and of the order of the texts")
