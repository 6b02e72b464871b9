"""The Jaccard similarity of pairs of documents, counted on their whole sets of shingles; texts are fetched a bounded number of bytes at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.near.kernel_overlap import set_sizes, shared_members
from assay.data.near.settings import PARTS, Shingles
from assay.data.near.shingles import shingles_of

FETCHED_BYTES = 2**21
"""Bytes of text in memory at once while pairs are counted, or one pair's, if longer; its shingles take up to four times as much."""
PAIRS_AT_ONCE = 2**15
Fetch = Callable[[NDArray[np.int64]], TextBatch]
"""The texts of documents, given by ascending rows without repeats, in that order."""


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts that lie elsewhere, and the length of each (N,) in bytes."""

    fetch: Fetch
    sizes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Pairs (P, 2) of documents, with how many shingles both have (P,) and how many at least one has (P,)."""

    pairs: NDArray[np.int64]
    shared: NDArray[np.int64]
    joined: NDArray[np.int64]

    def similar(self, threshold_parts: int) -> NDArray[np.bool_]:
        """(P,): whether shared / joined >= threshold_parts / 10,000. Two empty sets are not similar."""
        result: NDArray[np.bool_] = (self.shared * PARTS >= self.joined * threshold_parts) & (self.joined > 0)
        return result

    def where(self, chosen: NDArray[np.bool_]) -> "Overlaps":
        return Overlaps(self.pairs[chosen], self.shared[chosen], self.joined[chosen])

    def joined_with(self, other: "Overlaps") -> "Overlaps":
        return Overlaps(
            np.concatenate([self.pairs, other.pairs]),
            np.concatenate([self.shared, other.shared]),
            np.concatenate([self.joined, other.joined]),
        )

    def ordered(self) -> "Overlaps":
        """Sort by the first of each pair, then by the second."""
        order = np.lexsort((self.pairs[:, 1], self.pairs[:, 0]))
        return Overlaps(self.pairs[order], self.shared[order], self.joined[order])

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """(P,), for people to read; decisions are made on the counts."""
        return self.shared / np.maximum(self.joined, 1)


def overlaps_of(batch: TextBatch, pairs: NDArray[np.int64], shingles: Shingles, seed: int) -> Overlaps:
    """Return the overlaps of pairs (P, 2) of numbers of texts in the batch."""
    hashes, bounds = shingles_of(batch, shingles, seed)
    room = 2 << (2 * int(np.diff(bounds).max(initial=1))).bit_length()
    table, owner, counted = np.empty(room, dtype=np.uint64), np.zeros(room, dtype=np.int64), np.zeros(room, dtype=np.int64)
    sizes, shared = np.empty(len(batch), dtype=np.int64), np.empty(len(pairs), dtype=np.int64)
    set_sizes(hashes, bounds, table, owner, sizes)
    owner[:] = 0
    shared_members(hashes, bounds, np.ascontiguousarray(pairs), table, owner, counted, shared)
    return Overlaps(pairs, shared, sizes[pairs[:, 0]] + sizes[pairs[:, 1]] - shared)


def fetched_overlaps(pairs: NDArray[np.int64], texts: Texts, shingles: Shingles, seed: int) -> Overlaps:
    """Return the overlaps of pairs (P, 2) of rows of documents, in any order; the result is in that order."""
    shared, joined = np.empty(len(pairs), dtype=np.int64), np.empty(len(pairs), dtype=np.int64)
    for start, end in _portions(pairs, texts.sizes):
        rows, numbers = np.unique(pairs[start:end], return_inverse=True)
        found = overlaps_of(texts.fetch(rows), numbers.reshape(-1, 2).astype(np.int64), shingles, seed)
        shared[start:end], joined[start:end] = found.shared, found.joined
    return Overlaps(pairs, shared, joined)


def _portions(pairs: NDArray[np.int64], sizes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Runs of pairs whose documents together have at most FETCHED_BYTES."""
    start = 0
    while start < len(pairs):
        ahead = pairs[start : start + PAIRS_AT_ONCE]
        rows, first = np.unique(ahead, return_index=True)
        order = np.argsort(first)  # documents as they are met in the flattened pairs
        fitting = int(np.searchsorted(np.cumsum(sizes[rows[order]]), FETCHED_BYTES, side="right"))
        end = start + (len(ahead) if fitting == len(rows) else max(1, int(first[order[fitting]]) // 2))
        yield start, end
        start = end
