"""The language of short texts by CLD2 (Chromium's Compact Language Detector 2, package pycld2), which scores runs of four letters.

Stop words, by which kernel.py tells languages of one script apart, are too few in a single sentence of an inflected language.
docs/decisions/0023 has the figures.
"""

import re
from typing import NamedTuple

import pycld2

from assay.data.language.names import LANGUAGES, LANGUAGES_WITH_WORDS, OTHER, UNKNOWN

SHORT_CHARACTERS = 100
"""Texts with fewer are looked at here."""
SHORT_BYTES = 4 * SHORT_CHARACTERS
PROSE_PERCENT = 93
"""Share of letters, spaces and punctuation of sentences from which a text without English stop words may be English: a title, not a command."""
EAST_ASIAN = re.compile("[\u2e80-\ud7a3]")
"""Kana, Han characters and syllables of Hangul: a text that mixes them with other letters is left to the kernel."""
_PUNCTUATION = frozenset(" ,.'\u2019")
_OTHER_NAMES = {"nb": "no", "nn": "no", "bs": "hr"}
_CYRILLIC = "\u0400"


class Found(NamedTuple):
    """`name` is one of LANGUAGES; `percent` is the share of the text in that language, half of it where CLD2 calls its answer unreliable."""

    name: str
    percent: int


def is_asked(name: str) -> bool:
    """Whether the language that the kernel found may be another: its script does not decide it."""
    return name in (UNKNOWN, OTHER) or name in LANGUAGES_WITH_WORDS


def short_text_language(content: bytes, kernel_name: str) -> Found | None:
    """The language of a short text in UTF-8 for which the kernel found `kernel_name`; None where CLD2 knows no better."""
    text = content.decode()
    if len(text) >= SHORT_CHARACTERS or EAST_ASIAN.search(text):
        return None
    try:
        reliable, _, details = pycld2.detect(content, isPlainText=True)
    except pycld2.error:  # control characters
        return None
    _, code, percent, _ = details[0]
    if code == "un" or (code == "en" and kernel_name == UNKNOWN and not _is_prose(text)):
        return None
    name = "hr" if code == "sr" and max(text) < _CYRILLIC else _OTHER_NAMES.get(code, code)
    return Found(name if name in LANGUAGES else OTHER, percent if reliable else percent // 2)


def _is_prose(text: str) -> bool:
    return 100 * sum(letter.isalpha() or letter in _PUNCTUATION for letter in text) >= PROSE_PERCENT * len(text)
