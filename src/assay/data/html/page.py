"""From the bytes of an HTML page to its title and text: decoded here, extracted by a library in a child process."""

import codecs

from assay.data.cleaning.decoding import read_marked, replace_bad
from assay.data.cleaning.detection import codec_named, declared_charset
from assay.data.cleaning.drop import Drop
from assay.data.html.child import MEMORY_BYTES
from assay.data.html.process import NOT_UTF8, extract_apart
from assay.data.reading.record import Change, decode_record, undecodable

PAGE_LIMIT_BYTES = MEMORY_BYTES
"""A page beyond it is a data file with tags."""
BYTES_PER_BAD_BYTE = 50
"""At least, of a page that is read as it declares though it is no plausible text in that encoding."""
ALL_TEXT = "all_text"
"""The extractor for HTML that is no web page, such as a mail: all that is visible."""


def read_page(
    content: bytes,
    charset: str | None = None,
    extractor: str = "resiliparse",
    is_xhtml: bool = False,
    record: str = "1",
    changes: list[Change] | None = None,
) -> dict[str, str] | Drop:
    """{title, text} of one page. `charset` is what the transport declared; a byte order mark wins over it, it over the page's own word.

    Bad bytes, and an encoding that is neither UTF-8 nor declared, are added to `changes` under the name of the record. XHTML is read as XML
    where it is well-formed, else as browsers read HTML; a page that begins with an XML declaration is taken for XHTML.
    """
    content = without_nuls(content)
    declared = [name for name in (charset, declared_charset(content)) if name]
    codec = next((name for label in declared if (name := codec_named(label))), "utf-8")
    if codec == "utf-8":  # most pages: decoded once, by the child
        found = _extracted(content.removeprefix(codecs.BOM_UTF8), extractor, is_xhtml)
        if found != NOT_UTF8:
            return found
    changes = [] if changes is None else changes
    text = decode_record(content, ["auto"], declared, record, changes)
    if isinstance(text, Drop) and declared:
        text = _as_declared(content, codec, record, changes) or text
    return text if isinstance(text, Drop) else _extracted(text.encode("utf-8", "replace"), extractor, is_xhtml)


def _as_declared(content: bytes, codec: str, record: str, changes: list[Change]) -> str | None:
    """The text of a page in no plausible encoding, as browsers show it: in the declared one. None where it is far from that."""
    found = read_marked(content, codec)
    if found.bad_bytes * BYTES_PER_BAD_BYTE > len(content):
        return None
    if found.bad_bytes:
        changes.append(undecodable(record, found.text))
    return replace_bad(found.text)


def read_fragment(text: str) -> dict[str, str] | Drop:
    """{title, text} of decoded HTML that is no web page, such as a field of a record: all that is visible."""
    return _extracted(text.encode("utf-8", "replace"), ALL_TEXT, False)


def _extracted(content: bytes, extractor: str, is_xhtml: bool) -> dict[str, str] | Drop:
    if len(content) > PAGE_LIMIT_BYTES:
        return Drop("html_too_large")
    found = extract_apart(content, extractor, is_xhtml or content.lstrip().startswith(b"<?xml"))
    return found if isinstance(found, Drop) else {"title": found[0], "text": found[1]}


def without_nuls(content: bytes) -> bytes:
    """NUL bytes stand for nothing in a page or a mail, but in UTF-16 they are half of a letter."""
    return content if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else content.replace(b"\0", b"")
