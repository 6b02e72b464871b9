"""A signature of K numbers for each document: the share of numbers that two have in common estimates their Jaccard similarity."""

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.near.kernel_signatures import EMPTY, shared_numbers, sketch
from assay.data.near.settings import Shingles
from assay.data.near.shingles import shingles_of, slices
from assay.data.order import keyed


def signatures(batch: TextBatch, shingles: Shingles, permutations: int, seed: int) -> NDArray[np.uint32]:
    """(N, K = permutations). Place k of two signatures agrees with a chance equal to the similarity of the shingle sets, for any length.

    A document's row depends on its text, the settings and the seed alone, so shards are signed apart and their rows laid together.
    Fast similarity sketching (Dahlgaard, Knudsen & Thorup 2017): one hash of a shingle instead of K, without the bias that filling
    empty places of one-permutation hashing has for short texts.
    """
    keys = np.array([keyed(seed, "near signatures", turn) | 1 for turn in range(2 * permutations)], dtype=np.uint64)
    result = np.empty((len(batch), permutations), dtype=np.uint32)
    for first, part in slices(batch):
        hashes, bounds = shingles_of(part, shingles, seed)
        sketch(hashes, bounds, keys, result[first : first + len(part)])
    return result


def has_shingles(signed: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """(N,): False for a text without a letter or digit, which is like no other."""
    result: NDArray[np.bool_] = signed[:, 0] != EMPTY
    return result


def shared(signed: NDArray[np.uint32], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """(P,) numbers that the signatures of each pair (P, 2) of rows have in common; divided by K, an estimate of the similarity."""
    result = np.empty(len(pairs), dtype=np.int64)
    shared_numbers(np.ascontiguousarray(signed), np.ascontiguousarray(pairs, dtype=np.int64), result)
    return result
