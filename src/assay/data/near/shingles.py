"""The shingles of texts as 64-bit numbers: n consecutive words, lower case and without punctuation, or n characters of Chinese.

Two texts' sets of such numbers stand for their sets of shingles: two of a million shingles are given one number with a chance of 3e-8.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.near.characters import character_table
from assay.data.near.kernel_shingles import BASE, shingle_hashes
from assay.data.near.settings import Shingles
from assay.data.order import keyed

SLICE_BYTES = 2**20
"""Bytes of text at a time, so that what is made of it stays in the processor's cache; a longer document is taken whole."""


def shingle_key(seed: int) -> np.uint64:
    """Return the key by which the numbers of one seed differ from another's."""
    return np.uint64(keyed(seed, "near shingles"))


def shingles_of(batch: TextBatch, shingles: Shingles, seed: int, *, whole: bool = True) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """(hashes, bounds): shingles of text i are hashes[bounds[i] : bounds[i + 1]], in text order, repeats included.

    A text with fewer units than a shingle has one shingle, itself, if `whole`, else none. One without a letter or digit has none.
    """
    sizes = np.array([shingles.words, shingles.characters], dtype=np.int64)
    powers = np.array([pow(int(BASE), int(size), 1 << 64) for size in sizes], dtype=np.uint64)
    room = int(batch.offsets[-1] - batch.offsets[0]) // 2 + len(batch) + 1
    hashes = np.empty(room, dtype=np.uint64)  # untouched pages of it cost nothing
    bounds = np.empty(len(batch) + 1, dtype=np.int64)
    count = shingle_hashes(batch.content, batch.offsets, character_table(), sizes, powers, shingle_key(seed), whole, hashes, bounds)
    return hashes[:count], bounds


def slices(batch: TextBatch) -> Iterator[tuple[int, TextBatch]]:
    """The batch in pieces of about SLICE_BYTES, each with the number of its first text; nothing is copied."""
    start = 0
    for piece in batch.pieces(SLICE_BYTES):
        yield start, piece
        start += len(piece)
