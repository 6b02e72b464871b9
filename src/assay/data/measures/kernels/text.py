"""Bytes, characters and hashes as compiled passes read them."""

from typing import Any

import numpy as np

from assay.data.intrinsics import eight_bytes
from assay.data.kernel_cache import njit

FIRST = np.uint64(0x9E3779B97F4A7C15)
SECOND = np.uint64(0xC2B2AE3D27D4EB4F)
HALF = np.uint64(32)
BYTE = np.uint64(8)
ONE = np.uint64(1)


@njit(cache=True, nogil=True)
def hash_of(content: Any, start: int, end: int) -> Any:
    """64 bits of content[start:end]. Equal bytes give equal hashes in one process; the value itself is never stored."""
    found = FIRST ^ np.uint64(end - start)
    place = start
    while place + 8 <= end:
        found = (found ^ eight_bytes(content, place)) * SECOND
        found ^= found >> HALF
        place += 8
    if place < end:
        if place + 8 <= content.size:
            rest = eight_bytes(content, place) & ((ONE << (BYTE * np.uint64(end - place))) - ONE)
        else:
            rest = np.uint64(0)
            for back in range(end - 1, place - 1, -1):
                rest = (rest << BYTE) | np.uint64(content[back])
        found = (found ^ rest) * SECOND
        found ^= found >> HALF
    found *= FIRST
    return found ^ (found >> HALF)


@njit(cache=True, nogil=True)
def hash_of_short(rest: Any, size: int) -> Any:
    """Return hash_of for 1 to 8 bytes, the first lowest in `rest`, the others 0."""
    found = (FIRST ^ np.uint64(size) ^ rest) * SECOND
    found ^= found >> HALF
    found *= FIRST
    return found ^ (found >> HALF)


@njit(cache=True, nogil=True)
def mixed(left: Any, right: Any) -> Any:
    """One hash of two, whose order counts."""
    found = (left ^ (right * FIRST + SECOND)) * SECOND
    return found ^ (found >> HALF)


@njit(cache=True, nogil=True)
def find_or_add(table: Any, mask: int, generation: int, key: Any, number: int) -> int:
    """The number kept under `key`, or `number`, now kept. Slots of another generation count as empty, so nothing is ever cleared.

    `table` uint64 (2 x slots): key, then generation << 32 | number. At most half of the slots may be used.
    """
    slot = np.int64(key & np.uint64(mask))
    while True:
        kept = table[2 * slot + 1]
        if np.int64(kept >> HALF) != generation:
            table[2 * slot] = key
            table[2 * slot + 1] = (np.uint64(generation) << HALF) | np.uint64(number)
            return number
        if table[2 * slot] == key:
            return int(np.int64(kept & np.uint64(0xFFFFFFFF)))
        slot = (slot + 1) & mask


@njit(cache=True, nogil=True)
def holds(table: Any, key: Any) -> bool:
    """Whether `key` is in a table that find_or_add filled in one generation."""
    mask = table.size // 2 - 1
    slot = np.int64(key & np.uint64(mask))
    while table[2 * slot + 1] != 0:
        if table[2 * slot] == key:
            return True
        slot = (slot + 1) & mask
    return False


@njit(cache=True, nogil=True)
def mask_for(entries: int) -> int:
    """Slots - 1 of a table for so many entries: a power of two at least twice as large."""
    slots = 16
    while slots < 2 * entries:
        slots *= 2
    return slots - 1


@njit(cache=True, nogil=True)
def character_at(content: Any, place: int) -> tuple[int, int]:
    """(code point, bytes) of the well-formed character that begins at `place`."""
    lead = int(content[place])
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | (int(content[place + 1]) & 0x3F), 2
    if lead < 0xF0:
        return (lead & 0xF) << 12 | (int(content[place + 1]) & 0x3F) << 6 | (int(content[place + 2]) & 0x3F), 3
    return (
        (lead & 7) << 18 | (int(content[place + 1]) & 0x3F) << 12 | (int(content[place + 2]) & 0x3F) << 6 | (int(content[place + 3]) & 0x3F)
    ), 4


@njit(cache=True, nogil=True)
def last_character(content: Any, start: int, end: int) -> tuple[int, int]:
    """(code point, bytes) of the character that ends before `end`, which is above `start`."""
    place = end - 1
    while place > start and content[place] & 0xC0 == 0x80:
        place -= 1
    return character_at(content, place)


@njit(cache=True, nogil=True)
def count_characters(content: Any, start: int, end: int) -> int:
    count = 0
    for place in range(start, end):
        count += int(content[place] & 0xC0 != 0x80)
    return count


@njit(cache=True, nogil=True)
def stripped(content: Any, start: int, end: int, classes: Any, blank: int) -> tuple[int, int]:
    """(start, end) without the blanks at both ends, as str.strip."""
    while start < end:
        point, size = character_at(content, start)
        if classes[point] & blank == 0:
            break
        start += size
    while end > start:
        point, size = last_character(content, start, end)
        if classes[point] & blank == 0:
            break
        end -= size
    return start, end
