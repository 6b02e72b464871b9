"""Counts of the shingles of a text, and of those that two texts share, each counted once: by a hash table of one text that the other is held against.

Sorting the sets took four times as long.
"""

from typing import Any

import numpy as np
from numba import types

from assay.data.near.kernel import compiled, inlined, int64, reads, uint64, writes

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_ONE, _64 = np.uint64(1), np.uint64(64)


@inlined
def _bits(length: Any) -> Any:
    """Return the bits of the part of the table that a text of so many shingles uses: at most half of it is filled."""
    bits = _ONE
    while np.int64(_ONE << bits) < 2 * length:
        bits += _ONE
    return bits


@inlined
def _place(value: Any, bits: Any, table: Any, owner: Any, text: Any) -> Any:
    """Where the text's entry for the value is, or is to be written."""
    place = (value * _SPREAD) >> (_64 - bits)
    mask = (_ONE << bits) - _ONE
    while owner[place] == text and table[place] != value:
        place = (place + _ONE) & mask
    return place


@inlined
def _enter(hashes: Any, start: Any, end: Any, table: Any, owner: Any, text: Any) -> Any:
    """Writes a text's shingles into the table; returns how many are distinct. `owner` says whose an entry is, so nothing is cleared."""
    bits = _bits(end - start)
    distinct = 0
    for at in range(start, end):
        place = _place(hashes[at], bits, table, owner, text)
        if owner[place] != text:
            table[place] = hashes[at]
            owner[place] = text
            distinct += 1
    return distinct


@compiled(types.void(reads(uint64), reads(int64), writes(uint64), writes(int64), writes(int64)))
def set_sizes(hashes: Any, bounds: Any, table: Any, owner: Any, sizes: Any) -> None:
    """sizes[i]: distinct values in hashes[bounds[i] : bounds[i + 1]]. `table`, `owner`: 2**b of at least twice the longest; owner 0."""
    for number in range(len(bounds) - 1):
        sizes[number] = _enter(hashes, bounds[number], bounds[number + 1], table, owner, number + 1)


@compiled(types.void(reads(uint64), reads(int64), reads(int64, 2), writes(uint64), writes(int64), writes(int64), writes(int64)))
def shared_members(hashes: Any, bounds: Any, pairs: Any, table: Any, owner: Any, counted: Any, shared: Any) -> None:
    """shared[p]: distinct values in both texts of pair p. `owner` and `counted`, as long as `table`, are 0. Cheapest with pairs sorted."""
    entered = -1
    for number in range(len(pairs)):
        one, other = pairs[number, 0], pairs[number, 1]
        if one != entered:
            _enter(hashes, bounds[one], bounds[one + 1], table, owner, number + 1)
            entered, text = one, number + 1
        bits = _bits(bounds[one + 1] - bounds[one])
        same = 0
        for at in range(bounds[other], bounds[other + 1]):
            place = _place(hashes[at], bits, table, owner, text)
            if owner[place] == text and counted[place] != number + 1:
                counted[place] = number + 1
                same += 1
        shared[number] = same
