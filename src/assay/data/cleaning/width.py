"""Full-width and half-width forms, left over from character sets in which a Latin letter was as wide as a Chinese one."""

import re
import unicodedata
from typing import Literal

_LETTERS = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")
_ALL = re.compile("[\uff01-\uff5e\u3000]+")
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_SHIFT = {0x3000: 0x20, **{point: point - 0xFEE0 for point in range(0xFF01, 0xFF5F)}}


def usual_width(text: str, which: Literal["letters", "all"]) -> str:
    """Full-width letters and digits become ASCII, half-width kana full-width; with `all`, also punctuation and the ideographic space.

    In Chinese and Japanese full-width punctuation is right, so `all` is for text that will be searched, not read.
    """
    if text.isascii():
        return text
    content = text.encode()  # a pattern over all characters is ten times slower than looking for bytes
    if b"\xef\xbc" not in content and b"\xef\xbd" not in content and b"\xef\xbe" not in content and b"\xe3\x80\x80" not in content:
        return text
    text = (_LETTERS if which == "letters" else _ALL).sub(lambda match: match[0].translate(_SHIFT), text)
    return _HALF_KANA.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
