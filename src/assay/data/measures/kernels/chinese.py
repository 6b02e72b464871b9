"""jieba's cut of Chinese (0.42.1, `jieba.cut(text)`), compiled: the same sums of the same numbers in the same order, so that ties fall alike.

A run of Han, ASCII letters, digits and + # & . _ % - is cut into the words of a dictionary with the greatest product of frequencies. Where single
characters follow each other, a hidden Markov model (B, M, E, S: begin, middle, end of a word; single) decides which of them make a word.
"""

from typing import Any

import numpy as np

from assay.data.intrinsics import borrowed
from assay.data.kernel_cache import njit
from assay.data.measures.kernels.text import character_at

FIRST_HAN, LAST_HAN = 0x4E00, 0x9FD5
LETTERS = 0x80
"""What a run is made of, as one number each: ASCII below, then Han."""
ALPHABET = LETTERS + LAST_HAN - FIRST_HAN + 1
OTHER = -1
LETTER_BITS = 15
MIX, SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
IMPOSSIBLE = -3.14e100
"""jieba's logarithm of nothing. So large that adding to it changes nothing: ties are frequent, and jieba breaks them by the letter of the state."""
BEGIN, MIDDLE, END, SINGLE = range(4)
SPACE, LINE_END, RETURN, DOT, PERCENT, DIGIT_0, DIGIT_9 = 0x20, 0xA, 0xD, 0x2E, 0x25, 0x30, 0x39


@njit(cache=True, nogil=True)
def letter_of(point: int) -> int:
    """The number of a character in the alphabet of runs, or OTHER."""
    if point >= FIRST_HAN:
        return LETTERS + point - FIRST_HAN if point <= LAST_HAN else OTHER
    if is_word_character(point) or point == 0x23 or 0x25 <= point <= 0x26 or point == 0x2B or 0x2D <= point <= 0x2E or point == 0x5F:
        return point
    return OTHER


@njit(cache=True, nogil=True)
def is_word_character(letter: int) -> bool:
    """An ASCII letter or digit."""
    return DIGIT_0 <= letter <= DIGIT_9 or 0x41 <= letter <= 0x5A or 0x61 <= letter <= 0x7A


@njit(cache=True, nogil=True)
def child(keys: Any, node: int, letter: int, add: bool) -> int:
    """The slot of what `letter` makes of the beginning at slot `node` (-1: of nothing), or -1. `keys` int64 (slots), 0 for a free one."""
    key = ((node + 1) << LETTER_BITS) + letter + 1
    mask = keys.size - 1
    slot = np.int64(((np.uint64(key) * MIX) >> SHIFT) & np.uint64(mask))
    while keys[slot] != key:
        if keys[slot] == 0:
            if not add:
                return -1
            keys[slot] = key
            break
        slot = (slot + 1) & mask
    return int(slot)


@njit(cache=True, nogil=True)
def read_dictionary(content: Any, keys: Any, frequencies: Any) -> int:
    """Add the lines "word frequency tag" of a dictionary, and return the sum of their frequencies; -1: it is not made so, or too large.

    `frequencies` int64 (slots): 0 for what only begins a word. A word with a character outside of the alphabet is never asked for.
    """
    total, used, place = 0, 0, 0
    while place < content.size:
        node, known = -1, True
        while place < content.size and content[place] > SPACE:
            point, size = character_at(content, place)
            letter = letter_of(point)
            known &= letter != OTHER
            if known:
                before = child(keys, node, letter, False)
                if before < 0:
                    used += 1
                    if 4 * used > 3 * keys.size:
                        return -1
                    before = child(keys, node, letter, True)
                node = before
            place += size
        if place == content.size or content[place] != SPACE:
            return -1
        place += 1
        begin, frequency = place, 0
        while place < content.size and DIGIT_0 <= content[place] <= DIGIT_9:
            frequency = 10 * frequency + int(content[place]) - DIGIT_0
            place += 1
        if place == begin:
            return -1
        while place < content.size and content[place] != LINE_END:
            place += 1
        place += 1
        total += frequency
        if known:
            frequencies[node] = frequency
    return total


@njit(cache=True, nogil=True)
def best_words(letters: Any, count: int, roots: Any, keys: Any, weights: Any, unknown: float, sums: Any, ends: Any) -> None:
    """ends[i]: where the word that begins at i ends, on the best way to the end of letters[:count]. `sums` float64, `ends` int32 (count + 1)."""
    sums[count] = 0.0
    for start in range(count - 1, -1, -1):
        best, found = 0.0, 0
        node, stop = roots[letters[start]], start
        while node >= 0:
            stop += 1
            weight = weights[node]
            if weight < 0.0:
                total = weight + sums[stop]
                if found == 0 or total >= best:
                    best, found = total, stop
            if stop == count:
                break
            node = child(keys, node, letters[stop], False)
        if found == 0:
            best, found = unknown + sums[start + 1], start + 1
        sums[start] = best
        ends[start] = found


@njit(cache=True, nogil=True)
def is_word(letters: Any, start: int, end: int, roots: Any, keys: Any, weights: Any) -> bool:
    node = int(roots[letters[start]])
    for place in range(start + 1, end):
        if node < 0:
            return False
        node = child(keys, node, letters[place], False)
    return bool(node >= 0 and weights[node] < 0.0)


