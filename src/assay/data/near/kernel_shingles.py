"""From bytes of UTF-8 to one 64-bit number for each shingle."""

from typing import Any

import numpy as np
from numba import types

from assay.data.intrinsics import eight_bytes
from assay.data.near.kernel import boolean, compiled, inlined, int64, reads, uint64, writes

TABLE_SIZE = 0x20000
"""Size of the table of characters. Above it lie rare Han characters, which are units of their own, and nothing else that is a letter."""
ALONE = 1 << 24
"""Flag of a character that is a unit of its own: scripts written without spaces, where a run of letters is a sentence."""
RING = 128
"""The last prefix values; more than the longest shingle, a power of two."""
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
BASE = np.uint64(0xD1342543DE82EF95)
"""Base of the polynomial over units: 5 modulo 8, so that the difference of two powers keeps nearly all bits."""
_30, _27, _31, _6, _12, _18 = (np.uint64(count) for count in (30, 27, 31, 6, 12, 18))
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_HAN_END = 0x323B0
_ONE, _SEVEN, _TOP, _ONES = np.uint64(1), np.uint64(7), np.uint64(56), np.uint64(0x0101010101010101)
_LOW_BITS, _HIGH_BITS, _CASES = (np.uint64(byte) * _ONES for byte in (0x7F, 0x80, 0x20))
_FROM_A, _BEHIND_Z, _FROM_0, _BEHIND_9 = (np.uint64(0x80 - byte) * _ONES for byte in (0x61, 0x7B, 0x30, 0x3A))
"""Added to a byte below 0x80 they set its highest bit from that byte on."""
_PACKED = np.uint64(1 << 63)
"""No letter of ASCII has this bit where eight are packed."""
OPENING, CLOSED = 8, 9


@inlined
def _mixed(value: Any) -> Any:
    """SplitMix64's finaliser, as in assay.data.order."""
    value = (value ^ (value >> _30)) * _M1
    value = (value ^ (value >> _27)) * _M2
    return value ^ (value >> _31)


@inlined
def _decoded(content: Any, at: Any) -> Any:
    """(code point, bytes) of the character of two bytes or more at `at`; the text is well-formed."""
    lead = np.int64(content[at])
    second = np.int64(content[at + 1]) & 0x3F
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | second, 2
    third = np.int64(content[at + 2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | second << 6 | third, 3
    return (lead & 0x07) << 18 | second << 12 | third << 6 | np.int64(content[at + 3]) & 0x3F, 4


@inlined
def _opening(eight: Any) -> Any:
    """(letters and digits of ASCII, in lower case, that eight bytes begin with, packed; how many)."""
    low, lower, ascii_only = eight & _LOW_BITS, (eight | _CASES) & _LOW_BITS, ~eight & _HIGH_BITS
    letters = (lower + _FROM_A) & ~(lower + _BEHIND_Z)
    digits = (low + _FROM_0) & ~(low + _BEHIND_9)
    others = ~((letters | digits) & ascii_only) & _HIGH_BITS
    inside = ((others & (~others + _ONE)) >> _SEVEN) - _ONE  # all bits of the bytes before the first other; all, where there is none
    return lower & inside, np.int64(((inside & _ONES) * _ONES) >> _TOP)


@inlined
def _unit(unit: Any, alone: Any, units: Any, prefix: Any, ring: Any, kinds: Any, sizes: Any, powers: Any, hashes: Any, count: Any) -> Any:
    """Add one unit to the polynomial and write the shingles that end with it."""
    prefix = prefix * BASE + unit
    kinds[units & (RING - 1)] = alone
    units += 1
    ring[units & (RING - 1)] = prefix
    for kind in range(2):
        start = units - sizes[kind]
        if start >= 0 and kinds[start & (RING - 1)] == kind:
            hashes[count] = prefix - ring[start & (RING - 1)] * powers[kind]
            count += 1
    return prefix, units, count


@compiled(
    int64(
        reads(types.uint8), reads(int64), reads(types.uint32), reads(int64), reads(uint64), uint64, boolean, writes(uint64), writes(int64)
    )
)
def shingle_hashes(content: Any, offsets: Any, table: Any, sizes: Any, powers: Any, key: Any, whole: Any, hashes: Any, bounds: Any) -> Any:
    """Hashes of text i in hashes[bounds[i] : bounds[i + 1]], in the order in which shingles end, repeats included. Returns their number.

    The letters of ASCII that a word begins with, up to eight, are hashed in one step, and each other one in a step of its own.
    `sizes` units of a shingle that starts at a word / at a character that stands alone; `powers` BASE to those powers. `whole`: a text
    shorter than a shingle is one shingle. `hashes` needs room for (bytes + 1) // 2 of every text.
    """
    ring = np.zeros(RING, dtype=np.uint64)
    kinds = np.zeros(RING, dtype=np.uint8)
    count = 0
    bounds[0] = 0
    for number in range(len(offsets) - 1):
        at, end = offsets[number], offsets[number + 1]
        prefix, units, before = np.uint64(0), 0, count
        ring[0] = np.uint64(0)
        word, packed, held = key, np.uint64(0), 0
        while True:
            letter = np.uint32(0)
            finished = at >= end
            if not finished:
                if held == 0 and at + OPENING <= end:
                    packed, held = _opening(eight_bytes(content, at))
                    if held:
                        at += held
                        continue
                if content[at] < 0x80:
                    letter = table[content[at]]
                    at += 1
                else:
                    point, width = _decoded(content, at)
                    at += width
                    if point < TABLE_SIZE:
                        letter = table[point]
                    elif point < _HAN_END:
                        letter = np.uint32(point | ALONE)
                if letter != 0 and letter < ALONE:
                    if letter < 0x80 and held < OPENING:
                        packed |= np.uint64(letter) << np.uint64(8 * held)
                        held += 1
                        continue
                    if held != CLOSED:
                        word = (key ^ packed ^ _PACKED) * MULTIPLIER
                        held = CLOSED
                    word = (word ^ np.uint64(letter)) * MULTIPLIER
                    continue
            if held:
                if held != CLOSED:
                    word = (key ^ packed ^ _PACKED) * MULTIPLIER
                prefix, units, count = _unit(_mixed(word), 0, units, prefix, ring, kinds, sizes, powers, hashes, count)
                packed, held = np.uint64(0), 0
            if letter != 0:
                unit = _mixed((key ^ np.uint64(letter)) * MULTIPLIER)
                prefix, units, count = _unit(unit, 1, units, prefix, ring, kinds, sizes, powers, hashes, count)
            if finished:
                break
        if whole and count == before and units > 0:
            hashes[count] = prefix
            count += 1
        bounds[number + 1] = count
    return count
