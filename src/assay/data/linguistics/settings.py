"""Settings of linguistic preprocessing, as fields for assay.data.cleaning.schema, so nothing heavy is imported."""

from dataclasses import dataclass, fields
from typing import Literal

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class LinguisticSettings:
    """Steps that models of words need and models of text do not: done to the documents that are kept, in this order, by each one's language.

    English and Chinese have rules of their own; a document in another language stays as it is.
    """

    spelling: bool = setting(False, help="known misspellings of English words; Chinese idioms with one character wrong that sounds alike")
    punctuation: Literal["keep", "normalise", "remove"] = setting(
        "keep", help="normalise: plain quotation marks and dashes in English, full-width marks in Chinese, no mark twice"
    )
    segmentation: bool = setting(False, help="blanks between words, and between words and marks")
    pos_tags: bool = setting(False, help="word/TAG: Penn Treebank's tags for English, those of jieba's dictionary for Chinese")
    stop_words: Literal["keep", "remove"] = setting("keep", help="the lists of stopwords-iso")
    stemming: bool = setting(
        False, help="Snowball's English stems, in lower case; of Chinese text its English words: Chinese does not inflect"
    )

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the steps that are on, in order."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) not in (False, "keep"))
