"""One form of Chinese characters: traditional text to simplified, by OpenCC's tables of phrases and characters."""

import re
from functools import cache
from typing import Any

from assay.data.language.identify import languages
from assay.errors import MachineError

PIECE_CHARACTERS = 1_000_000


def to_simplified(text: str) -> str:
    """Only of Chinese text that has a character OpenCC would change: Japanese shares many of them, and there they are right."""
    if text.isascii() or not _changeable().search(text):
        return text
    if not languages([text])[0].startswith("zh"):
        return text
    pieces = [text[start : start + PIECE_CHARACTERS] for start in range(0, len(text), PIECE_CHARACTERS)]
    return "".join(_converter().convert(piece) for piece in pieces)


@cache
def _converter() -> Any:
    try:
        from opencc import OpenCC
    except ImportError:
        raise MachineError(
            "cleaning.chinese=simplified needs the package opencc.\n  Run: pip install 'opencc>=1.2'   (extra: text)"
        ) from None
    return OpenCC("t2s")


@cache
def _changeable() -> re.Pattern[str]:
    """The characters that change when they stand alone; some 3,600."""
    han = [chr(point) for block in (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00)) for point in block]
    converted = _converter().convert("\n".join(han)).split("\n")
    return re.compile("[" + "".join(old for old, new in zip(han, converted, strict=True) if old != new) + "]")
