"""Words by a tokenizer outside, asked once for each different run of characters without blanks.

spaCy's tokenizer cuts at blanks first and then each chunk by itself, so a chunk's words never depend on its neighbours.
"""

from typing import Any

import numpy as np
from numba import njit

from assay.data.measures.classes import BLANK, LETTER, PUNCTUATION, SENTENCE, SYMBOL
from assay.data.measures.kernels.text import HALF, character_at, find_or_add, hash_of, holds, mask_for
from assay.data.measures.kernels.words import (
    AFTER_BLANK,
    ALPHABETIC,
    ASCII_LETTER,
    CAPITAL,
    DIGIT,
    ENDS,
    GAP,
    HIGH,
    LINE_END,
    MARKS,
    NEW_LINE,
    PLAIN,
    SPACE,
    STOP,
)

GENERATION = 1


@njit(cache=True, nogil=True)
def bits_of(content: Any, start: int, end: int, classes: Any) -> tuple[int, int]:
    """(characters, bits) of a word."""
    characters, any_letter, any_plain, all_marks, of = 0, False, False, True, 0
    place = start
    while place < end:
        point, size = character_at(content, place)
        of = int(classes[point])
        any_letter |= of & LETTER != 0
        any_plain |= of & SYMBOL == 0
        all_marks &= of & PUNCTUATION != 0
        characters += 1
        place += size
    ends = characters == 1 and of & SENTENCE != 0
    return characters, ALPHABETIC * any_letter | PLAIN * any_plain | MARKS * all_marks | ENDS * ends


@njit(cache=True, nogil=True)
def next_chunk(content: Any, place: int, end: int, kind: Any, classes: Any) -> tuple[int, int, int]:
    """(start, end, bits) of the first chunk from `place`, which is a text's start or a chunk's end; start == end: there is none."""
    after, begin = 0, place
    while begin < end:
        byte = content[begin]
        size = 1
        if kind[byte] & HIGH:
            point, size = character_at(content, begin)
            if not classes[point] & BLANK:
                break
        elif not kind[byte] & GAP:
            break
        if byte == LINE_END:
            after |= NEW_LINE
        elif byte != SPACE or begin > place:
            after |= AFTER_BLANK
        begin += size
    stop = begin
    while stop < end:
        sort = kind[content[stop]]
        size = 1
        if sort & HIGH:
            point, size = character_at(content, stop)
            if classes[point] & BLANK:
                break
        elif sort & GAP:
            break
        stop += size
    return begin, stop, after


@njit(cache=True, nogil=True)
def unknown_chunks(content: Any, offsets: Any, at: Any, kind: Any, classes: Any, table: Any, known: int, spans: Any) -> int:
    """Number the chunks that `table` lacks from `known` on, and write their (start, end) to `spans` int64 (room, 2); how many.

    `at` int64 (2): the text and place to go on from, and to which reading came: the number of texts once all is read.
    """
    mask = table.size // 2 - 1
    added, text, place = 0, at[0], at[1]
    while text < len(offsets) - 1:
        end = offsets[text + 1]
        place = max(place, offsets[text])
        while place < end:
            if added == len(spans):
                at[0] = text
                at[1] = place
                return added
            start, place, _ = next_chunk(content, place, end, kind, classes)
            if start == place:
                break
            if find_or_add(table, mask, GENERATION, hash_of(content, start, place), known + added) == known + added:
                spans[added, 0] = start
                spans[added, 1] = place
                added += 1
        text += 1
    at[0] = text
    at[1] = place
    return added


@njit(cache=True, nogil=True)
def stem_of(content: Any, start: int, end: int, kind: Any, exceptions: Any) -> tuple[int, int]:
    """(start, end) of the one word in a chunk that spaCy need not be asked about, or (-1, -1).

    Such a chunk is two or more ASCII letters, or digits, perhaps with one of `("` before and one of `,.;:!?)"` behind. No affix
    pattern of spaCy cuts letters alone or digits alone, and each of these marks is cut off, unless an exception says otherwise.
    """
    begin = start + int(content[start] == 0x28 or content[start] == 0x22)
    tail = content[end - 1]
    marked = tail == 0x2C or tail == STOP or tail == 0x3B or tail == 0x3A or tail == 0x21 or tail == 0x3F or tail == 0x29 or tail == 0x22
    stop = end - int(marked)
    if stop - begin < 2:
        return -1, -1
    every = ASCII_LETTER | DIGIT
    for place in range(begin, stop):
        every &= kind[content[place]]
    if every == 0 or (tail == STOP and kind[content[stop - 1]] & CAPITAL):
        return -1, -1
    known = holds(exceptions, hash_of(content, start, end)) or holds(exceptions, hash_of(content, begin, stop))
    if known or holds(exceptions, hash_of(content, begin, end)) or holds(exceptions, hash_of(content, start, stop)):
        return -1, -1
    return begin, stop


