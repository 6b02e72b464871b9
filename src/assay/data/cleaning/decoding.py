"""From bytes to text: a byte order mark decides, else the first encoding of the config that fits, or the likeliest one."""

import codecs
import mmap
import re

from assay.data.cleaning.detection import MARKS, detect_encoding
from assay.data.cleaning.drop import Drop
from assay.data.maps import give_back

PIECE_BYTES = 2**20
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_IN_LATIN_WORD = re.compile(f"[A-Za-z][{_HAN}](?![{_HAN}\u3000-\u303f\uff00-\uffef])")


def decode(content: bytes, encodings: list[str]) -> tuple[str, str] | Drop:
    """(text, encoding), or the reason no encoding fits. A file is decoded as a whole, so it never mixes two.

    `encodings` is ["auto"], for files of unknown origin, or a list tried in order, for files that are known to be in one of a few.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _try(content[len(mark) :], encoding)
    if "auto" in encodings:
        name = detect_encoding(content)
        return name if isinstance(name, Drop) else _try(content, name)
    if b"\0" in content:
        return Drop("nul_bytes")  # binary, or UTF-16 without its mark
    for encoding in encodings:
        found = _try(content, encoding)
        if not isinstance(found, Drop) and not (encoding in ("gb18030", "big5") and looks_latin(found[0])):
            return found
    return Drop("undecodable")


def is_plain_utf8(content: mmap.mmap) -> bool:
    """Whether a mapped file is UTF-8 without a mark and without NUL bytes: what `decode` would say, a piece at a time."""
    if any(content[: len(mark)] == mark for mark, _ in MARKS) or content.find(b"\0") >= 0:
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), PIECE_BYTES):
            decoder.decode(content[start : start + PIECE_BYTES], final=start + PIECE_BYTES >= len(content))
            give_back(content)
    except UnicodeDecodeError:
        return False
    return True


def _try(content: bytes, encoding: str) -> tuple[str, str] | Drop:
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError:
        return Drop("undecodable")


def looks_latin(text: str) -> bool:
    """Whether Chinese characters stand alone inside Latin words: cp1252 read as GB18030 turns "don\u2019t" into "don\u6298".

    Any single such file would decode without an error, so the encodings' order alone does not catch it.
    """
    lone = len(_IN_LATIN_WORD.findall(text))
    return lone > 0 and lone * 2 > sum(map(len, re.findall(f"[{_HAN}]", text)))


def well_formed(text: str) -> str | Drop:
    """Half of a surrogate pair, as JSON escapes can spell it, is no character and can't be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return Drop("lone_surrogate")
    return text
