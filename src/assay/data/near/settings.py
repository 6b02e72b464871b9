"""Settings of near-duplicates, evaluation texts and train/test overlap: fields for assay.data.cleaning.schema, so nothing heavy is imported."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting

PARTS = 10_000
"""A threshold is compared as whole ten-thousandths, since a decision may not hang on how a float was rounded."""


@dataclass(frozen=True, kw_only=True)
class Shingles:
    """Lengths of shingles. One starts at every word, and at every character of a script written without spaces."""

    words: int = 5
    characters: int = 5


@dataclass(frozen=True, kw_only=True)
class NearDedupSettings:
    """Settings of near-deduplication. Of documents whose shingles have a Jaccard similarity of at least `threshold` with the smallest id's, that one stays."""

    threshold: float = setting(0.8, at_least=0.5, at_most=1.0, help="Jaccard similarity of two documents' shingles")
    words: int = setting(5, at_least=1, at_most=64, help="words in a shingle")
    characters: int = setting(5, at_least=1, at_most=64, help="characters in a shingle of Chinese, Japanese, Thai, ...")
    permutations: int = setting(128, at_least=16, at_most=1024, help="numbers in a document's signature; 4 bytes each")
    recall: float = setting(0.99, at_least=0.5, at_most=0.9999, help="share of pairs at the threshold that must be looked at")
    action: Literal["drop", "mark"] = setting("drop", help="mark: repeats stay, and fall into the same split as their survivor")

    @property
    def threshold_parts(self) -> int:
        return round(self.threshold * PARTS)

    @property
    def shingles(self) -> Shingles:
        return Shingles(words=self.words, characters=self.characters)


@dataclass(frozen=True, kw_only=True)
class DecontaminationSettings:
    """Training documents that share an n-gram with an evaluation set (Brown et al. 2020, appendix C: 13 words)."""

    against: list[str] = setting(make=list, help="corpora of conf/data/ that models are evaluated on")
    words: int = setting(13, at_least=1, at_most=64, help="words in an n-gram")
    characters: int = setting(20, at_least=1, at_most=64, help="characters in an n-gram of Chinese, Japanese, Thai, ...")
    at_least: int = setting(1, at_least=1, at_most=1_000_000, help="n-grams a document must share to be called contaminated")
    action: Literal["drop", "mark"] = setting("drop", help="mark: the document stays and its count is recorded")
    at_most: float = setting(1.0, at_least=0, at_most=1, help="share of the corpus's documents that may be contaminated; more is an error")

    @property
    def ngrams(self) -> Shingles:
        return Shingles(words=self.words, characters=self.characters)


@dataclass(frozen=True, kw_only=True)
class HeldOutSettings:
    """Validation and test documents that training text holds as well: what a model scores on them it may know by heart."""

    words: int = setting(13, at_least=1, at_most=64, help="words in an n-gram")
    characters: int = setting(20, at_least=1, at_most=64, help="characters in an n-gram of Chinese, Japanese, Thai, ...")
    share: float = setting(0.8, above=0, at_most=1, help="of a document's n-grams: from there on it counts as known from training")
    at_most: float = setting(0.1, at_least=0, at_most=1, help="share of the documents looked at that may be known; more is an error")

    @property
    def share_parts(self) -> int:
        return round(self.share * PARTS)

    @property
    def ngrams(self) -> Shingles:
        return Shingles(words=self.words, characters=self.characters)
