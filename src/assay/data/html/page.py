"""From the bytes of an HTML page to its title and text: decoded here, extracted by a library in a child process."""

import codecs
import re

from assay.data.cleaning.decoding import decode
from assay.data.cleaning.drop import Drop
from assay.data.html.child import MEMORY_BYTES
from assay.data.html.process import NOT_UTF8, extract_apart

PAGE_LIMIT_BYTES = MEMORY_BYTES
"""A page beyond it is a data file with tags."""
ALL_TEXT = "all_text"
"""The extractor for HTML that is no web page, such as a mail: all that is visible."""
_HEAD_BYTES = 2048
_CHARSET = re.compile(
    rb"""<(?:meta[^<>]{0,256}?charset|\?xml[^<>]{0,256}?\sencoding)\s{0,8}=\s{0,8}["']?\s{0,8}([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE
)
_READ_AS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""As browsers do: pages that name the smaller set hold characters of the larger."""
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "charmap", "palmos"))


def read_page(content: bytes, charset: str | None = None, extractor: str = "resiliparse", is_xhtml: bool = False) -> dict[str, str] | Drop:
    """{title, text} of one page. `charset` is what the transport declared; a byte order mark wins over it, it over the page's own word.

    XHTML is read as XML where it is well-formed, else as browsers read HTML; a page that begins with an XML declaration is taken for XHTML.
    """
    content = without_nuls(content)
    if [*_declared(content, charset), "utf-8"][0] == "utf-8":  # most pages: decoded once, by the child
        found = _extracted(content.removeprefix(codecs.BOM_UTF8), extractor, is_xhtml)
        if found != NOT_UTF8:
            return found
    text = page_characters(content, charset)
    return text if isinstance(text, Drop) else _extracted(text.encode("utf-8", "replace"), extractor, is_xhtml)


def read_fragment(text: str) -> dict[str, str] | Drop:
    """{title, text} of decoded HTML that is no web page, such as a field of a record: all that is visible."""
    return _extracted(text.encode("utf-8", "replace"), ALL_TEXT, False)


def _extracted(content: bytes, extractor: str, is_xhtml: bool) -> dict[str, str] | Drop:
    if len(content) > PAGE_LIMIT_BYTES:
        return Drop("html_too_large")
    found = extract_apart(content, extractor, is_xhtml or content.lstrip().startswith(b"<?xml"))
    return found if isinstance(found, Drop) else {"title": found[0], "text": found[1]}


def page_characters(content: bytes, charset: str | None) -> str | Drop:
    """A page decoded by its mark, its transport, its own <meta>, or as UTF-8 or cp1252 in that order, as browsers read pages that say nothing."""
    read = decode(without_nuls(content), ["utf-8", "cp1252"], _declared(content, charset))
    return read if isinstance(read, Drop) else read[0]


def _declared(content: bytes, charset: str | None) -> list[str]:
    """Names of the codecs for the charsets that the transport and the page itself declare."""
    found = _CHARSET.search(content[:_HEAD_BYTES])
    words = [word for word in (charset, found[1].decode() if found else None) if word]
    return [name for word in words if (name := python_name(word))]


def python_name(charset: str) -> str | None:
    """Name of the codec for a declared charset; None for what is no charset of text."""
    try:
        known = codecs.lookup(charset.strip().lower())
    except (LookupError, ValueError):
        return None
    name = _READ_AS.get(known.name, known.name)
    text = getattr(known, "_is_text_encoding", True) and name.replace("_", "-") not in _NO_CHARSETS
    return name if text and not name.startswith(("utf-16", "utf-32")) else None


def without_nuls(content: bytes) -> bytes:
    """NUL bytes stand for nothing in a page or a mail, but in UTF-16 they are half of a letter."""
    return content if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else content.replace(b"\0", b"")
