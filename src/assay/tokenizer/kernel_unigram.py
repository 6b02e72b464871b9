"""Compiled search for the cheapest spelling of words in pieces.

Piece p is pieces[ends[p] : ends[p + 1]] (uint8); costs int64 (P,); `table` finds a piece by its bytes.
"""

import numpy as np
from numba import types

from assay.data.kernel_cache import njit
from assay.tokenizer.kernel import BYTES, GOLDEN, MIX, OFFSETS
from assay.tokenizer.kernel_learn import FREE, LONGS, same_bytes

FAR = np.int64(2**62)


@njit(cache=True, nogil=True)
def step(found, byte):
    """The hash of one more byte."""
    found = (found ^ np.uint64(byte)) * MIX
    return found ^ (found >> np.uint64(29))


@njit(types.Tuple((LONGS, types.int64))(BYTES, LONGS), cache=True, nogil=True)
def piece_table(pieces, ends):
    """A hash table of the pieces, and the length of the longest."""
    size, longest = 16, 1
    while size < 4 * len(ends):
        size *= 2
    table = np.full(size, FREE, dtype=np.int64)
    for piece in range(len(ends) - 1):
        found = GOLDEN
        for i in range(ends[piece], ends[piece + 1]):
            found = step(found, pieces[i])
        slot = np.int64(found >> np.uint64(20)) & (size - 1)
        while table[slot] != FREE:
            slot = (slot + 1) & (size - 1)
        table[slot] = piece
        longest = max(longest, ends[piece + 1] - ends[piece])
    return table, longest


@njit(types.void(BYTES, OFFSETS, LONGS, BYTES, LONGS, LONGS, types.int64, LONGS, LONGS, LONGS), cache=True, nogil=True)
def spell_words(content, offsets, weights, pieces, ends, table, longest, costs, counts, alone):
    """Spell each word at the lowest cost, of equals by the longest last piece, and add its weight to the counts of the pieces used.

    If `alone` has a place for each word, the words are the pieces themselves: none may be spelled by itself whole, and `alone` receives
    what each costs then.
    """
    mask = len(table) - 1
    widest = 1
    for word in range(len(offsets) - 1):
        widest = max(widest, offsets[word + 1] - offsets[word])
    best, last = np.empty(widest + 1, dtype=np.int64), np.empty(widest + 1, dtype=np.int64)
    for word in range(len(offsets) - 1):
        begin, size = offsets[word], offsets[word + 1] - offsets[word]
        best[: size + 1] = FAR
        best[0] = 0
        for i in range(size):
            found = GOLDEN
            for j in range(i, min(size, i + longest)):
                found = step(found, content[begin + j])
                if len(alone) == len(offsets) - 1 and size > 1 and j - i + 1 == size:
                    break
                slot = np.int64(found >> np.uint64(20)) & mask
                while table[slot] != FREE:
                    piece = table[slot]
                    if ends[piece + 1] - ends[piece] == j - i + 1 and same_bytes(pieces, ends[piece], content, begin + i, j - i + 1):
                        if best[i] + costs[piece] < best[j + 1]:
                            best[j + 1], last[j + 1] = best[i] + costs[piece], piece
                        break
                    slot = (slot + 1) & mask
        if len(alone) == len(offsets) - 1:
            alone[word] = best[size]
        i = size
        while i > 0:
            counts[last[i]] += weights[word]
            i -= ends[last[i] + 1] - ends[last[i]]
