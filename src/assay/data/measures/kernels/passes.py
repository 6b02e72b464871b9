"""One pass over the texts of a batch: characters, lines, words and their repeats of each go into a row of numbers."""

from typing import Any

import numpy as np

from assay.data.intrinsics import borrowed
from assay.data.kernel_cache import njit
from assay.data.measures.fields import PLACE
from assay.data.measures.kernels.given import given_words
from assay.data.measures.kernels.lines import COUNTERS, measure_lines, measure_paragraphs
from assay.data.measures.kernels.marks import measure_marks
from assay.data.measures.kernels.repeats import measure_repeats
from assay.data.measures.kernels.text import mask_for
from assay.data.measures.kernels.words import count_sentences, count_words, cut_words

NEWLINES, SENTENCES, PARAGRAPHS = (PLACE[name] for name in ("newlines", "sentences", "paragraphs"))
GENERATIONS = 16
"""More than a text uses: 2 for lines and paragraphs, one for each length of n-gram."""
LINE_END = 0xA


@njit(cache=True, nogil=True)
def count_newlines(content: Any, start: int, end: int) -> int:
    count = 0
    for place in range(start, end):
        count += int(content[place] == LINE_END)
    return count


def rooms(words: int, entries: int) -> tuple[Any, ...]:
    """Arrays that kernels write to, kept from text to text: for so many words a text, and a table for so many entries."""
    of_words = (np.empty(words, kind) for kind in (np.uint64, np.int32, np.uint8, np.int32, np.int32, np.int32, np.int32))
    return (*of_words, np.zeros(2 * (int(mask_for(entries)) + 1), np.uint64), np.zeros(COUNTERS, np.int64))


@njit(cache=True, nogil=True)
def rest_of_text(
    content: Any, start: int, end: int, classes: Any, adds: Any, lorem: Any, generated: Any, short: int,
    table: Any, generation: int, sums: Any, row: Any,
) -> int:  # fmt: skip
    """All that is measured without words; the next free generation, or -1 where the table is too small."""
    row[NEWLINES] = count_newlines(content, start, end)
    if 2 * (mask_for(row[NEWLINES] + 1) + 1) > table.size:
        return -1
    empty = measure_lines(content, start, end, classes, adds, short, table, generation, sums, row)
    if empty:
        measure_paragraphs(content, start, end, classes, table, generation + 1, row)
    else:
        row[PARAGRAPHS] = 1
    measure_marks(content, start, end, lorem, generated, row)
    return generation + 2


@njit(cache=True, nogil=True)
def finish_words(
    hashes: Any, lengths: Any, flags: Any, count: int, table: Any, generation: int,
    places: Any, numbers: Any, amounts: Any, firsts: Any, row: Any, repeats: bool,
) -> int:  # fmt: skip
    """Fill in the signals that follow from the words of a text. Returns the next free generation, or -1 where the table is too small."""
    if 2 * (mask_for(count) + 1) > table.size:
        return -1
    row[SENTENCES] = count_sentences(flags, count)
    if not repeats:
        return generation
    return measure_repeats(hashes, lengths, count, table, generation, places, numbers, amounts, firsts, row)


# The rules differ in one call only; each stands in a kernel of its own, since a function can't be chosen inside compiled code.
# Each returns how many texts it measured: fewer than there are where `rooms` are too small for the next.


@njit(cache=True, nogil=True)
def measure_fast(content: Any, offsets: Any, first: int, tables: Any, short: int, stops: Any, rooms: Any, rows: Any, repeats: bool) -> int:
    """rows (N, fields) int64 of N texts by the fast word rule, from text `first` on."""
    content, classes, adds, lorem = borrowed(content), borrowed(tables[0]), borrowed(tables[1]), borrowed(tables[2])
    generated, kind, short_forms = borrowed(tables[3]), borrowed(tables[4]), borrowed(tables[5])
    keys, bits, shift = borrowed(stops[0]), borrowed(stops[1]), stops[2]
    hashes, lengths, flags, places = borrowed(rooms[0]), borrowed(rooms[1]), borrowed(rooms[2]), borrowed(rooms[3])
    numbers, amounts, firsts, table = borrowed(rooms[4]), borrowed(rooms[5]), borrowed(rooms[6]), borrowed(rooms[7])
    sums, generation = borrowed(rooms[8]), GENERATIONS * (first + 1)
    for number in range(first, len(offsets) - 1):
        start, end, row = offsets[number], offsets[number + 1], borrowed(rows[number])
        row[:] = 0
        generation = rest_of_text(content, start, end, classes, adds, lorem, generated, short, table, generation, sums, row)
        if generation < 0:
            return number
        count = cut_words(content, start, end, kind, classes, short_forms, keys, bits, shift, hashes, lengths, flags, row)
        if count < 0:
            return number
        generation = finish_words(hashes, lengths, flags, count, table, generation, places, numbers, amounts, firsts, row, repeats)
        if generation < 0:
            return number
    return len(offsets) - 1


@njit(cache=True, nogil=True)
def measure_given(
    content: Any,
    offsets: Any,
    first: int,
    tables: Any,
    short: int,
    stops: Any,
    sizes: Any,
    starts: Any,
    rooms: Any,
    rows: Any,
    repeats: bool,
) -> int:
    """Measure as measure_fast does, by words given as their characters: those of text i are sizes[starts[i] : starts[i + 1]]."""
    content, classes, adds, lorem = borrowed(content), borrowed(tables[0]), borrowed(tables[1]), borrowed(tables[2])
    generated = borrowed(tables[3])
    keys, bits, shift = borrowed(stops[0]), borrowed(stops[1]), stops[2]
    hashes, lengths, flags, places = borrowed(rooms[0]), borrowed(rooms[1]), borrowed(rooms[2]), borrowed(rooms[3])
    numbers, amounts, firsts, table = borrowed(rooms[4]), borrowed(rooms[5]), borrowed(rooms[6]), borrowed(rooms[7])
    sums, generation = borrowed(rooms[8]), GENERATIONS * (first + 1)
    for number in range(first, len(offsets) - 1):
        start, end, row = offsets[number], offsets[number + 1], borrowed(rows[number])
        row[:] = 0
        generation = rest_of_text(content, start, end, classes, adds, lorem, generated, short, table, generation, sums, row)
        if generation < 0:
            return number
        count = given_words(content, start, end, classes, sizes[starts[number] : starts[number + 1]], hashes, lengths, flags)
        if count < 0:
            return number
        count_words(count, keys, bits, shift, hashes, lengths, flags, row)
        generation = finish_words(hashes, lengths, flags, count, table, generation, places, numbers, amounts, firsts, row, repeats)
        if generation < 0:
            return number
    return len(offsets) - 1
