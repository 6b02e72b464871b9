"""Compiled passes over a batch of texts: which need a repair, and how many letters of which script each has."""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from assay.data.intrinsics import eight_bytes
from assay.data.kernel_cache import njit

NOT_ASCII, UNTIDY = 1, 2
"""Bits of `untidy`: a character outside of ASCII; white space or a control character that normalising would change."""
EMPTY_LINES_KEPT = 2
_A, _SEVEN, _TOP, _ONES = 0x61, np.uint64(7), np.uint64(56), np.uint64(0x0101010101010101)
_HIGH_BITS, _CASES, _FROM_A, _BEHIND_Z = (np.uint64(byte) * _ONES for byte in (0x80, 0x20, 0x80 - 0x61, 0x80 - 0x7B))
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)  # what lies in an Arrow buffer may not be written to
_PLACES = types.Array(types.int64, 1, "C", readonly=True)


@njit("boolean(uint8, uint8, uint8)", cache=True, nogil=True)
def _is_blank(first: int, second: int, third: int) -> bool:
    """White space outside of ASCII that str.rstrip takes: U+A0, U+1680, U+2000 to 200A, U+202F, U+205F, U+3000."""
    if first == 0xC2:
        return second == 0xA0
    if first == 0xE1:
        return second == 0x9A and third == 0x80
    if first == 0xE2:
        return (second == 0x80 and (third <= 0x8A or third == 0xAF)) or (second == 0x81 and third == 0x9F)
    return first == 0xE3 and second == 0x80 and third == 0x80


@njit("boolean(uint8, uint8, uint8)", cache=True, nogil=True)
def _is_control(first: int, second: int, third: int) -> bool:
    """U+80 to 9F, the separators U+2028 and 2029, the byte order mark U+FEFF."""
    if first == 0xC2:
        return second < 0xA0
    if first == 0xE2:
        return second == 0x80 and (third == 0xA8 or third == 0xA9)
    return first == 0xEF and second == 0xBB and third == 0xBF


@njit("boolean(Array(uint8, 1, 'C', readonly=True), int64, int64)", cache=True, nogil=True)
def _blank_before(content: NDArray[np.uint8], start: int, place: int) -> bool:
    """Whether the text from `start` has, right before `place`, white space that a line must not end with; the line's start is none."""
    if place == start:
        return False
    last = content[place - 1]
    if last < 0x80:
        return bool(last == 0x20 or last == 0x09)
    if last >= 0xC0 or place - start < 2:
        return False
    if content[place - 2] >= 0xC0:
        return bool(_is_blank(content[place - 2], last, 0))
    return bool(place - start >= 3 and content[place - 3] >= 0xE0 and _is_blank(content[place - 3], content[place - 2], last))


@njit(types.uint8[::1](_BYTES, _PLACES), cache=True, nogil=True)
def untidy(content: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Per text the bits above, (N,) uint8. A text without UNTIDY is what `normalise_whitespace` makes of it; one with it may be."""
    found = np.zeros(len(offsets) - 1, dtype=np.uint8)
    for number in range(len(found)):
        start, end = offsets[number], offsets[number + 1]
        flags = UNTIDY if _blank_before(content, start, end) else 0
        newlines = 0  # in a row, up to `after`
        after = start
        for place in range(start, end):
            byte = content[place]
            if 0x20 <= byte < 0x7F or byte == 0x09:
                continue
            if byte == 0x0A:
                newlines = newlines + 1 if place == after else 1
                after = place + 1
                if place == start or place == end - 1 or newlines > EMPTY_LINES_KEPT + 1 or _blank_before(content, start, place):
                    flags |= UNTIDY
                    break
            elif byte < 0x80:
                flags |= UNTIDY
                break
            else:
                flags |= NOT_ASCII
                if (byte == 0xC2 or byte == 0xE2 or byte == 0xEF) and _is_control(
                    byte, content[place + 1], content[place + 2 if byte > 0xC2 else place]
                ):
                    flags |= UNTIDY
                    break
        if flags & UNTIDY:
            flags |= NOT_ASCII  # the pass ended early: unknown
        found[number] = flags
    return found


@njit("UniTuple(int64, 2)(Array(uint8, 1, 'C', readonly=True), int64)", cache=True, nogil=True)
def _character(content: NDArray[np.uint8], place: int) -> tuple[Any, int]:
    """Code point and bytes of the character at a place."""
    byte = np.int64(content[place])
    if byte < 0x80:
        return byte, 1
    if byte < 0xE0:
        return ((byte & 0x1F) << 6) | (content[place + 1] & 0x3F), 2
    if byte < 0xF0:
        return ((byte & 0x0F) << 12) | ((content[place + 1] & 0x3F) << 6) | (content[place + 2] & 0x3F), 3
    high = ((byte & 0x07) << 18) | ((content[place + 1] & 0x3F) << 12)
    return high | ((content[place + 2] & 0x3F) << 6) | (content[place + 3] & 0x3F), 4


@njit("uint64(uint64)", cache=True, nogil=True)
def _letters_of(eight: Any) -> Any:
    """The highest bit of each of eight ASCII bytes that is a letter."""
    lower = eight | _CASES
    return (lower + _FROM_A) & ~(lower + _BEHIND_Z) & _HIGH_BITS


@njit(types.int64[:, ::1](_BYTES, _PLACES, _BYTES), cache=True, nogil=True)
def count_classes(content: NDArray[np.uint8], offsets: NDArray[np.int64], classes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Characters of each text by the class that `classes` gives their code point, (N, 4) int64; beyond its end: class 0.

    The letters of ASCII are of one class, the rest of ASCII is of class 0.
    """
    counts = np.zeros((len(offsets) - 1, 4), dtype=np.int64)
    letter = classes[_A]
    for number in range(len(counts)):
        place, end = offsets[number], offsets[number + 1]
        while place < end:
            letters, before = np.uint64(0), place
            while place + 8 <= end:
                eight = eight_bytes(content, place)
                if eight & _HIGH_BITS:
                    break
                letters += ((_letters_of(eight) >> _SEVEN) * _ONES) >> _TOP
                place += 8
            counts[number, letter] += np.int64(letters)
            counts[number, 0] += place - before - np.int64(letters)
            for _ in range(8):  # what is no group of ASCII, a character at a time
                if place < end:
                    point, length = _character(content, place)
                    counts[number, classes[point] if point < len(classes) else 0] += 1
                    place += length
    return counts


@njit(types.boolean[::1](_BYTES, _PLACES, _BYTES), cache=True, nogil=True)
def any_in_class(content: NDArray[np.uint8], offsets: NDArray[np.int64], classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a text has a character whose class in `classes`, 0 for ASCII, is not 0, (N,)"""
    found = np.zeros(len(offsets) - 1, dtype=np.bool_)
    for number in range(len(found)):
        place, end = offsets[number], offsets[number + 1]
        while place < end and not found[number]:
            if place + 8 <= end and not eight_bytes(content, place) & _HIGH_BITS:
                place += 8
                continue
            point, length = _character(content, place)
            found[number] = point < len(classes) and classes[point] != 0
            place += length
    return found
