"""From the bytes of an HTML page to its title and text: navigation, footers, scripts and hidden parts left out, lists, tables and code
kept readable."""

import codecs
import re

import numpy as np

from assay.data.batch import TextBatch
from assay.data.cleaning.decoding import decode
from assay.data.cleaning.drop import Drop

PAGE_LIMIT_BYTES = 16 * 2**20
"""A page beyond it is a data file with tags; memory is a small multiple of it."""
_HEAD_BYTES = 2048
_CHARSET = re.compile(rb"<meta[^<>]{0,256}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_READ_AS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""As browsers do: pages that name the smaller set hold characters of the larger."""
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "charmap", "palmos"))


def read_page(content: bytes, charset: str | None = None) -> dict[str, str] | Drop:
    """{title, text} of one page. `charset` is what the transport declared; a byte order mark wins over it, it over the page's own word."""
    text = page_characters(content, charset)
    return text if isinstance(text, Drop) else _one(text)


def read_fragment(text: str) -> dict[str, str] | Drop:
    """The same of decoded HTML."""
    return _one(text)


def _one(text: str) -> dict[str, str] | Drop:
    content = text.encode("utf-8", "replace")
    if len(content) > PAGE_LIMIT_BYTES:
        return Drop("html_too_large")
    titles, texts, too_deep = read_pages(TextBatch(np.frombuffer(content, np.uint8), np.array([0, len(content)], np.int64)))
    return Drop("html_too_deep") if too_deep[0] else {"title": titles.text(0), "text": texts.text(0)}


def read_pages(pages: TextBatch) -> tuple[TextBatch, TextBatch, np.typing.NDArray[np.bool_]]:
    """(titles, texts, which pages nest deeper than 256 elements and are given up) of decoded pages, each within PAGE_LIMIT_BYTES."""
    from assay.data.html.kernel_choose import texts_of_pages
    from assay.data.html.names import tables

    content = pages.content.view()
    content.flags.writeable = False  # one type for numba, or it compiles twice
    texts, text_ends, titles, title_ends, status = texts_of_pages(content, pages.offsets, tables())
    return TextBatch(titles, title_ends), TextBatch(texts, text_ends), status != 0


def page_characters(content: bytes, charset: str | None) -> str | Drop:
    """A page decoded by its mark, its transport, its own <meta>, or as UTF-8 or cp1252 in that order, as browsers read pages that say nothing."""
    found = _CHARSET.search(content[:_HEAD_BYTES])
    declared = [name for name in (charset, found[1].decode() if found else None) if name]
    encodings = [name for word in declared if (name := python_name(word))]
    read = decode(without_nuls(content), [*dict.fromkeys([*encodings, "utf-8", "cp1252"])])
    return read if isinstance(read, Drop) else read[0]


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
