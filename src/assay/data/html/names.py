"""The words of HTML that decide what becomes of a text: tags, hints in class and id, and the named characters of HTML 5, as hash tables.

Kernels get them as arguments. As globals they would be frozen into a compiled file that does not notice when this one changes.
"""

from collections.abc import Mapping
from functools import cache
from html.entities import html5

import numpy as np
from numpy.typing import NDArray

from assay.data.html.kernel_characters import Tables
from assay.data.html.kernel_scan import (
    BLOCK,
    BOILER_TAG,
    BREAK,
    CELL_TAG,
    CLOSED_BY_BLOCK,
    HEADER,
    HEADING,
    HIDE,
    ITEM,
    LINK,
    LIST,
    MAIN_TAG,
    OF_ARIA,
    OF_CLASS,
    OF_HIDDEN,
    OF_ROLE,
    OF_STYLE,
    ORDERED,
    PARAGRAPH_TAG,
    PRE,
    RAW,
    ROOT,
    ROW,
    SAYS_BOILER,
    SAYS_DISPLAY,
    SAYS_HIDDEN,
    SAYS_HIDE,
    SAYS_MAIN,
    SAYS_NONE,
    SAYS_NOT,
    SAYS_VISIBILITY,
    TABLE,
    TERM,
    TITLE,
    TOP_HEADING,
    VOID,
)

_TAGS: tuple[tuple[int, str], ...] = (
    (VOID, "area base col embed img input link meta param source track wbr keygen frame bgsound"),
    (VOID | BREAK, "br"),
    (VOID | BLOCK | PARAGRAPH_TAG, "hr"),
    (RAW | HIDE, "script style iframe noframes xmp noembed textarea"),
    (RAW | TITLE, "title"),
    (HIDE, "noscript template svg object audio video canvas select datalist button dialog map applet"),
    (BLOCK | BOILER_TAG, "nav footer aside"),
    (BLOCK | HEADER, "header"),
    (BLOCK | MAIN_TAG | ROOT, "main"),
    (BLOCK | MAIN_TAG | ROOT, "article"),
    (BLOCK | ROOT, "html body"),
    (BLOCK, "address center details dir div fieldset figcaption figure form head hgroup legend menu section summary frameset search"),
    (BLOCK | PARAGRAPH_TAG, "blockquote"),
    (BLOCK | PARAGRAPH_TAG | LIST, "dl"),
    (BLOCK | PARAGRAPH_TAG | CLOSED_BY_BLOCK, "p"),
    (BLOCK | PARAGRAPH_TAG | PRE, "pre listing plaintext"),
    (BLOCK | PARAGRAPH_TAG | HEADING | TOP_HEADING, "h1"),
    (BLOCK | PARAGRAPH_TAG | HEADING, "h2 h3 h4 h5 h6"),
    (BLOCK | LIST, "ul"),
    (BLOCK | LIST | ORDERED, "ol"),
    (BLOCK | ITEM, "li"),
    (BLOCK | TERM, "dt dd"),
    (BLOCK | PARAGRAPH_TAG | TABLE, "table"),
    (BLOCK, "caption tbody thead tfoot colgroup optgroup option"),
    (BLOCK | ROW, "tr"),
    (BLOCK | CELL_TAG, "td th"),
    (LINK, "a"),
)
_HINTS: tuple[tuple[int, str], ...] = (
    (
        SAYS_BOILER,
        "nav navbar navigation navheader navfooter menu submenu sidebar sphinxsidebar footer breadcrumb breadcrumbs cookie cookies consent "
        "gdpr related share sharing social advert advertisement ads promo sponsored subscribe newsletter popup modal pagination pager "
        "skip skiplink masthead toolbar disqus complementary contentinfo banner",
    ),
    (SAYS_MAIN, "main articlebody maincontent"),
    (SAYS_HIDE, "headerlink permalink editsection noprint visuallyhidden viewcode"),
    (SAYS_NOT, "no not has with without"),  # "with-sidebar" is said of the part beside it
    (SAYS_DISPLAY, "display"),
    (SAYS_NONE, "none"),
    (SAYS_VISIBILITY, "visibility"),
    (SAYS_HIDDEN, "hidden"),
)
_ATTRIBUTES = {"class": OF_CLASS, "id": OF_CLASS, "role": OF_ROLE, "itemprop": OF_ROLE, "hidden": OF_HIDDEN, "style": OF_STYLE}
_OFFSET, _PRIME = 14695981039346656037, 1099511628211


def word_hash(word: bytes) -> int:
    """FNV-1a of 64 bits, as a signed number; `hash_of` of the kernel computes the same."""
    found = _OFFSET
    for byte in word:
        found = ((found ^ byte) * _PRIME) % 2**64
    return found - 2**64 if found >= 2**63 else found


@cache
def tables() -> Tables:
    tags = {name: flags for flags, names in _TAGS for name in names.split()}
    hints = {name: flag for flag, names in _HINTS for name in names.split()}
    entities = sorted(html5)
    values = [html5[name].encode() for name in entities]
    starts = np.cumsum([0, *map(len, values)])
    keys, places = _table({name: number for number, name in enumerate(entities)}, 8192)
    spans = np.stack([starts[places], starts[np.minimum(places + 1, len(values))]], axis=1).astype(np.int64)
    return Tables(
        *_table(tags, 512),
        *_table(hints, 512),
        *_table({**_ATTRIBUTES, "aria-hidden": OF_ARIA}, 32),
        keys,
        spans,
        np.frombuffer(b"".join(values), dtype=np.uint8).copy(),
        np.array([ord(bytes([byte]).decode("cp1252", "replace")) for byte in range(0x80, 0xA0)], dtype=np.int64),
    )


def _table(values: Mapping[str, int], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Open addressing: a hash lies at its own place or in the next free one."""
    keys, found = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for name, value in values.items():
        key = word_hash(name.encode())
        slot = key % size
        while keys[slot]:
            slot = (slot + 1) % size
        keys[slot], found[slot] = key, value
    return keys, found
