"""Bytes of a page's text: letters, blanks, words by their hash, and the characters that stand behind & and a name or number.

`content` uint8; `start`, `place`, `end` positions in it; `out` uint8, written at `at`. Not cached
by itself: see kernel_choose.py.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.data.kernel_cache import njit

_OFFSET, _PRIME = np.int64(-3750763034362895579), np.int64(1099511628211)
_SIGNS_AFTER_AMP = 32


class Tables(NamedTuple):
    """Of each table the hashes (int64, 0: a free place) and what they stand for; `entity_spans` (N, 2) lie in `characters`."""

    tags: NDArray[np.int64]
    tag_flags: NDArray[np.int64]
    hints: NDArray[np.int64]
    hint_flags: NDArray[np.int64]
    attributes: NDArray[np.int64]
    attribute_kinds: NDArray[np.int64]
    entities: NDArray[np.int64]
    entity_spans: NDArray[np.int64]
    characters: NDArray[np.uint8]
    cp1252: NDArray[np.int64]


@njit(nogil=True)
def hash_of(content: Any, start: int, end: int, fold: bool) -> int:
    """FNV-1a, of small letters where `fold`."""
    found = _OFFSET
    for place in range(start, end):
        byte = np.int64(content[place])
        if fold and 65 <= byte <= 90:
            byte += 32
        found = (found ^ byte) * _PRIME
    return int(found)


@njit(nogil=True)
def slot_of(keys: Any, key: int) -> int:
    """Where a hash lies in a table, or -1."""
    slot = key & (len(keys) - 1)
    while keys[slot] != 0:
        if keys[slot] == key:
            return slot
        slot = (slot + 1) & (len(keys) - 1)
    return -1


@njit(nogil=True)
def is_letter(byte: int) -> bool:
    return 97 <= (byte | 32) <= 122


@njit(nogil=True)
def is_blank(byte: int) -> bool:
    return byte == 32 or 9 <= byte <= 13


@njit(nogil=True)
def find(content: Any, start: int, end: int, byte: int) -> int:
    while start < end and content[start] != byte:
        start += 1
    return start


# --- characters ---


@njit(nogil=True)
def put_point(out: Any, at: int, point: int) -> int:
    """Write a character as UTF-8; what is no character as U+FFFD."""
    if point == 0 or 0xD800 <= point < 0xE000 or point > 0x10FFFF:
        point = 0xFFFD
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | point >> 6
    elif point < 0x10000:
        out[at] = 0xE0 | point >> 12
    else:
        out[at] = 0xF0 | point >> 18
    count = 1 if point < 0x800 else 2 if point < 0x10000 else 3
    for step in range(count):
        out[at + 1 + step] = 0x80 | (point >> (6 * (count - 1 - step))) & 0x3F
    return at + count + 1


@njit(nogil=True)
def numeric_point(content: Any, place: int, end: int) -> tuple[int, int]:
    """The number after `&#` and where it ends; -1 where there is none. Digits past any character's number change nothing more."""
    base = 10
    if place < end and content[place] | 32 == 120:
        base = 16
        place += 1
    first, point = place, 0
    while place < end:
        byte = np.int64(content[place])
        digit = int(byte - 48 if 48 <= byte <= 57 else (byte | 32) - 87 if base == 16 and 97 <= (byte | 32) <= 102 else -1)
        if digit < 0:
            break
        point = min(point * base + digit, 0x110000)
        place += 1
    if place == first:
        return -1, place
    if place < end and content[place] == 59:
        place += 1
    return point, place


@njit(nogil=True)
def named_entity(content: Any, place: int, end: int, tables: Tables) -> tuple[int, int]:
    """Slot of the longest name at `place`, and where it ends; -1 for none. Names without `;` are at most six letters."""
    stop = place
    while stop < end and stop - place < _SIGNS_AFTER_AMP and (is_letter(content[stop]) or 48 <= content[stop] <= 57):
        stop += 1
    if stop < end and content[stop] == 59:
        slot = slot_of(tables.entities, hash_of(content, place, stop + 1, False))
        if slot >= 0:
            return slot, stop + 1
    for shorter in range(min(stop, place + 6), place + 1, -1):
        slot = slot_of(tables.entities, hash_of(content, place, shorter, False))
        if slot >= 0:
            return slot, shorter
    return -1, place


@njit(nogil=True)
def put_entity(content: Any, place: int, end: int, tables: Tables, out: Any, at: int) -> tuple[int, int]:
    """Decode what follows the & at `place` to `out`; the & itself where it begins no name. Returns both new positions."""
    if place + 1 < end and content[place + 1] == 35:
        point, after = numeric_point(content, place + 2, end)
        if point >= 0:
            if 0x80 <= point < 0xA0:  # cp1252 is meant: browsers read it so
                point = int(tables.cp1252[point - 0x80])
            return after, put_point(out, at, point)
    else:
        slot, after = named_entity(content, place + 1, end, tables)
        if slot >= 0:
            for source in range(tables.entity_spans[slot, 0], tables.entity_spans[slot, 1]):
                out[at] = tables.characters[source]
                at += 1
            return after, at
    out[at] = 38
    return place + 1, at + 1