@njit(cache=True, nogil=True)
def hard_chunks(content: Any, spans: Any, kind: Any, exceptions: Any, out: Any) -> int:
    """Copy the chunks that spaCy must be asked about to `out`, with a blank behind each; the bytes written."""
    place = 0
    for number in range(len(spans)):
        start, end = spans[number, 0], spans[number, 1]
        if stem_of(content, start, end, kind, exceptions)[0] >= 0:
            continue
        for at in range(start, end):
            out[place] = content[at]
            place += 1
        out[place] = SPACE
        place += 1
    return place


@njit(cache=True, nogil=True)
def keep(content: Any, start: int, end: int, classes: Any, at: int, hashes: Any, lengths: Any, bits: Any) -> int:
    """Write a word, unless it is empty; the next free place."""
    if start == end:
        return at
    hashes[at] = hash_of(content, start, end)
    lengths[at], bits[at] = bits_of(content, start, end, classes)
    return at + 1


@njit(cache=True, nogil=True)
def learn(
    content: Any, spans: Any, kind: Any, exceptions: Any, text: Any, starts: Any, sizes: Any, classes: Any,
    hashes: Any, lengths: Any, bits: Any, firsts: Any,
) -> int:  # fmt: skip
    """Write the words of each chunk, and its first word's place to `firsts`; how many words, or -1 where spaCy's do not fit the text.

    `starts`, `sizes`: spaCy's words of `text`, which hard_chunks wrote, in characters.
    """
    at, word, place, character = 0, 0, 0, 0
    for number in range(len(spans)):
        start, end = spans[number, 0], spans[number, 1]
        firsts[number] = at
        begin, stop = stem_of(content, start, end, kind, exceptions)
        if begin >= 0:
            at = keep(content, start, begin, classes, at, hashes, lengths, bits)
            at = keep(content, begin, stop, classes, at, hashes, lengths, bits)
            at = keep(content, stop, end, classes, at, hashes, lengths, bits)
            continue
        behind = place + end - start
        while place < behind:
            if word == len(starts) or starts[word] != character:
                return -1
            begin = place
            for _ in range(sizes[word]):
                _, size = character_at(text, place)
                place += size
            character += sizes[word]
            at = keep(text, begin, place, classes, at, hashes, lengths, bits)
            word += 1
        if place != behind:
            return -1
        place += 1
        character += 1
    return at if word == len(starts) else -1


@njit(cache=True, nogil=True)
def larger(table: Any) -> Any:
    """A table with twice the slots and the same entries."""
    grown = np.zeros(2 * table.size, np.uint64)
    mask = grown.size // 2 - 1
    for slot in range(table.size // 2):
        if table[2 * slot + 1] >> HALF:
            find_or_add(grown, mask, GENERATION, table[2 * slot], int(table[2 * slot + 1] & np.uint64(0xFFFFFFFF)))
    return grown


@njit(cache=True, nogil=True)
def known_words(
    content: Any, start: int, end: int, kind: Any, classes: Any, table: Any, firsts: Any, chunk_hashes: Any, chunk_lengths: Any,
    chunk_bits: Any, hashes: Any, lengths: Any, flags: Any,
) -> int:  # fmt: skip
    """Write the words of content[start:end], whose chunks are all known; their number, or -1 where the arrays are too short."""
    mask = table.size // 2 - 1
    place, count, after = start, 0, NEW_LINE
    while place < end:
        begin, place, gap = next_chunk(content, place, end, kind, classes)
        if begin == place:
            break
        after |= gap
        chunk = find_or_add(table, mask, GENERATION, hash_of(content, begin, place), 0)
        if count + firsts[chunk + 1] - firsts[chunk] > len(hashes):
            return -1
        for word in range(firsts[chunk], firsts[chunk + 1]):
            hashes[count] = chunk_hashes[word]
            lengths[count] = chunk_lengths[word]
            flags[count] = chunk_bits[word] | after
            count += 1
            after = 0
    return count


@njit(cache=True, nogil=True)
def given_words(content: Any, start: int, end: int, classes: Any, sizes: Any, hashes: Any, lengths: Any, flags: Any) -> int:
    """Write the words of content[start:end] that a segmenter gave as `sizes`, characters each, blanks among them."""
    if len(sizes) > len(hashes):
        return -1
    place, count, after = start, 0, NEW_LINE
    for size in sizes:
        begin = place
        blank = True
        for _ in range(size):
            point, width = character_at(content, place)
            blank &= classes[point] & BLANK != 0
            place += width
        if blank:
            after |= NEW_LINE if size and content[begin] == LINE_END else AFTER_BLANK
            continue
        characters, bits = bits_of(content, begin, place, classes)
        found = hash_of(content, begin, place)
        hashes[count] = found
        lengths[count] = characters
        flags[count] = bits | after
        count += 1
        after = 0
    return count


@njit(cache=True, nogil=True)
def entries(table: Any) -> int:
    """How many a table of chunks may hold."""
    return int(table.size // 4)


@njit(cache=True, nogil=True)
def empty_table(count: int) -> Any:
    return np.zeros(2 * (mask_for(count) + 1), np.uint64)