@njit(cache=True, nogil=True)
def cut_han(letters: Any, start: int, end: int, first: Any, moves: Any, emitted: Any, back: Any, sizes: Any, at: int) -> int:
    """Write the sizes of the words of Han that nobody knows, by Viterbi's way through the model; the next free place.

    `first` (4,), `moves` (4, 4) from and to, `emitted` (4, Han): float64 logarithms. `back` uint8 (end - start, 4).
    """
    han = letters[start] - LETTERS
    begin, middle, ending, single = (
        first[BEGIN] + emitted[BEGIN, han],
        first[MIDDLE] + emitted[MIDDLE, han],
        first[END] + emitted[END, han],
        first[SINGLE] + emitted[SINGLE, han],
    )
    for place in range(1, end - start):
        han = letters[start + place] - LETTERS
        of = emitted[BEGIN, han]
        one, two = ending + moves[END, BEGIN] + of, single + moves[SINGLE, BEGIN] + of
        back[place, BEGIN] = SINGLE if two >= one else END
        next_begin = max(one, two)
        of = emitted[MIDDLE, han]
        one, two = begin + moves[BEGIN, MIDDLE] + of, middle + moves[MIDDLE, MIDDLE] + of
        back[place, MIDDLE] = MIDDLE if two >= one else BEGIN
        next_middle = max(one, two)
        of = emitted[END, han]
        one, two = begin + moves[BEGIN, END] + of, middle + moves[MIDDLE, END] + of
        back[place, END] = MIDDLE if two >= one else BEGIN
        next_end = max(one, two)
        of = emitted[SINGLE, han]
        one, two = ending + moves[END, SINGLE] + of, single + moves[SINGLE, SINGLE] + of
        back[place, SINGLE] = SINGLE if two >= one else END
        next_single = max(one, two)
        begin, middle, ending, single = next_begin, next_middle, next_end, next_single
    state = SINGLE if single >= ending else END
    for place in range(end - start - 1, -1, -1):  # `back` of a place becomes its state
        before = back[place, state]
        back[place, 0] = state
        state = before
    length = 0
    for place in range(end - start):
        state = back[place, 0]
        length = 1 if state in (BEGIN, SINGLE) else length + 1
        if state in (SINGLE, END):
            sizes[at] = length
            at += 1
    return at


@njit(cache=True, nogil=True)
def cut_unknown(letters: Any, start: int, end: int, first: Any, moves: Any, emitted: Any, back: Any, sizes: Any, at: int) -> int:
    """As cut_han, of letters of any kind: what is no Han is cut into numbers and Latin words ("3.5%") and what stands between them."""
    place = start
    while place < end:
        begin = place
        if letters[place] >= LETTERS:
            while place < end and letters[place] >= LETTERS:
                place += 1
            at = cut_han(letters, begin, place, first, moves, emitted, back, sizes, at)
            continue
        if is_word_character(letters[place]):
            while place < end and is_word_character(letters[place]):
                place += 1
            if place + 1 < end and letters[place] == DOT and DIGIT_0 <= letters[place + 1] <= DIGIT_9:
                place += 2
                while place < end and DIGIT_0 <= letters[place] <= DIGIT_9:
                    place += 1
            if place < end and letters[place] == PERCENT:
                place += 1
        else:
            while place < end and letters[place] < LETTERS and not is_word_character(letters[place]):
                place += 1
        sizes[at] = place - begin
        at += 1
    return at


@njit(cache=True, nogil=True)
def cut_run(
    letters: Any, count: int, roots: Any, keys: Any, weights: Any, unknown: float, first: Any, moves: Any, emitted: Any,
    sums: Any, ends: Any, back: Any, sizes: Any, at: int,
) -> int:  # fmt: skip
    """Write the sizes of the words of one run; the next free place."""
    best_words(letters, count, roots, keys, weights, unknown, sums, ends)
    place, singles = 0, 0  # from `singles` on single characters led to `place`
    while True:
        if place < count and ends[place] == place + 1:
            place += 1
            continue
        if place - singles == 1 or (place > singles and is_word(letters, singles, place, roots, keys, weights)):
            for _ in range(singles, place):
                sizes[at] = 1
                at += 1
        elif place > singles:
            at = cut_unknown(letters, singles, place, first, moves, emitted, back, sizes, at)
        if place == count:
            return at
        sizes[at] = ends[place] - place
        at += 1
        place = singles = ends[place]


@njit(cache=True, nogil=True)
def cut_chinese(content: Any, offsets: Any, model: Any, sizes: Any, places: Any) -> None:
    """Write the characters of each word to `sizes` int32 (bytes of all texts), and to `places` int64 (N + 1) where those of each text begin."""
    content, sizes = borrowed(content), borrowed(sizes)
    roots, keys, weights, unknown = borrowed(model[0]), borrowed(model[1]), borrowed(model[2]), model[3]
    first, moves, emitted = borrowed(model[4]), borrowed(model[5]), borrowed(model[6])
    longest = 0
    for number in range(len(offsets) - 1):
        longest = max(longest, offsets[number + 1] - offsets[number])
    all_letters, all_sums, all_ends = np.empty(longest, np.int32), np.empty(longest + 1), np.empty(longest + 1, np.int32)
    all_back = np.empty((longest, 4), np.uint8)
    letters, sums, ends, back = borrowed(all_letters), borrowed(all_sums), borrowed(all_ends), borrowed(all_back)
    at = 0
    for number in range(len(offsets) - 1):
        places[number] = at
        place, end, count = offsets[number], offsets[number + 1], 0
        while place < end:
            point, size = character_at(content, place)
            letter = letter_of(point)
            place += size
            if letter != OTHER:
                letters[count] = letter
                count += 1
                if place < end:
                    continue
            if count:
                at = cut_run(letters, count, roots, keys, weights, unknown, first, moves, emitted, sums, ends, back, sizes, at)
                count = 0
            if letter == OTHER:
                both = point == RETURN and place < end and content[place] == LINE_END
                place += int(both)
                sizes[at] = 1 + int(both)
                at += 1
    places[len(offsets) - 1] = at
    all_letters[:0], all_sums[:0], all_ends[:0], all_back[:0] = 0, 0, 0, 0  # held until here
