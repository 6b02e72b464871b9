"""Classes of characters in shingles: part of a word, a unit of its own, or what stands between words."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assay.data.near.kernel_shingles import ALONE, TABLE_SIZE

UNSPACED = (
    (0x0E00, 0x0F00),  # Thai, Lao
    (0x1000, 0x10A0),  # Myanmar
    (0x1780, 0x1800),  # Khmer
    (0x3005, 0x3008),  # marks that repeat a Han character
    (0x3040, 0x3130),  # Japanese syllables, Bopomofo
    (0x31A0, 0x3200),
    (0x3400, 0x4DC0),  # Han
    (0x4E00, 0xA000),
    (0xF900, 0xFB00),
    (0xFF66, 0xFFA0),  # half-width Japanese syllables
)


@cache
def character_table() -> NDArray[np.uint32]:
    """(TABLE_SIZE,): the lower-case code point of a letter, digit or combining mark, with ALONE where it stands alone; else 0."""
    table = np.zeros(TABLE_SIZE, dtype=np.uint32)
    for point in range(TABLE_SIZE):
        character = chr(point)
        if character.isalnum() or unicodedata.category(character)[0] == "M":
            lower = character.lower()
            table[point] = ord(lower) if len(lower) == 1 else point
    for start, end in UNSPACED:
        table[start:end] |= np.where(table[start:end] > 0, np.uint32(ALONE), np.uint32(0))
    table.setflags(write=False)
    return table
