"""Compiled passes over running text for vectors of words: negative sampling (Mikolov et al. 2013b, eq. 4), learnt or only scored.

B rows of text, T tokens of a row, V rows of the output table, R of the input table, D width. A word is the sum of its parts, rows of the input
table: itself, and in fastText its n-grams. Vectors are updated one prediction after another, so all is done by one thread.
"""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from assay.data.intrinsics import borrowed
from assay.data.kernel_cache import njit

SATURATED = 6.0
"""Scores beyond are taken as certain, as in word2vec.c; within, the sigmoid is looked up in STEPS steps."""
STEPS = 1000
PREDICTIONS, NATS, FLOOR_NATS = 0, 1, 2
"""Places in what the passes return."""

_MIDDLES = ((np.arange(STEPS) + 0.5) / STEPS * 2 - 1) * SATURATED
_SIGMOID = (1 / (1 + np.exp(-_MIDDLES))).astype(np.float32)
_NATS = np.log1p(np.exp(-_MIDDLES)).astype(np.float32)
_SCALE = np.float32(STEPS / (2 * SATURATED))
_SUMS = {"reassoc", "contract", "nsz"}
"""Sums in any order, so that they are done 16 numbers at a time; what is no number stays none."""

_FLOATS, _ROW = types.Array(types.float32, 2, "C"), types.float32[::1]
_IDS, _CHANCES = types.Array(types.int32, 1, "C"), types.Array(types.uint32, 1, "C")
_TOKENS = types.Array(types.int64, 2, "C")
_STATE = types.uint64[::1]
_TUPLE: Any = types.Tuple
_TASK = _TUPLE((types.int64, types.int64, types.int64, types.boolean))
_WORDS = _TUPLE((_IDS, _CHANCES, _CHANCES, _IDS))
_PARTS = _TUPLE((types.int64[::1], _IDS))


@njit(types.uint64(_STATE), cache=True, nogil=True)
def _draw(state: NDArray[np.uint64]) -> Any:
    """SplitMix64 (Steele, Lea & Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@njit(types.int64(_CHANCES, _IDS, _STATE), cache=True, nogil=True)
def _negative(chances: NDArray[np.uint32], others: NDArray[np.int32], state: NDArray[np.uint64]) -> Any:
    """A word by Walker's alias table (Walker 1977): one number chooses a column, and one of its two words."""
    drawn = _draw(state)
    column = np.int64(((drawn >> np.uint64(32)) * np.uint64(len(chances))) >> np.uint64(32))
    return column if (drawn & np.uint64(0xFFFFFFFF)) < chances[column] else np.int64(others[column])


@njit(types.int64(types.int64, _STATE), cache=True, nogil=True)
def _reach(window: int, state: NDArray[np.uint64]) -> Any:
    """1 to window, each as often: near words are taken more often than far ones (Mikolov et al. 2013a, section 3.2)."""
    return 1 + np.int64(((_draw(state) >> np.uint64(32)) * np.uint64(window)) >> np.uint64(32))


@njit(types.float32(_ROW, _FLOATS, types.int64), cache=True, nogil=True, fastmath=_SUMS)
def _score(hidden: NDArray[np.float32], output: NDArray[np.float32], word: int) -> Any:
    total = np.float32(0)
    for d in range(len(hidden)):
        total += hidden[d] * output[word, d]
    return total


@njit(
    types.float64(_ROW, _ROW, _FLOATS, types.int64, types.int64, _CHANCES, _IDS, types.float32, _STATE),
    cache=True,
    nogil=True,
    fastmath=_SUMS,
)
def _predict(
    hidden: NDArray[np.float32],
    error: NDArray[np.float32],
    output: NDArray[np.float32],
    target: int,
    negatives: int,
    chances: NDArray[np.uint32],
    others: NDArray[np.int32],
    rate: Any,
    state: NDArray[np.uint64],
) -> float:
    """Tell a word from drawn ones by `hidden` (D,). Updates `output`, sets `error` (D,) to the step of `hidden`; the nats before."""
    nats = 0.0
    error[:] = 0
    for number in range(negatives + 1):
        word = target if number == 0 else _negative(chances, others, state)
        if number and word == target:
            continue
        score = _score(hidden, output, word)
        label = np.float32(1 if number == 0 else 0)
        sure = score if number == 0 else -score
        if score >= SATURATED:
            likely = np.float32(1)
            nats += max(np.float32(0), -sure)
        elif score > -SATURATED:
            likely = _SIGMOID[min(STEPS - 1, int((score + np.float32(SATURATED)) * _SCALE))]
            nats += _NATS[min(STEPS - 1, int((sure + np.float32(SATURATED)) * _SCALE))]
        else:  # NaN too, which then is the loss
            likely = np.float32(0)
            nats += max(np.float32(0), -sure) if sure == sure else sure
        step = (label - likely) * rate
        for d in range(len(hidden)):
            error[d] += step * output[word, d]
            output[word, d] += step * hidden[d]
    return nats


