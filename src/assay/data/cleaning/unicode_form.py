"""Unicode normal forms, with a guard for text that would make them slow."""

import re
import sys
import unicodedata
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.cleaning.drop import Drop

HANGUL_VOWELS, HANGUL_ENDS = range(0x1161, 0x1176), range(0x11A8, 0x11C3)
ASSIGNED_BELOW = 0x32400
"""Above are unassigned characters, private ones, tags and variation selectors: none decomposes or combines (test_unicode_form looks)."""
MARKS_LIMIT = 1000
"""Combining marks in a row. No script needs 20; normal forms sort a run in quadratic time (100,000 marks: 9 s)."""


def normal_form(text: str, form: Literal["NFC", "NFKC"]) -> str | Drop:
    if text.isascii():
        return text
    # A run of so many marks holds one at a multiple of it; searching all of every text took 0.4 s a megabyte.
    if any(map(unicodedata.combining, text[::MARKS_LIMIT])) and _marks_in_a_row().search(text):
        return Drop("combining_marks")
    return unicodedata.normalize(form, text)


@cache
def unstable_characters(form: Literal["NFC", "NFKC"]) -> NDArray[np.uint8]:
    """Per code point 1 where a text that holds it may not be in the form yet: the quick check of UAX 15, section 9, as a table.

    A text without any is in the form: each of its characters is, none is a mark that could stand in another order, and none joins the
    character before it.
    """
    table = np.zeros(ASSIGNED_BELOW, dtype=np.uint8)
    for point, character in enumerate(map(chr, range(ASSIGNED_BELOW))):
        decomposition = unicodedata.decomposition(character)
        if unicodedata.combining(character) or (decomposition and unicodedata.normalize(form, character) != character):
            table[point] = 1
        parts = decomposition.split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            table[int(parts[1], 16)] = 1
    table[HANGUL_VOWELS.start : HANGUL_VOWELS.stop] = table[HANGUL_ENDS.start : HANGUL_ENDS.stop] = 1  # composed by rule, not by table
    return table


@cache
def _marks_in_a_row() -> re.Pattern[str]:
    marks = "".join(re.escape(chr(point)) for point in range(0x300, sys.maxunicode + 1) if unicodedata.combining(chr(point)))
    return re.compile(f"[{marks}]{{{MARKS_LIMIT}}}")
