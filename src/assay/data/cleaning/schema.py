"""What conf/cleaning/*.yaml may say."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class CleaningSchema:
    """Steps in the order in which a document passes them. Every drop and every change is counted by reason."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    encodings: list[Literal["utf-8", "gb18030", "big5", "cp1252"]] = setting(
        make=lambda: ["utf-8"], help="tried in order; a file that fits none is dropped"
    )
    unicode_form: Literal["NFC", "NFKC", "none"] = setting("NFC", help="canonical form of characters")
    whitespace: Literal["normalise", "keep"] = setting(
        "normalise", help="line ends, trailing blanks, runs of empty lines, control characters"
    )
    passage_bytes: int | None = setting(
        6144, at_least=64, at_most=100_000_000, help="a plain-text file is cut at blank lines near this size; null: kept whole"
    )
    min_characters: int = setting(1, at_least=1, at_most=1_000_000, help="shorter documents are dropped")
    max_characters: int = setting(1_000_000, at_least=1, at_most=1_000_000_000, help="longer documents are dropped")
    exact_dedup: bool = setting(True, help="of documents with equal text the one with the smallest id stays")
