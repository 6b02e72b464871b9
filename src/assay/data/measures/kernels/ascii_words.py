"""Words of ASCII letters, digits and "_": where one ends is found in one step for most of them, not in one for each byte."""

from typing import Any

import numpy as np

from assay.data.intrinsics import eight_bytes
from assay.data.kernel_cache import njit

ASCII_LETTER, DIGIT, LOW_LINE, GAP, HIGH, CAPITAL = 1, 2, 4, 8, 16, 32
"""Bits of the kind of a byte; 0 is punctuation. DIGIT is also the bit PLAIN of a word, so that reading one sets it."""
IN_WORD = ASCII_LETTER | DIGIT | LOW_LINE
ALPHABETIC, PLAIN = 1, 2
"""Bits of a word: holds a letter; holds no mere symbols."""
CASE = 0x20
ONE, SEVEN, TOP, ONES = np.uint64(1), np.uint64(7), np.uint64(56), np.uint64(0x0101010101010101)
LOW_BITS, HIGH_BITS, CASES, LOW_LINES = (np.uint64(byte) * ONES for byte in (0x7F, 0x80, CASE, 0x5F))
FROM_A, BEHIND_Z, FROM_0, BEHIND_9 = (np.uint64(0x80 - byte) * ONES for byte in (0x61, 0x7B, 0x30, 0x3A))
"""Added to a byte below 0x80 they set its highest bit from that byte on."""


def kinds() -> Any:
    """(256,) uint8: the kind of each byte."""
    table = np.zeros(256, dtype=np.uint8)
    table[128:] = HIGH
    for byte in range(128):
        letter = chr(byte)
        table[byte] = (
            ASCII_LETTER * letter.isalpha()
            + CAPITAL * letter.isupper()
            + DIGIT * letter.isdigit()
            + LOW_LINE * (letter == "_")
            + GAP * letter.isspace()
        )
    return table


@njit(cache=True, nogil=True, forceinline=True)
def short_word(eight: Any) -> tuple[Any, int, Any]:
    """(how many, bits, themselves) of the ASCII letters, digits and "_" at the start of eight bytes; 0 where all eight are."""
    low = eight & LOW_BITS
    ascii_only = ~eight & HIGH_BITS
    lower = (eight | CASES) & LOW_BITS
    letters = (lower + FROM_A) & ~(lower + BEHIND_Z) & ascii_only
    digits = (low + FROM_0) & ~(low + BEHIND_9) & ascii_only
    low_lines = ~((low ^ LOW_LINES) + LOW_BITS) & ascii_only
    others = ~(letters | digits | low_lines) & HIGH_BITS
    if others == 0:
        return 0, 0, eight
    inside = ((others & (~others + ONE)) >> SEVEN) - ONE  # all bits of the bytes before the first other
    size = ((inside & ONES) * ONES) >> TOP
    bits = (ALPHABETIC | PLAIN) * int(letters & inside != 0) | PLAIN * int(digits & inside != 0)
    return np.int64(size), bits, eight & inside


@njit(cache=True, nogil=True)
def ascii_part(content: Any, place: int, end: int, kind: Any) -> tuple[int, int]:
    """(end, bits) of the ASCII letters, digits and "_" from `place` on."""
    seen = 0
    while place < end:
        sort = kind[content[place]]
        if sort & IN_WORD == 0:
            break
        seen |= sort
        place += 1
    return place, (ALPHABETIC | PLAIN) * (seen & ASCII_LETTER) | (seen & DIGIT)


@njit(cache=True, nogil=True, forceinline=True)
def ascii_word(content: Any, place: int, end: int, kind: Any) -> tuple[int, int, int, Any]:
    """(end, bits, bytes, themselves) of what begins at `place` with one of those; bytes 0 where they are more than seven, or the text's last."""
    short, bits, rest = 0, 0, np.uint64(0)
    if place + 8 < end:
        short, bits, rest = short_word(eight_bytes(content, place))
    if short:
        return place + short, bits, short, rest
    place, bits = ascii_part(content, place, end, kind)
    return place, bits, 0, rest
