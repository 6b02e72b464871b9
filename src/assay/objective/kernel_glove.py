"""Compiled passes for GloVe: counting which words stand together, and AdaGrad's updates for each count (Pennington et al. 2014, eq. 8).

V rows of a table of words, D width, N entries: which two words stand together, ln of how often, and the weight of it.
"""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from assay.data.intrinsics import borrowed
from assay.data.kernel_cache import njit

ERROR, WEIGHT = 0, 1
"""Places in the sums that passes return."""
USED, HEAD, FILLED = 0, 1, 2
"""Places in a counter's state: slots of the table in use, words read, words read of this document."""
_SUMS = {"reassoc", "contract", "nsz"}
"""Sums in any order, so that they are done 16 numbers at a time; what is no number stays none."""

_TABLE, _ROW = types.Array(types.float32, 2, "C"), types.float32[::1]
_IDS, _KEYS, _COUNTS = types.Array(types.int32, 1, "C"), types.uint64[::1], types.int64[::1]
_tuple: Any = types.Tuple
_ENTRIES = _tuple((_IDS, _IDS, _ROW, _ROW))
_SIDE = _tuple((_TABLE, _ROW, _TABLE, _ROW))


@njit(types.int64(_KEYS, types.uint64), cache=True, nogil=True)
def _slot(keys: NDArray[np.uint64], key: Any) -> Any:
    """Where a key is, or the empty slot where it belongs; the table is a power of two and never full."""
    mask = np.uint64(len(keys) - 1)
    mixed = key * np.uint64(0x9E3779B97F4A7C15)
    slot = (mixed ^ (mixed >> np.uint64(32))) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@njit(types.int64(_COUNTS, types.int64, types.int64, _IDS, _COUNTS, _IDS, _COUNTS, _KEYS, _COUNTS), cache=True, nogil=True)
def count(
    tokens: NDArray[np.int64],
    start: int,
    end_of_document: int,
    row_of: NDArray[np.int32],
    units: NDArray[np.int64],
    recent: NDArray[np.int32],
    state: NDArray[np.int64],
    keys: NDArray[np.uint64],
    counts: NDArray[np.int64],
) -> int:
    """Add the pairs of a text from `start` on; returns where the table is too full to go on, or the text's length.

    Words at distance d within a document count `units[d - 1]` of them. A pair's key is its smaller row and its larger, plus 1. What is no word is
    left out before distances are taken. `recent` (window,) and `state` go on from one text to the next.
    """
    keys_, window = borrowed(keys), np.int64(len(units))
    for place in range(start, len(tokens)):
        if tokens[place] == end_of_document:
            state[FILLED] = 0
            continue
        word = np.int64(row_of[tokens[place]])
        if word < 0:
            continue
        if 2 * (state[USED] + window) > len(keys):
            return place
        for back in range(1, min(state[FILLED], window) + 1):
            other = np.int64(recent[(state[HEAD] - back) % window])
            key = (np.uint64(min(word, other)) << np.uint64(32)) + np.uint64(max(word, other)) + np.uint64(1)
            slot = _slot(keys_, key)
            if keys[slot] == 0:
                keys[slot] = key
                state[USED] += 1
            counts[slot] += units[back - 1]
        recent[state[HEAD] % window] = word
        state[HEAD] += 1
        state[FILLED] += 1
    return len(tokens)


@njit(types.void(_KEYS, _COUNTS, _KEYS, _COUNTS), cache=True, nogil=True)
def move(keys: NDArray[np.uint64], counts: NDArray[np.int64], larger: NDArray[np.uint64], theirs: NDArray[np.int64]) -> None:
    """Into an empty table."""
    larger_ = borrowed(larger)
    for place in range(len(keys)):
        if keys[place] != 0:
            slot = _slot(larger_, keys[place])
            larger[slot] = keys[place]
            theirs[slot] = counts[place]
    theirs[0] += 0 * len(larger)  # keeps the borrowed table alive


