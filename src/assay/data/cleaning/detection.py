"""Which encoding bytes are in: byte order mark, strict UTF-8, else the one whose characters look most like writing.

A legacy encoding reads nearly any bytes, so validity alone tells little. Each candidate that reads a sample is scored by how usual its characters
are. Python's own codecs say which those are: the standards put frequent characters in a first level (GB 2312, Big5, JIS X 0208).
"""

import codecs
import re
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assay.data.cleaning.drop import Drop

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CANDIDATES = ("utf-8", "gb18030", "big5", "cp1252", "shift_jis", "euc_kr", "utf-16-le", "utf-16-be")
"""Between level scores the earlier wins. ISO 8859-1 is read as cp1252, GB 2312 and GBK as GB18030, as browsers do."""
SAMPLE_BYTES = 8192
DECLARATION_BYTES = 1024
"""Where the HTML standard looks for a declared charset."""

_DECLARED = re.compile(
    rb"""<(?:\?xml[^>]{0,200}?\sencoding|meta\s[^>]{0,200}?charset)\s{0,8}=\s{0,8}["']?\s{0,8}([A-Za-z0-9_:.-]{1,40})""", re.I
)
_AS_BROWSERS_DO = {
    **dict.fromkeys(("iso8859-1", "ascii", "cp1252", "iso8859-15"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "hz"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "big5"),
    **dict.fromkeys(("shift_jis", "cp932"), "shift_jis"),
    **dict.fromkeys(("euc_kr", "cp949"), "euc_kr"),
    **dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be"), "utf-8"),  # what could be read byte by byte is not in UTF-16
}


def detect_encoding(content: bytes, hint: str | None = None, candidates: Sequence[str] = CANDIDATES) -> str | Drop:
    """The name of a codec that reads all of `content`, or the reason that none does.

    `hint` is a declared encoding: it wins where it fits and its characters are not absurd. A byte order mark is not part of the text.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding if _fits(content[len(mark) :], encoding) else Drop("undecodable")
    holds_nul = b"\0" in content
    if not holds_nul and "utf-8" in candidates and _fits(content, "utf-8"):
        return "utf-8"
    names = [name for name in candidates if name.startswith("utf-16") == holds_nul or (name.startswith("utf-16") and len(content) % 2 == 0)]
    sample = _sample(content)
    scored = [(score, -place, name) for place, name in enumerate(names) if name != "utf-8" and (score := _score(sample, name)) is not None]
    if hint is not None:
        scored = [(score + (100 if name == hint and score > 0 else 0), place, name) for score, place, name in scored]
    for score, _, name in sorted(scored, reverse=True):
        if score > 0 and _fits(content, name):
            return name
    return Drop("nul_bytes" if holds_nul else "undecodable")


def declared_charset(content: bytes) -> str | None:
    """What an HTML or XML page says of itself in its first 1,024 bytes, as the codec that browsers take for it; None if nothing known."""
    found = _DECLARED.search(content[:DECLARATION_BYTES])
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return None
    return _AS_BROWSERS_DO.get(name, name) if codecs.lookup(name)._is_text_encoding else None


def _fits(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _sample(content: bytes) -> bytes:
    """From the line of the first byte outside ASCII: what comes before reads the same in all but UTF-16."""
    if b"\0" in content[:SAMPLE_BYTES] or len(content) <= SAMPLE_BYTES:
        return content[:SAMPLE_BYTES]
    first = re.search(rb"[\x80-\xff]", content)
    start = 0 if first is None else max(0, content.rfind(b"\n", 0, first.start()) + 1, first.start() - SAMPLE_BYTES // 2)
    return content[start - start % 2 :][:SAMPLE_BYTES]


def _score(sample: bytes, encoding: str) -> int | None:
    """Mean plausibility of the characters that tell, times 100; None where the sample can't be read."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample, final=False)
    except UnicodeError:
        return None
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    points = points[points < 0x10000] if encoding.startswith("utf-16") else np.minimum(points, 0xFFFF)
    values = _plausibility()[points]
    han = (points >= 0x3400) & (points < 0xA000)
    alone = han[1:-1] & ~han[:-2] & ~han[2:] & (_ascii_letter(points[:-2]) | _ascii_letter(points[2:]))
    telling = points >= 0x80 if not encoding.startswith("utf-16") else points >= 0
    count = int(telling.sum())
    return (100 * (int(values[telling].sum()) - LONE_PENALTY * int(alone.sum()))) // count if count else None


LONE_PENALTY = 5
"""For one Han character inside a Latin word: cp1252 read as GB18030 turns "don\u2019t" into "don\u6298"."""


def _ascii_letter(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return ((points | 0x20) >= 0x61) & ((points | 0x20) <= 0x7A)


@cache
def _plausibility() -> NDArray[np.int8]:
    """How usual a character of the basic plane is, from -4 to 4."""
    table = np.full(0x10000, -4, dtype=np.int8)
    table[0x20:0x7F] = 2
    table[[0x09, 0x0A, 0x0D]] = 2
    table[0xA0:0x250] = -2
    _set(table, 1, _row("gb2312", range(0xA1, 0xAA)), _row("big5", range(0xA1, 0xA4)), _row("shift_jis", range(0x81, 0x85)))
    table[0x3400:0xA000] = -3
    table[0xAC00:0xD7A4] = -2
    _set(table, -1, _row("gb2312", range(0xD8, 0xF8)), _row("big5", range(0xC9, 0xFA)))
    _set(table, 2, _row("gb2312", range(0xB0, 0xD8)), _row("big5", range(0xA4, 0xC7)), _row("shift_jis", range(0x88, 0x98)))
    _set(table, 2, _row("euc_kr", range(0xB0, 0xC9)), (chr(point) for point in (*range(0x3041, 0x30FF), *range(0x3000, 0x3020))))
    _set(table, 2, (chr(point) for point in range(0xFF01, 0xFF5F)))
    table[0xFF61:0xFFA0] = -2  # half-width kana: what GB18030 becomes when it is read as Shift-JIS
    _set(table, 3, "→àáâãäåæçèéêëìíîïñòóôõöøùúûüýßœ«»°§’“”‘–—…€•©®·")
    _set(table, 1, "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒ\xa0£±²½™„")
    _set(table, 4, FREQUENT)
    return table


FREQUENT = (
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家用"
    "這為來個們說國時於會後對裡過發經學與從實點無現"
    "이다는을의에가고하지로기는한은사리도를서자정시그대인아어해수나일있"
    "のにはをたがでてとしれさいなあるこらもすりっまかー、。，"
)
"""A page of Chinese, Korean or Japanese is full of these; what comes out of the wrong codec is not."""


def _row(encoding: str, leads: Iterable[int]) -> Iterable[str]:
    """The characters of two bytes with these first bytes."""
    for lead in leads:
        yield from "".join(bytes((lead, trail)).decode(encoding, "ignore") for trail in range(0x40, 0xFF))


def _set(table: NDArray[np.int8], value: int, *groups: Iterable[str]) -> None:
    for characters in groups:
        table[[point for point in map(ord, characters) if 0x80 <= point < 0x10000]] = value
