"""Signatures of shingle sets, and how many numbers two signatures share."""

from typing import Any

import numpy as np
from numba import types

from assay.data.near.kernel import compiled, inlined, int64, reads, uint64, writes

EMPTY = np.uint32(0xFFFFFFFF)
"""In every place of the signature of a text without shingles, and in no other: values are below 2**31."""
_NOTHING = np.uint64(0xFFFFFFFFFFFFFFFF)
_VALUE = np.uint64(0x7FFFFFFF)
_30, _27, _31, _32 = (np.uint64(count) for count in (30, 27, 31, 32))
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@inlined
def _mixed(value: Any) -> Any:
    value = (value ^ (value >> _30)) * _M1
    value = (value ^ (value >> _27)) * _M2
    return value ^ (value >> _31)


@inlined
def _throw(hashes: Any, first: Any, last: Any, key: Any, turn: Any, wide: Any, least: Any) -> Any:
    """One round: each hash to its place, where the least (round, value) stays. Returns the places that hold something."""
    for at in range(first, last):
        mixed = hashes[at] * key
        place = ((mixed >> _32) * wide) >> _32
        least[place] = min(least[place], turn << _32 | mixed & _VALUE)
    filled = 0
    for place in range(len(least)):
        filled += least[place] != _NOTHING
    return filled


@compiled(types.void(reads(uint64), reads(int64), reads(uint64), writes(types.uint32, 2)))
def sketch(hashes: Any, bounds: Any, keys: Any, signatures: Any) -> None:
    """Fast similarity sketching (Dahlgaard, Knudsen & Thorup 2017): `signatures` (N, K), `keys` (2 K,) odd, one for each round.

    A round throws every shingle into one of K places; a place keeps the least value of the first round that reached it. A long text fills
    them in one or two rounds, a short one needs more; what K rounds have not filled gets the least of one more key each. Multiplying
    by the key is enough to make the rounds differ, since the hashes are random bits already.
    """
    places = signatures.shape[1]
    least = np.empty(places, dtype=np.uint64)
    for number in range(len(bounds) - 1):
        first, last = bounds[number], bounds[number + 1]
        least[:] = _NOTHING
        filled, turn = 0, 0
        while filled < places and turn < places and first < last:
            filled = _throw(hashes, first, last, keys[turn], np.uint64(turn), np.uint64(places), least)
            turn += 1
        for place in range(places):
            if least[place] == _NOTHING:
                for at in range(first, last):
                    least[place] = min(least[place], hashes[at] * keys[places + place] & _VALUE)
            signatures[number, place] = np.uint32(least[place])


@compiled(types.void(reads(types.uint32, 2), int64, int64, writes(uint64, 2)))
def band_keys(signatures: Any, first_band: Any, rows: Any, keys: Any) -> None:
    """keys[b, i]: hash of the `rows` numbers of band first_band + b of signature i."""
    for number in range(signatures.shape[0]):
        for band in range(keys.shape[0]):
            start = (first_band + band) * rows
            value = np.uint64(start + 1)
            for at in range(start, start + rows):
                value = _mixed(value * _M2 + np.uint64(signatures[number, at]))
            keys[band, number] = value


@compiled(types.void(reads(types.uint32, 2), reads(int64, 2), writes(int64)))
def shared_numbers(signatures: Any, pairs: Any, shared: Any) -> None:
    for number in range(len(pairs)):
        left, right = signatures[pairs[number, 0]], signatures[pairs[number, 1]]
        same = 0
        for place in range(signatures.shape[1]):
            same += left[place] == right[place]
        shared[number] = same


@compiled(int64(reads(int64), reads(int64), int64, int64, int64, int64, reads(types.uint32, 2), reads(types.uint32), writes(uint64)))
def bucket_pairs(rows: Any, heads: Any, start: Any, end: Any, window: Any, needed: Any, signatures: Any, rank: Any, found: Any) -> Any:
    """Pairs of members `start` to `end` with their bucket's first and with the `window` members before them; returns their number.

    `rows` (M,) documents, bucket after bucket, in each by rank; `heads` (M,) where each member's bucket starts in `rows`. A pair stays
    if its signatures share `needed` numbers, and is written as (lower rank << 32 | higher rank) into `found`.
    """
    count = 0
    for member in range(start, end):
        mine = signatures[rows[member]]
        nearest = max(heads[member], member - window)
        for step in range(nearest - 1, member):
            other = heads[member] if step < nearest else step  # the first step is the bucket's first member
            if step < nearest and other == nearest:
                continue
            same = 0
            theirs = signatures[rows[other]]
            for place in range(signatures.shape[1]):
                same += mine[place] == theirs[place]
            if same >= needed:
                found[count] = np.uint64(rank[rows[other]]) << _32 | np.uint64(rank[rows[member]])
                count += 1
    return count
