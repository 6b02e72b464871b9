"""Words by another's tokenizer, learnt once for each different run of characters without blanks.

spaCy's tokenizer cuts at blanks first and then each chunk by itself, but for one thing that is not done here: of exceptions that it looks for
among words, one that reaches across a blank (":((" in "f(x): ((y") bars a shorter one inside of a chunk ("):").
"""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit
from assay.data.measures.classes import BLANK, LETTER, PUNCTUATION, SENTENCE, SYMBOL
from assay.data.measures.kernels.ascii_words import ALPHABETIC, GAP, HIGH, PLAIN
from assay.data.measures.kernels.text import HALF, character_at, find_or_add, hash_of, mask_for
from assay.data.measures.kernels.words import AFTER_BLANK, ENDS, LINE_END, MARKS, NEW_LINE, SPACE

GENERATION = 1
GAP_BITS, GAPS = 2, 3
"""Of a numbered chunk: AFTER_BLANK and NEW_LINE, which are next to each other, as the lowest two bits."""


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
def number_chunks(
    content: Any, offsets: Any, at: Any, kind: Any, classes: Any, table: Any, known: int, spans: Any, numbers: Any, places: Any
) -> int:
    """Number the chunks that `table` lacks from `known` on, and write their (start, end) to `spans` int64 (room, 2); how many.

    To `numbers` int32 goes each chunk's own, GAP_BITS higher, and how far it stands from the last (below); to `places` int64 (N + 1), where
    those of each text begin. `at` int64 (3): the text, place and chunk to go on from, and to which reading came: text N once all is read.
    """
    mask = table.size // 2 - 1
    added, text, place, count = 0, at[0], at[1], at[2]
    while text < len(offsets) - 1:
        end = offsets[text + 1]
        if place <= offsets[text]:
            place = offsets[text]
            places[text] = count
        while place < end:
            if added == len(spans):
                at[0], at[1], at[2] = text, place, count
                return added
            start, place, gap = next_chunk(content, place, end, kind, classes)
            if start == place:
                break
            number = find_or_add(table, mask, GENERATION, hash_of(content, start, place), known + added)
            if number == known + added:
                spans[added, 0] = start
                spans[added, 1] = place
                added += 1
            numbers[count] = number << GAP_BITS | gap // AFTER_BLANK
            count += 1
        text += 1
    places[text] = count
    at[0], at[1], at[2] = text, place, count
    return added


@njit(cache=True, nogil=True)
def asked_chunks(content: Any, spans: Any, counts: Any, out: Any) -> int:
    """Copy the chunks with a count of 0 to `out`, a line each; the bytes written, with the last line end.

    A blank would not do between them: spaCy looks for some exceptions (":(") across single blanks, so that neighbours would count.
    """
    place = 0
    for number in range(len(spans)):
        if counts[number] == 0:
            for at in range(spans[number, 0], spans[number, 1]):
                out[place] = content[at]
                place += 1
            out[place] = LINE_END
            place += 1
    return place


@njit(cache=True, nogil=True)
def keep(content: Any, start: int, end: int, classes: Any, at: int, hashes: Any, lengths: Any, bits: Any) -> int:
    """Write a word; the next free place."""
    hashes[at] = hash_of(content, start, end)
    lengths[at], bits[at] = bits_of(content, start, end, classes)
    return at + 1


@njit(cache=True, nogil=True)
def learn(
    content: Any, spans: Any, counts: Any, ends: Any, text: Any, starts: Any, sizes: Any, classes: Any,
    hashes: Any, lengths: Any, bits: Any, firsts: Any,
) -> int:  # fmt: skip
    """Write the words of each chunk, and its first word's place to `firsts`; how many words, or -1 where spaCy's do not fit the text.

    `counts` and `ends` are those of cut_chunks; `starts` and `sizes` spaCy's words of `text`, which asked_chunks wrote, in characters.
    """
    at, cut, word, place, character = 0, 0, 0, 0, 0
    for number in range(len(spans)):
        firsts[number] = at
        if counts[number]:
            begin = spans[number, 0]
            for _ in range(counts[number]):
                at = keep(content, begin, ends[cut], classes, at, hashes, lengths, bits)
                begin = ends[cut]
                cut += 1
            continue
        behind = place + spans[number, 1] - spans[number, 0]
        while place <= behind and place < text.size:  # with the line end behind the chunk, which is a word to spaCy
            if word == len(starts) or starts[word] != character:
                return -1
            begin = place
            for _ in range(sizes[word]):
                _, size = character_at(text, place)
                place += size
            character += sizes[word]
            if begin < behind:
                at = keep(text, begin, place, classes, at, hashes, lengths, bits)
            word += 1
        if place != min(behind + 1, text.size):
            return -1
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
    numbers: Any, first: int, last: int, firsts: Any, chunk_hashes: Any, chunk_lengths: Any, chunk_bits: Any,
    hashes: Any, lengths: Any, flags: Any,
) -> int:  # fmt: skip
    """Write the words of chunks numbers[first:last], which are a text's; how many words, or -1 where the arrays are too short."""
    count, after = 0, NEW_LINE
    for place in range(first, last):
        chunk = numbers[place] >> GAP_BITS
        after |= (numbers[place] & GAPS) * AFTER_BLANK
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