@njit(types.int64(_ROW, _FLOATS, types.int64, types.int64[::1], _IDS), cache=True, nogil=True, fastmath=_SUMS)
def _add_parts(
    hidden: NDArray[np.float32], table: NDArray[np.float32], word: int, offsets: NDArray[np.int64], parts: NDArray[np.int32]
) -> Any:
    """hidden += the word's parts; how many they are."""
    for place in range(offsets[word], offsets[word + 1]):
        part = parts[place]
        for d in range(len(hidden)):
            hidden[d] += table[part, d]
    return offsets[word + 1] - offsets[word]


@njit(types.void(_ROW, _FLOATS, types.int64, types.int64[::1], _IDS), cache=True, nogil=True, fastmath=_SUMS)
def _move_parts(
    step: NDArray[np.float32], table: NDArray[np.float32], word: int, offsets: NDArray[np.int64], parts: NDArray[np.int32]
) -> None:
    for place in range(offsets[word], offsets[word + 1]):
        part = parts[place]
        for d in range(len(step)):
            table[part, d] += step[d]


@njit(types.void(_ROW, types.float32), cache=True, nogil=True)
def _scale(hidden: NDArray[np.float32], factor: Any) -> None:
    for d in range(len(hidden)):
        hidden[d] *= factor


@njit(types.int64(_TOKENS, types.int64, types.int64, types.int64, _IDS, _CHANCES, _STATE, _IDS), cache=True, nogil=True)
def _read(
    tokens: NDArray[np.int64],
    row: int,
    start: int,
    end_of_document: int,
    word_of: NDArray[np.int32],
    kept: NDArray[np.uint32],
    state: NDArray[np.uint64],
    words: NDArray[np.int32],
) -> int:
    """Fill `words` with those of a row from `start` to the document's end that are kept; words[-1]: how many. Returns where to go on.

    What is no word is left out before windows are cut, as are frequent words by chance (Mikolov et al. 2013b, section 2.3).
    """
    count, place = 0, start
    while place < tokens.shape[1] and tokens[row, place] != end_of_document:
        word = word_of[tokens[row, place]]
        place += 1
        if word >= 0 and (_draw(state) >> np.uint64(32)) <= kept[word]:
            words[count] = word
            count += 1
    words[-1] = count
    return place + 1


_WINDOW = (
    *(_IDS, types.int64, types.int64, types.int64, _FLOATS, _FLOATS, types.int64[::1], _IDS, _CHANCES, _IDS),
    *(types.int64, types.float32, _STATE, _ROW, _ROW),
)


@njit(types.float64(*_WINDOW), cache=True, nogil=True, fastmath=_SUMS)
def _from_neighbours(
    words: NDArray[np.int32],
    first: int,
    centre: int,
    last: int,
    table: NDArray[np.float32],
    output: NDArray[np.float32],
    offsets: NDArray[np.int64],
    parts: NDArray[np.int32],
    chances: NDArray[np.uint32],
    others: NDArray[np.int32],
    negatives: int,
    rate: Any,
    state: NDArray[np.uint64],
    hidden: NDArray[np.float32],
    error: NDArray[np.float32],
) -> float:
    """CBOW: words[centre] from the mean of all parts of the others in first..last-1. The nats before the update."""
    count = 0
    hidden[:] = 0
    for place in range(first, last):
        if place != centre:
            count += _add_parts(hidden, table, words[place], offsets, parts)
    _scale(hidden, np.float32(1) / np.float32(count))
    nats: float = _predict(hidden, error, output, words[centre], negatives, chances, others, rate, state)
    for place in range(first, last):
        if place != centre:
            _move_parts(error, table, words[place], offsets, parts)
    return nats


@njit(types.float64(*_WINDOW, _ROW), cache=True, nogil=True, fastmath=_SUMS)
def _from_word(
    words: NDArray[np.int32],
    first: int,
    centre: int,
    last: int,
    table: NDArray[np.float32],
    output: NDArray[np.float32],
    offsets: NDArray[np.int64],
    parts: NDArray[np.int32],
    chances: NDArray[np.uint32],
    others: NDArray[np.int32],
    negatives: int,
    rate: Any,
    state: NDArray[np.uint64],
    hidden: NDArray[np.float32],
    error: NDArray[np.float32],
    step: NDArray[np.float32],
) -> float:
    """Skip-gram: the others in first..last-1 from words[centre], one after another. The nats before each update.

    Each part moves by the error of each prediction, so their mean does too: parts are read and written once a window.
    """
    nats = 0.0
    hidden[:] = 0
    step[:] = 0
    count = _add_parts(hidden, table, words[centre], offsets, parts)
    _scale(hidden, np.float32(1) / np.float32(count))
    for place in range(first, last):
        if place != centre:
            nats += _predict(hidden, error, output, words[place], negatives, chances, others, rate, state)
            for d in range(len(hidden)):
                hidden[d] += error[d]
                step[d] += error[d]
    _move_parts(step, table, words[centre], offsets, parts)
    return nats


