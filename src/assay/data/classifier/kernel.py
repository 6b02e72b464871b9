"""From bytes of UTF-8 to a text's n-grams as numbers of buckets; the sum of their weights; the steps of learning those.

Sums of weights are of whole numbers, and all other arithmetic is of operations that IEEE 754 rounds in one way, in one order: so a text
has one score on every machine, and the same labels give the same weights.
"""

from typing import Any

import numpy as np
from numba import types

from assay.data.near.kernel import compiled, inlined, int64, reads, writes

TABLE_SIZE = 0x20000
"""Size of the table of characters, as assay.data.near.characters makes it: 0 for what stands between words."""
ALONE = 1 << 24
"""Flag there of a character that is a word of its own."""
LONGEST = 8
"""Words or characters in an n-gram; a power of two."""
STEPS_A_UNIT, REACH = 64, 16
"""Size of the table of the logistic function: entries for each 1 of its argument, which runs from -REACH to REACH."""
SMALL = 1e-8
"""Below the root of the first step's square: nothing is divided by 0."""
_HAN_END = 0x323B0
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_BASE = np.uint64(0xD1342543DE82EF95)
_WORDS, _CHARACTERS = np.uint64(0x6A09E667F3BCC909), np.uint64(0xBB67AE8584CAA73B)
_64, _30, _27, _31 = (np.uint64(count) for count in (64, 30, 27, 31))
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@inlined
def _mixed(value: Any) -> Any:
    """SplitMix64's finaliser, as in assay.data.order."""
    value = (value ^ (value >> _30)) * _M1
    value = (value ^ (value >> _27)) * _M2
    return value ^ (value >> _31)


@inlined
def _decoded(content: Any, at: Any) -> Any:
    """(code point, bytes) of the character at `at`; the text is well-formed."""
    lead = np.int64(content[at])
    if lead < 0x80:
        return lead, 1
    second = np.int64(content[at + 1]) & 0x3F
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | second, 2
    third = np.int64(content[at + 2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | second << 6 | third, 3
    return (lead & 0x07) << 18 | second << 12 | third << 6 | np.int64(content[at + 3]) & 0x3F, 4


@inlined
def _gram(ring: Any, seen: Any, size: Any, key: Any, shift: Any) -> Any:
    """Bucket of the n-gram of the newest `size` of `seen` units."""
    gram = key
    for back in range(1, size + 1):
        gram = (gram ^ ring[(seen - back) & (LONGEST - 1)]) * _BASE
    return np.uint32(_mixed(gram) >> shift)


@inlined
def _add_word(word: Any, ring: Any, seen: Any, longest: Any, shift: Any, buckets: Any, count: Any) -> Any:
    """Write the buckets of the n-grams that end with a new word."""
    ring[seen & (LONGEST - 1)] = word
    seen += 1
    for size in range(1, min(longest, seen) + 1):
        buckets[count] = _gram(ring, seen, size, _WORDS, shift)
        count += 1
    return seen, count


@compiled(int64(reads(types.uint8), reads(int64), reads(types.uint32), int64, int64, int64, writes(types.uint32), writes(int64)))
def find_buckets(content: Any, offsets: Any, table: Any, longest: Any, characters: Any, bits: Any, buckets: Any, bounds: Any) -> Any:
    """Buckets of text i in buckets[bounds[i] : bounds[i + 1]], repeats included, each below 2**bits. Returns their number.

    n-grams of 1 to `longest` words, in lower case and without punctuation, and of exactly `characters` characters as they stand.
    `buckets` needs room for (bytes + 1) // 2 * longest + bytes of every text.
    """
    words, ring = np.zeros(LONGEST, dtype=np.uint64), np.zeros(LONGEST, dtype=np.uint64)
    shift = _64 - np.uint64(bits)
    count = 0
    bounds[0] = 0
    for number in range(len(offsets) - 1):
        at, end = offsets[number], offsets[number + 1]
        seen_words, seen = 0, 0
        word, in_word = np.uint64(0), False
        while at < end:
            point, width = _decoded(content, at)
            at += width
            ring[seen & (LONGEST - 1)] = np.uint64(point)
            seen += 1
            if seen >= characters:
                buckets[count] = _gram(ring, seen, characters, _CHARACTERS, shift)
                count += 1
            letter = np.uint32(0)
            if point < TABLE_SIZE:
                letter = table[point]
            elif point < _HAN_END:
                letter = np.uint32(point | ALONE)
            if letter != 0 and letter < ALONE:
                word = (word ^ np.uint64(letter)) * _MULTIPLIER
                in_word = True
                continue
            if in_word:
                seen_words, count = _add_word(_mixed(word), words, seen_words, longest, shift, buckets, count)
                word, in_word = np.uint64(0), False
            if letter != 0:
                seen_words, count = _add_word(np.uint64(letter), words, seen_words, longest, shift, buckets, count)
        if in_word:
            seen_words, count = _add_word(_mixed(word), words, seen_words, longest, shift, buckets, count)
        bounds[number + 1] = count
    return count


@compiled(types.void(reads(types.uint32), reads(int64), reads(types.int32), int64, writes(int64)))
def add_weights(buckets: Any, bounds: Any, weights: Any, bias: Any, sums: Any) -> None:
    """sums[i]: the bias, and the weights of text i's buckets over the root of their number, rounded down."""
    for number in range(len(bounds) - 1):
        total = np.int64(0)
        for place in range(bounds[number], bounds[number + 1]):
            total += weights[buckets[place]]
        count = bounds[number + 1] - bounds[number]
        sums[number] = bias + np.int64(np.floor(total / np.sqrt(max(count, 1))))


@compiled(
    types.float64(
        *(reads(types.uint32), reads(int64), reads(types.boolean), reads(int64), reads(types.float32)),
        *(types.float64, writes(types.float64), writes(types.float64)),
    )
)
def learn(buckets: Any, bounds: Any, good: Any, order: Any, logistic: Any, rate: Any, weights: Any, squares: Any) -> Any:
    """Logistic regression by AdaGrad (Duchi et al. 2011), a step for each text in `order`. Returns the bias; `weights` begin as 0.

    `logistic`: of the middle of each step, since the library's own exp() differs between machines in the last bit.
    """
    bias, bias_square = 0.0, SMALL
    for number in order:
        first, last = bounds[number], bounds[number + 1]
        scale = 1.0 / np.sqrt(max(last - first, 1))
        total = 0.0
        for place in range(first, last):
            total += weights[buckets[place]]
        step = np.int64(np.floor((bias + total * scale + REACH) * STEPS_A_UNIT))
        error = logistic[min(max(step, 0), len(logistic) - 1)] - (1.0 if good[number] else 0.0)
        bias_square += error * error
        bias -= rate * error / np.sqrt(bias_square)
        slope = error * scale
        for place in range(first, last):
            bucket = buckets[place]
            squares[bucket] += slope * slope
            weights[bucket] -= rate * slope / np.sqrt(squares[bucket] + SMALL)
    return bias
