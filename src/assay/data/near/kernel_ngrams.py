"""A hash table of n-grams, and the texts that hold some of them."""

from typing import Any

import numpy as np
from numba import types

from assay.data.near.kernel import compiled, inlined, int64, reads, uint64, writes

FREE = np.uint64(0)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_ONE, _THREE, _SEVEN, _64 = np.uint64(1), np.uint64(3), np.uint64(7), np.uint64(64)


@inlined
def _place(gram: Any, bits: Any) -> Any:
    """The top bits: those of a polynomial's hash are the ones that every unit reaches."""
    return (gram * _SPREAD) >> (_64 - bits)


@compiled(int64(reads(uint64), reads(int64), uint64, writes(uint64), writes(int64), writes(types.uint8)))
def fill(grams: Any, bounds: Any, bits: Any, table: Any, owners: Any, seen: Any) -> Any:
    """Puts n-grams into `table` (2**bits, FREE at first), with the first text that holds each in `owners`; returns how many are distinct.

    `seen` is a bit field of 8 times as many bits: nearly all n-grams of a training text are turned away by one look at it.
    """
    mask = np.uint64(len(table) - 1)
    distinct = 0
    for number in range(len(bounds) - 1):
        for at in range(bounds[number], bounds[number + 1]):
            gram = max(grams[at], _ONE)
            bit = _place(gram, bits + _THREE)
            seen[bit >> _THREE] |= np.uint8(_ONE << (bit & _SEVEN))
            place = _place(gram, bits)
            while table[place] != FREE and table[place] != gram:
                place = (place + _ONE) & mask
            if table[place] == FREE:
                table[place] = gram
                owners[place] = number
                distinct += 1
    return distinct


@compiled(types.void(reads(uint64), reads(int64), uint64, reads(uint64), reads(int64), reads(types.uint8), writes(int64), writes(int64)))
def look_up(grams: Any, bounds: Any, bits: Any, table: Any, owners: Any, seen: Any, hits: Any, first: Any) -> None:
    """hits[i]: n-grams of text i, repeats included, that the table holds; first[i]: the owner of the first of them, else -1."""
    mask = np.uint64(len(table) - 1)
    for number in range(len(bounds) - 1):
        hits[number] = 0
        first[number] = -1
        for at in range(bounds[number], bounds[number + 1]):
            gram = max(grams[at], _ONE)
            bit = _place(gram, bits + _THREE)
            if not (seen[bit >> _THREE] >> np.uint8(bit & _SEVEN)) & np.uint8(1):
                continue
            place = _place(gram, bits)
            while table[place] != FREE and table[place] != gram:
                place = (place + _ONE) & mask
            if table[place] == gram:
                hits[number] += 1
                if first[number] < 0:
                    first[number] = owners[place]


@compiled(types.void(reads(uint64), uint64, reads(uint64), reads(types.uint8), writes(types.uint8)))
def mark(grams: Any, bits: Any, table: Any, seen: Any, found: Any) -> None:
    """found[place] becomes 1 where the n-gram in table[place] is among `grams`."""
    mask = np.uint64(len(table) - 1)
    for each in grams:
        gram = max(each, _ONE)
        bit = _place(gram, bits + _THREE)
        if not (seen[bit >> _THREE] >> np.uint8(bit & _SEVEN)) & np.uint8(1):
            continue
        place = _place(gram, bits)
        while table[place] != FREE and table[place] != gram:
            place = (place + _ONE) & mask
        if table[place] == gram:
            found[place] = 1


@compiled(types.void(reads(uint64), reads(int64), uint64, reads(uint64), reads(types.uint8), writes(int64)))
def count_marked(grams: Any, bounds: Any, bits: Any, table: Any, found: Any, counts: Any) -> None:
    """counts[i]: n-grams of text i, repeats included, that are marked in `found`. All of them are in the table."""
    mask = np.uint64(len(table) - 1)
    for number in range(len(bounds) - 1):
        counts[number] = 0
        for at in range(bounds[number], bounds[number + 1]):
            gram = max(grams[at], _ONE)
            place = _place(gram, bits)
            while table[place] != gram:
                place = (place + _ONE) & mask
            counts[number] += found[place]