@njit(
    types.float64[::1](_TOKENS, _WORDS, _PARTS, _FLOATS, _FLOATS, _TASK, types.float32, _STATE, _IDS, _ROW, _ROW, _ROW),
    cache=True,
    nogil=True,
)
def learn(
    tokens: NDArray[np.int64],
    vocabulary: Any,
    made_of: Any,
    table: NDArray[np.float32],
    output: NDArray[np.float32],
    task: tuple[int, int, int, bool],
    rate: Any,
    state: NDArray[np.uint64],
    words: NDArray[np.int32],
    hidden: NDArray[np.float32],
    error: NDArray[np.float32],
    step: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Learn from text (B, T): the number of predictions and their nats, (2,) float64. `table` (R, D) and `output` (V, D) are updated in place.

    vocabulary: each token's word or -1, in how many of 2^32 cases it is kept, and an alias table of negatives, each (V,). made_of: V + 1 offsets
    into the words' parts. task: the id that ends a document, window, negatives, and whether words are predicted from all their neighbours
    together (CBOW) or each neighbour from the word (skip-gram). state (1,): of the draws. words (T + 1,), hidden, error and step (D,): to write on.
    """
    word_of, kept, chances, others = vocabulary
    offsets, parts = made_of
    end_of_document, window, negatives, together = task
    state_, words_, step_ = borrowed(state), borrowed(words), borrowed(step)
    shared = (
        *(borrowed(table), borrowed(output), borrowed(offsets), borrowed(parts), borrowed(chances), borrowed(others)),
        *(negatives, rate, state_, borrowed(hidden), borrowed(error)),
    )
    sums = np.zeros(2)
    for row in range(tokens.shape[0]):
        start = 0
        while start < tokens.shape[1]:
            start = _read(tokens, row, start, end_of_document, word_of, kept, state_, words_)
            length: Any = np.int64(words[-1])
            for centre in range(length):
                reach = _reach(window, state_)
                first, last = max(0, centre - reach), min(length, centre + reach + 1)
                if last - first > 1:
                    sums[PREDICTIONS] += 1 if together else last - first - 1
                    if together:
                        sums[NATS] += _from_neighbours(words_, first, centre, last, *shared)
                    else:
                        sums[NATS] += _from_word(words_, first, centre, last, *shared, step_)
    return sums


@njit(types.float64(types.float64), cache=True, nogil=True)
def _doubt(score: Any) -> Any:
    """-ln sigmoid(score)"""
    return max(0.0, -score) + np.log1p(np.exp(-abs(score)))


@njit(types.float64[::1](_TOKENS, _WORDS, _IDS, _FLOATS, _FLOATS, _ROW, _TASK, types.uint64), cache=True, nogil=True)
def weigh(
    tokens: NDArray[np.int64],
    vocabulary: Any,
    sizes: NDArray[np.int32],
    vectors: NDArray[np.float32],
    output: NDArray[np.float32],
    floor: NDArray[np.float32],
    task: tuple[int, int, int, bool],
    seed: Any,
) -> NDArray[np.float64]:
    """Score text without learning: predictions, their nats, and those of `floor` (V,), scores that know no neighbours: (3,) float64.

    `vectors` (V, D): means of each word's parts; `sizes` (V,): how many these are.
    """
    word_of, kept, chances, others = vocabulary
    end_of_document, window, negatives, together = task
    state = np.array([seed], dtype=np.uint64)
    words = np.empty(tokens.shape[1] + 1, dtype=np.int32)
    hidden = np.empty(vectors.shape[1], np.float32)
    sums = np.zeros(3)
    for row in range(tokens.shape[0]):
        start = 0
        while start < tokens.shape[1]:
            start = _read(tokens, row, start, end_of_document, word_of, kept, state, words)
            length: Any = np.int64(words[-1])
            for centre in range(length):
                reach = _reach(window, state)
                first, last = max(0, centre - reach), min(length, centre + reach + 1)
                count = np.float32(0)
                hidden[:] = 0
                if together:
                    for place in range(first, last):
                        if place != centre:
                            count += sizes[words[place]]
                            hidden += vectors[words[place]] * np.float32(sizes[words[place]])
                    if count:
                        hidden /= count
                else:
                    hidden[:] = vectors[words[centre]]
                for place in range(first, last):
                    if (place == centre) != together or last - first == 1:
                        continue
                    target: Any = np.int64(words[place])
                    sums[PREDICTIONS] += 1
                    sums[NATS] += _doubt(_score(hidden, output, target))
                    sums[FLOOR_NATS] += _doubt(floor[target])
                    for _ in range(negatives):
                        word = _negative(chances, others, state)
                        if word != target:
                            sums[NATS] += _doubt(-_score(hidden, output, word))
                            sums[FLOOR_NATS] += _doubt(-floor[word])
    return sums
