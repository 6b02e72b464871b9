"""Compiled: where the words of a list stand in a text. Whole words, in any case, of ASCII letters."""

import numba
import numpy as np
from numpy.typing import NDArray

HASH_SEED, HASH_PRIME = 0xCBF29CE484222325, 0x100000001B3
"""FNV-1a of 64 bits; what it finds is compared letter by letter afterwards."""


@numba.njit(cache=True, nogil=True)
def find_words(content: NDArray[np.uint8], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Starts and ends (M, 2) of words whose hash is in `keys`, an open-addressing table of a power of two; 0 marks an empty place.

    Digits, `_` and bytes beyond ASCII belong to a word, so that no part of a name or of an accented word is taken for one.
    """
    found = np.empty((64, 2), dtype=np.int64)
    count, start = 0, -1
    mask = np.uint64(len(keys) - 1)
    key, letters = np.uint64(HASH_SEED), True
    for position in range(len(content) + 1):
        byte = content[position] if position < len(content) else np.uint8(0x20)
        lower = byte | np.uint8(0x20)
        if np.uint8(lower - 0x61) < 26:
            key = (key ^ np.uint64(lower)) * np.uint64(HASH_PRIME)
            start = position if start < 0 else start
        elif byte >= 0x80 or byte == 0x5F or np.uint8(byte - 0x30) < 10:
            letters = False
            start = position if start < 0 else start
        elif start >= 0:
            place = key & mask
            while letters and keys[place] != 0:
                if keys[place] == key:
                    if count == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[count, 0], found[count, 1] = start, position
                    count += 1
                    break
                place = (place + np.uint64(1)) & mask
            start, key, letters = -1, np.uint64(HASH_SEED), True
    return found[:count]
