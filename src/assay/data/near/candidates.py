"""Pairs of documents worth counting: those that share a band of their signatures. Found by sorting, with no Python object for a document.

A bucket of boilerplate may hold every document, so its pairs are not all looked at: each member is compared with the bucket's first and
with the WINDOW members before it, by id. Memory: 40 bytes a document, the pairs, and band keys of KEYS_BYTES at a time.
"""

from collections.abc import Iterator
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from assay.data.maps import Rows
from assay.data.near.bands import Bands
from assay.data.near.kernel_signatures import band_keys, bucket_pairs
from assay.data.near.settings import PARTS
from assay.data.near.signatures import has_shingles

WINDOW = 4
"""Members of a bucket before each, by id, that it is compared with; docs/log.md has what other sizes found."""
KEYS_BYTES = 2**24
MEMBERS_AT_ONCE = 2**12
SIGNATURES_AT_ONCE = 2**13
DEVIATIONS = 3
"""A pair is left out if its signatures put it this many standard deviations below the threshold: of pairs at it, 1 in 740."""


def least_shared(threshold_parts: int, permutations: int) -> int:
    """Numbers that two signatures must share for the pair to be counted: K t - 3 sqrt(K t (1 - t)), in whole numbers."""
    spread = isqrt(DEVIATIONS**2 * permutations * threshold_parts * (PARTS - threshold_parts)) + 1
    return max(1, (permutations * threshold_parts - spread) // PARTS)


def candidate_pairs(signed: Rows, rank: NDArray[np.uint32], bands: Bands, threshold_parts: int) -> NDArray[np.uint64]:
    """Ascending numbers (lower rank << 32 | higher rank), without repeats.

    `signed` (N, K), in memory or stored: it is read from front to back once for each KEYS_BYTES of band keys, and by pairs;
    `rank` (N,) the place of each row's id among all.
    """
    needed = least_shared(threshold_parts, signed.shape[1])
    present = np.empty(len(signed), dtype=np.bool_)
    for start in range(0, len(signed), SIGNATURES_AT_ONCE):
        present[start : start + SIGNATURES_AT_ONCE] = has_shingles(signed[start : start + SIGNATURES_AT_ONCE])
    pairs, waiting = np.empty(0, dtype=np.uint64), [np.empty(0, dtype=np.uint64)]
    for keys in _keys(signed, bands):
        rows, heads = _buckets(keys, rank, present)
        for start in range(0, len(rows), MEMBERS_AT_ONCE):
            waiting.append(distinct(_alike(rows, heads, start, min(start + MEMBERS_AT_ONCE, len(rows)), needed, signed, rank)))
            if sum(map(len, waiting)) > len(pairs):  # so a pair is sorted again a logarithmic number of times, not once a step
                pairs, waiting = distinct(np.concatenate([pairs, *waiting])), []
    return distinct(np.concatenate([pairs, *waiting]))


def _alike(
    rows: NDArray[np.int64], heads: NDArray[np.int64], start: int, end: int, needed: int, signed: Rows, rank: NDArray[np.uint32]
) -> NDArray[np.uint64]:
    """Pairs of members `start` to `end` of buckets with those they are compared with, if they share `needed` numbers."""
    members = np.unique(np.concatenate([heads[start:end], np.arange(max(0, start - WINDOW), end)]))  # what is compared, and no more
    own = rows[members]
    found = np.empty((end - start) * (WINDOW + 1), dtype=np.uint64)
    places, ends = np.arange(len(own)), len(own)
    count = bucket_pairs(
        places,
        np.searchsorted(members, heads[members]),
        ends - (end - start),
        ends,
        WINDOW,
        needed,
        signed.take(own, axis=0),
        rank[own],
        found,
    )
    return found[:count]


def distinct(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Ascending, each once. np.unique is ten times slower since it hashes (numpy 2.3)."""
    ordered = np.sort(values)
    result: NDArray[np.uint64] = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return result


def _keys(signed: Rows, bands: Bands) -> Iterator[NDArray[np.uint64]]:
    """(N,) for each band."""
    at_once = min(bands.count, max(1, KEYS_BYTES // (8 * max(1, len(signed)))))
    keys = np.empty((at_once, len(signed)), dtype=np.uint64)  # one for all: a second one beside it would double the memory
    for first in range(0, bands.count, at_once):
        here = keys[: bands.count - first]
        for start in range(0, len(signed), SIGNATURES_AT_ONCE):
            part = signed[start : start + SIGNATURES_AT_ONCE]
            block = np.empty((len(here), len(part)), dtype=np.uint64)
            band_keys(part, first, bands.rows, block)
            here[:, start : start + len(part)] = block
        yield from here


def _buckets(keys: NDArray[np.uint64], rank: NDArray[np.uint32], present: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows, heads): documents that share their key with another, bucket after bucket and in each by rank; where each's bucket starts."""
    order = np.argsort(keys)  # equal keys in any order: the few that share one are sorted again below
    ordered = keys[order]
    same = np.zeros(len(keys) + 1, dtype=np.bool_)
    same[1:-1] = ordered[1:] == ordered[:-1]
    rows = order[same[:-1] | same[1:]]
    rows = rows[present[rows]]
    rows = rows[np.lexsort((rank[rows], keys[rows]))]
    chosen = keys[rows]
    fresh = np.ones(len(rows), dtype=np.bool_)
    fresh[1:] = chosen[1:] != chosen[:-1]
    places = np.arange(len(rows), dtype=np.int64)
    return rows.astype(np.int64), np.maximum.accumulate(np.where(fresh, places, 0))