@njit(types.float32(_SIDE, _SIDE, types.int64, types.int64, types.float32), cache=True, nogil=True, fastmath=_SUMS)
def _difference(words: Any, contexts: Any, word: int, context: int, target: Any) -> Any:
    vectors, biases, _, _ = words
    others, other_biases, _, _ = contexts
    total = biases[word] + other_biases[context] - target
    for d in range(vectors.shape[1]):
        total += vectors[word, d] * others[context, d]
    return total


@njit(
    types.void(_SIDE, _SIDE, types.int64, types.int64, types.float32, types.float32),
    cache=True,
    nogil=True,
    fastmath=_SUMS,
    error_model="numpy",
)
def _move(words: Any, contexts: Any, word: int, context: int, slope: Any, rate: Any) -> None:
    """AdaGrad (Duchi et al. 2011): each number has the sum of its squared gradients, by whose root its steps are divided."""
    vectors, biases, sums, bias_sums = words
    others, other_biases, other_sums, other_bias_sums = contexts
    for d in range(vectors.shape[1]):
        gradient, other_gradient = slope * others[context, d], slope * vectors[word, d]
        sums[word, d] += gradient * gradient
        other_sums[context, d] += other_gradient * other_gradient
        vectors[word, d] -= rate * gradient / np.sqrt(sums[word, d])
        others[context, d] -= rate * other_gradient / np.sqrt(other_sums[context, d])
    bias_sums[word] += slope * slope
    other_bias_sums[context] += slope * slope
    biases[word] -= rate * slope / np.sqrt(bias_sums[word])
    other_biases[context] -= rate * slope / np.sqrt(other_bias_sums[context])


@njit(types.void(types.int32[::1], types.uint64), cache=True, nogil=True)
def shuffle(order: NDArray[np.int32], key: Any) -> None:
    """In place, every order as likely to 1 in 2^32 / N (Fisher & Yates 1938, by draws of SplitMix64; Steele, Lea & Flood 2014)."""
    for last in range(len(order) - 1, 0, -1):
        mixed = key + np.uint64(last) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        other = np.int64(((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)) * np.uint64(last + 1) >> np.uint64(32))
        order[last], order[other] = order[other], order[last]


@njit(types.float64[::1](_ENTRIES, _SIDE, _SIDE, types.float32), cache=True, nogil=True)
def learn(entries: Any, words: Any, contexts: Any, rate: Any) -> NDArray[np.float64]:
    """The weighted squared errors before each update, and the weights: (2,) float64 sums.

    entries: rows of words and of contexts, ln of the count and its weight, each (N,), taken one after another, in one direction.
    words, contexts: vectors (V, D), biases (V,), and AdaGrad's sums for both; updated in place.
    """
    word, context, target, weight = entries
    sums = np.zeros(2)
    for place in range(len(word)):
        difference = _difference(words, contexts, word[place], context[place], target[place])
        sums[ERROR] += np.float64(weight[place]) * np.float64(difference) * np.float64(difference)
        sums[WEIGHT] += np.float64(weight[place])
        _move(words, contexts, word[place], context[place], weight[place] * difference, rate)
    return sums


@njit(types.float64[::1](_ENTRIES, _SIDE, _SIDE), cache=True, nogil=True)
def weigh(entries: Any, words: Any, contexts: Any) -> NDArray[np.float64]:
    """Score pairs without learning, each given once and meant in both directions; results as of `learn`."""
    first, second, target, weight = entries
    sums = np.zeros(2)
    for place in range(len(first)):
        for turn in range(1 if first[place] == second[place] else 2):
            word, context = (first[place], second[place]) if turn == 0 else (second[place], first[place])
            difference = _difference(words, contexts, word, context, target[place])
            sums[ERROR] += np.float64(weight[place]) * np.float64(difference) * np.float64(difference)
            sums[WEIGHT] += np.float64(weight[place])
    return sums
