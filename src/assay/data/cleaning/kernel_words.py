"""Compiled: where the words of a list stand in a text. Whole words; ASCII letters in any case."""

import numpy as np
from numpy.typing import NDArray

from assay.data.kernel_cache import njit

HASH_SEED, HASH_PRIME = 0xCBF29CE484222325, 0x100000001B3
"""FNV-1a of 64 bits; what it finds is compared letter by letter afterwards."""


@njit(cache=True, nogil=True)
def find_words(content: NDArray[np.uint8], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Starts and ends (M, 2) of words whose hash is in `keys`, an open-addressing table of a power of two; 0 marks an empty place.

    A word is letters, digits, `_` and characters beyond ASCII but punctuation; one with a digit or `_` is a name, and not looked up.
    """
    found = np.empty((64, 2), dtype=np.int64)
    count, start, position = 0, -1, 0
    key, letters = np.uint64(HASH_SEED), True
    while position <= len(content):
        width = 1 if position == len(content) else _separator(content, position)
        if width == 0:
            byte = content[position]
            if byte < 0x60 and (byte == 0x5F or byte < 0x3A):
                letters = False
            lower = byte | np.uint8(0x20) if byte < 0x80 else byte
            key = (key ^ np.uint64(lower)) * np.uint64(HASH_PRIME)
            start = position if start < 0 else start
        elif start >= 0:
            if letters and _listed(key, keys):
                if count == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[count, 0], found[count, 1] = start, position
                count += 1
            start, key, letters = -1, np.uint64(HASH_SEED), True
        position += max(1, width)
    return found[:count]


@njit(cache=True, nogil=True)
def _separator(content: NDArray[np.uint8], position: int) -> int:
    """Bytes of the character if no word goes on in it, else 0. Beyond ASCII: Latin-1's signs, typographic and Chinese punctuation."""
    byte = content[position]
    if byte < 0x80:
        letter = np.uint8((byte | 0x20) - 0x61) < 26
        return 0 if letter or byte == 0x5F or np.uint8(byte - 0x30) < 10 else 1
    if byte == 0xC2:
        return 2
    if position + 1 < len(content):
        second = content[position + 1]
        if (byte == 0xE2 and second == 0x80) or (byte == 0xE3 and second == 0x80) or (byte == 0xEF and second == 0xBC):
            return 3
    return 0


@njit(cache=True, nogil=True)
def _listed(key: np.uint64, keys: NDArray[np.uint64]) -> bool:
    mask = np.uint64(len(keys) - 1)
    place = key & mask
    while keys[place] != 0:
        if keys[place] == key:
            return True
        place = (place + np.uint64(1)) & mask
    return False
