"""Which blocks of a page are its text, and how they are written one after the other.

The block fields are those of kernel_scan.py. Only the last function is cached: the others are compiled into it.
"""

from typing import Any

import numpy as np

from assay.data.html.kernel_characters import Tables
from assay.data.html.kernel_scan import (
    BEFORE,
    BLOCK_FIELDS,
    BLOCKS,
    CELL,
    DEPTH_LIMIT,
    DEPTH_OF_LIST,
    END,
    IS_BOILER,
    IS_HEADING,
    IS_MAIN,
    IS_TITLE,
    IS_TOP,
    KIND,
    LINE,
    LINKED,
    MARK,
    PARAGRAPH,
    START,
    STATE_FIELDS,
    STATUS,
    scan,
)
from assay.data.kernel_cache import njit

MAIN_BYTES = 200
"""A part marked as the main one is believed when it holds this much text, or a fourth of what is no navigation."""
BOILER_SHARE = 10
"""Where navigation and footers would leave less than a tenth of the text, their marks are not believed: some pages lie in one <aside>."""
LINKS_IN_A_ROW = 3
"""Short blocks that are mostly links, so many or more together, are a menu nobody marked as one."""
LINKS_IN_A_ROW_OF_MAIN = 5
"""In a part marked as the main one: a table of contents, which a reader follows and does not read. Fewer are a list of sources."""
SHORT_BYTES = 200
LIST_LEVELS = 8
CELL_BYTES = 200
"""Longer cells are the columns of a page's layout, not of a table: they get a line each."""
BYTES_ADDED_PER_BLOCK = 2 * LIST_LEVELS + 24
"""At most: line ends, indentation, the number of a list item."""


@njit(nogil=True)
def mostly_links(block: Any) -> bool:
    size = block[END] - block[START]
    return size <= SHORT_BYTES and 2 * block[LINKED] > size and not block[KIND] & IS_HEADING


@njit(nogil=True)
def drop_menus(blocks: Any, keep: Any, least: int) -> None:
    first = 0
    while first < len(blocks):
        last = first
        while last < len(blocks) and keep[last] and mostly_links(blocks[last]):
            last += 1
        if last - first >= least:
            for number in range(first, last):
                keep[number] = False
        first = max(last, first + 1)


@njit(nogil=True)
def choose(blocks: Any, keep: Any) -> None:
    """Set `keep`, bool (N,)."""
    total = plain = main = 0
    for number in range(len(blocks)):
        kind, size = blocks[number, KIND], blocks[number, END] - blocks[number, START]
        if not kind & IS_TITLE:
            total += size
            plain += size if not kind & IS_BOILER else 0
            main += size if kind & IS_MAIN and not kind & IS_BOILER else 0
    wants_main = main >= MAIN_BYTES or 4 * main > plain
    wants_plain = plain * BOILER_SHARE >= total
    has_top = False
    for number in range(len(blocks)):
        kind = blocks[number, KIND]
        keep[number] = not kind & IS_TITLE and not (wants_plain and kind & IS_BOILER) and (kind & IS_MAIN or not wants_main)
        has_top |= keep[number] and kind & IS_TOP
    drop_menus(blocks, keep, LINKS_IN_A_ROW_OF_MAIN if wants_main else LINKS_IN_A_ROW)
    for number in range(len(blocks)):
        if not has_top and blocks[number, KIND] & IS_TOP:  # the heading of an article stands in the page's <header> at times
            has_top = keep[number] = True


@njit(nogil=True)
def write_mark(block: Any, final: Any, at: int) -> int:
    """The dash or number of a list item, two blanks deeper for each list around it."""
    level = min(block[DEPTH_OF_LIST], LIST_LEVELS) - 1
    for _ in range(2 * level):
        final[at] = 32
        at += 1
    if block[MARK] < 0:
        final[at] = 45
        at += 1
    else:
        size, rest = 1, block[MARK]
        while rest >= 10:
            rest //= 10
            size += 1
        rest = block[MARK]
        for step in range(size):
            final[at + size - 1 - step] = 48 + rest % 10
            rest //= 10
        final[at + size] = 46
        at += size + 1
    final[at] = 32
    return at + 1


@njit(nogil=True)
def write_blocks(blocks: Any, keep: Any, out: Any, final: Any, at: int) -> int:
    """Append the kept blocks to `final`; return where they end."""
    first, before, size_before = True, 0, 0
    for number in range(len(blocks)):
        block = blocks[number]
        size = block[END] - block[START]
        before = max(before, block[BEFORE]) if block[BEFORE] != CELL else CELL
        if not keep[number]:
            before = PARAGRAPH if before == CELL else before
            continue
        if not first and before == CELL and size <= CELL_BYTES and size_before <= CELL_BYTES:
            final[at], final[at + 1], final[at + 2] = 32, 124, 32
            at += 3
        elif not first:
            for _ in range(2 if before == PARAGRAPH else 1):
                final[at] = 10
                at += 1
        if block[MARK] != 0:
            at = write_mark(block, final, at)
        for place in range(block[START], block[END]):  # a slice would take numba three more seconds to compile
            final[at] = out[place]
            at += 1
        first, before, size_before = False, LINE, size
    return at


@njit(nogil=True)
def count_tags(content: Any, offsets: Any) -> tuple[int, int]:
    """(most < of one page, < of all): no page has more blocks."""
    most = total = 0
    for number in range(len(offsets) - 1):
        count = 0
        for place in range(offsets[number], offsets[number + 1]):
            count += content[place] == 60
        most = max(most, count)
        total += count
    return most, total


@njit(cache=True, nogil=True)
def texts_of_pages(content: Any, offsets: Any, tables: Tables) -> tuple[Any, Any, Any, Any, Any]:
    """(texts, their offsets, titles, their offsets, status of each page) of pages content[offsets[i] : offsets[i + 1]]."""
    count = len(offsets) - 1
    most, tags = count_tags(content, offsets)
    longest = 0
    for number in range(count):
        longest = max(longest, offsets[number + 1] - offsets[number])
    out = np.empty(2 * longest + 64, dtype=np.uint8)
    blocks, keep = np.empty((most + 2, BLOCK_FIELDS), dtype=np.int64), np.empty(most + 2, dtype=np.bool_)
    state, stack = np.zeros(STATE_FIELDS, dtype=np.int64), np.zeros((DEPTH_LIMIT, 3), dtype=np.int64)
    size = 2 * (offsets[count] - offsets[0]) + BYTES_ADDED_PER_BLOCK * (tags + 2 * count)
    texts, titles = np.empty(size, dtype=np.uint8), np.empty(size, dtype=np.uint8)
    text_ends, title_ends, status = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64), np.zeros(count, np.int64)
    for number in range(count):
        scan(content, offsets[number], offsets[number + 1], tables, state, stack, out, blocks)
        status[number] = state[STATUS]
        text_ends[number + 1], title_ends[number + 1] = text_ends[number], title_ends[number]
        if state[STATUS]:
            continue
        found, kept = blocks[: state[BLOCKS]], keep[: state[BLOCKS]]
        choose(found, kept)
        text_ends[number + 1] = write_blocks(found, kept, out, texts, text_ends[number])
        for place in range(len(found)):
            kept[place] = found[place, KIND] & IS_TITLE
        title_ends[number + 1] = write_blocks(found, kept, out, titles, title_ends[number])
    return texts[: text_ends[count]].copy(), text_ends, titles[: title_ends[count]].copy(), title_ends, status
