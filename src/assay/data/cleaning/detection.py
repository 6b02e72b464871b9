"""Which encoding bytes are in: byte order mark, declaration, UTF-8, else the encoding whose characters look most like writing.

A legacy encoding reads nearly any bytes, so validity alone tells little. Each candidate is scored by how usual its characters are.
Python's own codecs say which those are: the standards put frequent characters in a first level (GB 2312, Big5, JIS X 0208).
UTF-8 is different: text in another encoding hardly ever forms its multi-byte sequences, so many valid sequences beside few invalid
bytes mean a UTF-8 file with a few bad spots.
"""

import codecs
import mmap
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.cleaning.drop import Drop
from assay.data.maps import give_back

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CANDIDATES = ("utf-8", "gb18030", "big5", "cp1252", "shift_jis", "euc_kr", "utf-16-le", "utf-16-be")
"""Encodings that are tried. Of equal scores the earlier wins. ISO 8859-1 is read as cp1252, GB 2312 and GBK as GB18030, as browsers do."""
SAMPLE_BYTES = 8192
PIECE_BYTES = 2**20
DECLARATION_BYTES = 1024
"""Where the HTML standard looks for a declared charset."""
WEAK_EVIDENCE_BYTES = 6
"""With fewer continuation bytes of valid UTF-8 sequences beyond the number of invalid bytes, other encodings are looked at."""
CONTROLS_LIMIT = 20
"""Bytes of text for each NUL or other control character. UTF-16 and binary files have fewer."""
LEAST_OTHER_LETTERS = 10
"""With fewer, a word such as "\u00e9t\u00e9" would count as another alphabet."""
ABSURD_SCORE = -300
"""At most this much has what is written in no language: rare characters throughout, or Chinese ones inside Latin words."""
_NOT_STRICT_PENALTY = 50
_LATIN = frozenset(("cp1252", "iso8859-1", "iso8859-15"))
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\v\f\r\x1b"})
_SURROGATE_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""A character beyond U+FFFF as CESU-8 writes it."""
_PUNCTUATION = re.compile(rb"\xe2\x80[\x93\x94\x98-\x9e\xa6]")
"""Dashes, quotation marks and the ellipsis in UTF-8; rare characters in any double-byte encoding."""
_DECLARED = re.compile(
    rb"""<(?:\?xml[^>]{0,200}?\sencoding|meta\s[^>]{0,200}?charset)\s{0,8}=\s{0,8}["']?\s{0,8}([A-Za-z0-9_:.-]{1,40})""", re.I
)
_COOKIE = re.compile(rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
_BLANK_OR_COMMENT = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")
_AS_BROWSERS_DO = {
    **dict.fromkeys(("iso8859-1", "cp1252"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "hz"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "big5"),
    **dict.fromkeys(("shift_jis", "cp932"), "shift_jis"),
    **dict.fromkeys(("euc_kr", "cp949"), "euc_kr"),
    **dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be"), "utf-8"),  # what could be read byte by byte is not in UTF-16
}
_NOT_CHARSETS = frozenset(
    ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "charmap", "palmos", "utf-7")
)


def detect_encoding(content: bytes, listed: Sequence[str] | None = None, declared: Sequence[str] = ()) -> str | Drop:
    """The codec to read `content` with, or the reason that there is none. A few of the bytes may be invalid in it.

    In this order: the byte order mark, which is not part of the text; the first declared encoding that reads every byte; valid or nearly
    valid UTF-8; a declared encoding that reads nearly every byte; of `listed`, or of all that are known, the one whose characters are the
    most plausible.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding if _nearly_fits(content[len(mark) :], encoding) else Drop("undecodable")
    holds_nul = b"\0" in content
    names = [name for label in declared if (name := codec_named(label)) is not None]
    if not holds_nul:
        for name in names:
            if _fits(content, name) and not (name != "utf-8" and _overruled(content, name)):
                return name
    candidates = CANDIDATES if listed is None else listed
    if "utf-8" in candidates and ((not holds_nul and _fits(content, "utf-8")) or nearly_utf8(content, candidates)):
        return "utf-8"
    if holds_nul:
        candidates = [name for name in candidates if name.startswith("utf-16") and len(content) % 2 == 0]
    elif (name := next((name for name in names if _nearly_fits(content, name)), None)) is not None:
        return name
    found = _likeliest(content, candidates, 0 if listed is None else ABSURD_SCORE)
    if found is None and holds_nul:
        return Drop("nul_bytes")
    if found == "cp1252" and listed is None and _is_another_alphabet(_sample(content)):
        return Drop("undecodable")
    return found or Drop("undecodable")


def _is_another_alphabet(sample: bytes) -> bool:
    """Whether the letters are mostly not ASCII's, as those of Russian, Greek or Arabic are in an encoding of one byte: cp1252 reads any bytes."""
    values = np.frombuffer(sample, dtype=np.uint8)
    others = int((values >= 0xC0).sum())
    return others >= LEAST_OTHER_LETTERS and others > int(_ascii_letter(values).sum())


def _likeliest(content: bytes, candidates: Sequence[str], floor: int) -> str | None:
    """The candidate with the best score above `floor` that reads all or nearly all bytes."""
    legacy = [name for name in candidates if name != "utf-8" and (not name.startswith("utf-16") or len(content) % 2 == 0)]
    sample = _sample(content)
    scored = [(score, -place, name) for place, name in enumerate(legacy) if (score := _score(sample, name)) is not None]
    for score, _, name in sorted(scored, reverse=True):
        if score > floor and _nearly_fits(content, name):
            return name
    return None


def nearly_utf8(content: bytes | mmap.mmap, rivals: Sequence[str] = CANDIDATES) -> bool:
    """Whether the bytes are UTF-8 with a few bad spots at most: invalid bytes, a cut character, surrogates, NULs among text.

    At least as many continuation bytes in valid sequences are asked for as there are invalid bytes. In text of another encoding there are
    fewer than one for four: 18 % of the Chinese characters of GB 2312 look like a sequence, and no accented Latin letter before a letter.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    continuation = bad = controls = nuls = 0
    for piece in _pieces(content):
        kept = decoder.decode(piece)
        kept_bytes = len(kept) if kept.isascii() else len(kept.encode())
        pairs = len(_SURROGATE_PAIR.findall(piece))
        continuation += kept_bytes - len(kept) + 4 * pairs
        bad += len(piece) - kept_bytes - 6 * pairs
        if b"\0" in piece:
            nuls += piece.count(b"\0")
            controls += len(piece) - len(piece.translate(None, _CONTROLS))
        if bad > PIECE_BYTES // 100 and bad > 4 * continuation:
            return False
    cut = len(decoder.getstate()[0])  # of the last character; one error, however long
    bad -= max(0, cut - 1)
    if controls * CONTROLS_LIMIT > len(content):
        return False
    if continuation < bad:
        return False
    return not bad or continuation >= bad + WEAK_EVIDENCE_BYTES or not _plausible_double_byte(bytes(content), rivals)


def _plausible_double_byte(content: bytes, rivals: Sequence[str]) -> bool:
    if _PUNCTUATION.search(content):
        return False
    names = [name for name in ("gb18030", "big5", "shift_jis", "euc_kr") if name in rivals and _fits(content, name)]
    return any((score := _score(_sample(content), name)) is not None and score >= 100 for name in names)


def _pieces(content: bytes | mmap.mmap) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]
        if isinstance(content, mmap.mmap):
            give_back(content)


def is_utf8(content: mmap.mmap) -> bool:
    """Whether a mapped file without a byte order mark is UTF-8, a few bad spots allowed; it is read a piece at a time."""
    if any(content[: len(mark)] == mark for mark, _ in MARKS):
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(content):
            if b"\0" in piece:
                return nearly_utf8(content)
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return nearly_utf8(content)
    return True


def _overruled(content: bytes, declared: str) -> bool:
    """Whether bytes that a declared encoding reads are UTF-8 all the same: valid, with more sequences than chance would make.

    One is enough against Latin letters, which are no pairs like \u00c3\u00a4; two characters of Chinese can be valid UTF-8 by chance.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(content) - len(text) >= (1 if declared in _LATIN else 4)


def declared_charset(content: bytes) -> str | None:
    """Return the codec for the encoding that an HTML or XML page declares in its first 1,024 bytes, as browsers read it; None if nothing known."""
    found = _DECLARED.search(content[:DECLARATION_BYTES])
    return None if found is None else codec_named(found[1].decode("ascii"))


def coding_cookie(content: bytes) -> str | None:
    """Return the codec that a Python file declares in a comment in its first or second line (PEP 263); None if nothing known."""
    found = _COOKIE.match(content)
    if found is None and (first := _BLANK_OR_COMMENT.match(content)) is not None:
        found = _COOKIE.match(content, first.end())
    return None if found is None else codec_named(found[1].decode("ascii", "replace"))


def codec_named(label: str) -> str | None:
    """The codec for a declared encoding, as browsers take it; None for one that is not known, or none of text."""
    try:
        found = codecs.lookup(label.strip().lower())
    except (LookupError, ValueError):
        return None
    name = _AS_BROWSERS_DO.get(found.name, found.name)
    usable = getattr(found, "_is_text_encoding", True) and name.replace("_", "-") not in _NOT_CHARSETS and not name.startswith("utf-32")
    return name if usable else None


def _fits(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _nearly_fits(content: bytes, encoding: str) -> bool:
    """Whether all bytes can be read, or there are enough readable characters outside ASCII for each that can't."""
    if encoding == "utf-8":
        return _fits(content, encoding) or nearly_utf8(content)
    if _fits(content, encoding):
        return True
    text = content.decode(encoding, "ignore")
    readable = len(text) - len(re.findall(r"[\0-\x7f]", text)) if not encoding.startswith("utf-") else len(text)
    try:
        bad = len(content) - len(text.encode(encoding))
    except UnicodeEncodeError:  # a few characters of Big5 can't be written back
        return False
    return bad * (50 if encoding in _LATIN or encoding.startswith("utf-") else 10) <= readable


def _sample(content: bytes) -> bytes:
    """From the line of the first byte outside ASCII: what comes before reads the same in all but UTF-16."""
    if b"\0" in content[:SAMPLE_BYTES] or len(content) <= SAMPLE_BYTES:
        return content[:SAMPLE_BYTES]
    first = re.search(rb"[\x80-\xff]", content)
    start = 0 if first is None else max(0, content.rfind(b"\n", 0, first.start()) + 1, first.start() - SAMPLE_BYTES // 2)
    return content[start - start % 2 :][:SAMPLE_BYTES]


def _score(sample: bytes, encoding: str) -> int | None:
    """Mean plausibility of the characters that tell, times 100; None where none does, or where UTF-16 can't be read."""
    strict = True
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample, final=False)
    except UnicodeError:
        if encoding.startswith("utf-16"):
            return None
        text, strict = sample.decode(encoding, "replace"), False
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    points = points[points < 0x10000] if encoding.startswith("utf-16") else np.minimum(points, 0xFFFF)
    values = _plausibility()[points]
    around = np.pad(points, 1)
    han, letter = (around >= 0x3400) & (around < 0xA000), _ascii_letter(around)
    alone = han[1:-1] & ~han[:-2] & ~han[2:] & (letter[:-2] | letter[2:])
    telling = points >= 0x80 if not encoding.startswith("utf-16") else points >= 0
    count = int(telling.sum())
    if not count:
        return None
    score = (100 * (int(values[telling].sum()) - LONE_PENALTY * int(alone.sum()))) // count
    return score if strict else score - _NOT_STRICT_PENALTY


LONE_PENALTY = 5
"""For one Han character inside a Latin word: cp1252 read as GB18030 turns "don\u2019t" into "don\u6298"."""


def _ascii_letter(points: NDArray[Any]) -> NDArray[np.bool_]:
    return ((points | 0x20) >= 0x61) & ((points | 0x20) <= 0x7A)


@cache
def _plausibility() -> NDArray[np.int8]:
    """Return how usual each character of the basic plane is, from -4 to 4."""
    table = np.full(0x10000, -4, dtype=np.int8)
    table[0x20:0x7F] = 2
    table[[0x09, 0x0A, 0x0D]] = 2
    table[0xA0:0x250] = -2
    for first, end in (
        (0x5D0, 0x5EB),
        (0x620, 0x6FF),
        (0xE01, 0xE5C),
    ):  # Hebrew, Arabic, Thai: in no candidate but UTF-16, where controls stand
        table[first:end] = 1
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
