"""From bytes to text. A file has one encoding; bytes that are invalid in it become U+FFFD, or are marked for readers of records."""

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from assay.data.cleaning.detection import MARKS, detect_encoding
from assay.data.cleaning.drop import Drop

MARKED = re.compile("[\udc00-\udcff]+")
"""A run of NULs and of bytes that could not be decoded, each as U+DC00 + byte. No codec gives these characters for valid bytes."""
MARKING = "assay.mark_bad_bytes"
"""The error handler that does so, as bytes.decode takes it. Encoding writes an invalid byte for each such character."""


class Decoded(NamedTuple):
    text: str
    encoding: str
    bad_bytes: int = 0
    """Bytes that are invalid in the encoding, and NULs."""


def decode(content: bytes, encodings: Sequence[str], declared: Sequence[str] = ()) -> Decoded | Drop:
    """The text, its encoding and the number of bad bytes, each run of which is one U+FFFD in the text; or why it can't be read.

    `declared` is what the file or its transport says, the strongest first: it is believed where it reads every byte. Then comes UTF-8,
    valid or with a few bad spots, if `encodings` allows it; then the likeliest of `encodings`, which is ["auto"] for all known ones.
    """
    found = decode_marked(content, encodings, declared)
    if isinstance(found, Drop) or not found.bad_bytes:
        return found
    return found._replace(text=replace_bad(found.text))


def decode_marked(content: bytes, encodings: Sequence[str], declared: Sequence[str] = ()) -> Decoded | Drop:
    """The same with bad bytes as MARKED, so that a reader can tell which of its records hold them."""
    encoding = choose_encoding(content, encodings, declared)
    return encoding if isinstance(encoding, Drop) else read_marked(content, encoding)


def choose_encoding(content: bytes, encodings: Sequence[str], declared: Sequence[str] = ()) -> str | Drop:
    return detect_encoding(content, None if "auto" in encodings else encodings, declared)


def read_marked(content: bytes, encoding: str) -> Decoded:
    """Text in a known encoding without its byte order mark, its bad bytes marked."""
    mark = next((mark for mark, name in MARKS if name == encoding and content.startswith(mark)), b"")
    content = content[len(mark) :]
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode(encoding, MARKING)
    else:
        if b"\0" not in content or "\0" not in text:
            return Decoded(text, encoding)
    text = text.replace("\0", "\udc00")
    return Decoded(text, encoding, sum(map(len, MARKED.findall(text))))


def replace_bad(text: str) -> str:
    """A marked text with U+FFFD for each run of bad bytes."""
    return MARKED.sub("\ufffd", text)


def show_bad(text: str) -> str:
    r"""A marked text with bad bytes as \xff, for messages and excerpts."""
    return MARKED.sub(lambda found: "".join(f"\\x{ord(mark) & 0xFF:02x}" for mark in found[0]), text)


def around_bad(text: str) -> str | None:
    """The first bad bytes of a marked text with what stands around them; None if there are none."""
    found = MARKED.search(text)
    return None if found is None else show_bad(text[max(0, found.start() - 40) : found.start() + 40])


def well_formed(text: str) -> str | Drop:
    """Half of a surrogate pair, as JSON escapes can spell it, is no character and can't be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return Drop("lone_surrogate")
    return text


def _mark(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeDecodeError):
        return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end
    if isinstance(error, UnicodeEncodeError):
        return b"\xff" * (error.end - error.start), error.end
    raise error


codecs.register_error(MARKING, _mark)
