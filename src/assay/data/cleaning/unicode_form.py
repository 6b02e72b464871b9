"""Unicode normal forms, with a guard for text that would make them slow."""

import re
import sys
import unicodedata
from functools import cache
from typing import Literal

from assay.data.cleaning.drop import Drop

MARKS_LIMIT = 1000
"""Combining marks in a row. No script needs 20; normal forms sort a run in quadratic time (100,000 marks: 9 s)."""


def normal_form(text: str, form: Literal["NFC", "NFKC"]) -> str | Drop:
    if text.isascii():
        return text
    if _marks_in_a_row().search(text):
        return Drop("combining_marks")
    return unicodedata.normalize(form, text)


@cache
def _marks_in_a_row() -> re.Pattern[str]:
    marks = "".join(re.escape(chr(point)) for point in range(0x300, sys.maxunicode + 1) if unicodedata.combining(chr(point)))
    return re.compile(f"[{marks}]{{{MARKS_LIMIT}}}")
