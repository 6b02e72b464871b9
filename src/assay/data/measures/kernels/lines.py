"""Characters, lines and paragraphs of a text in one pass over its bytes."""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit
from assay.data.measures.classes import BLANK, BREAK, HAN, LETTER, PUNCTUATION, TERMINAL
from assay.data.measures.fields import PLACE
from assay.data.measures.kernels.text import character_at, count_characters, find_or_add, hash_of, last_character, mask_for, stripped

CHARACTERS, LETTERS, DIGITS, CAPITALS, BLANKS, NEWLINES, HASHES, ELLIPSES, BRACES, HANS, WIDE_MARKS, LONGEST_HAN = (
    PLACE[name]
    for name in (
        "characters", "letters", "digits", "capitals", "blanks", "newlines", "hashes", "ellipses", "curly_brackets", "han",
        "wide_punctuation", "longest_han_run",
    )
)  # fmt: skip
LINES, BULLETS, ELLIPSIS_LINES, FILLED, ENDED, SHORT, REPEATED_FILLED, LONGEST_LINE, SPLIT, REPEATED, REPEATED_CHARACTERS = (
    PLACE[name]
    for name in (
        "lines", "bullet_lines", "ellipsis_lines", "filled_lines", "ended_lines", "short_lines", "repeated_filled_characters",
        "longest_line", "split_lines", "repeated_lines", "repeated_line_characters",
    )
)  # fmt: skip
PARAGRAPHS, REPEATED_PARAGRAPHS, REPEATED_PARAGRAPH_CHARACTERS = (
    PLACE[name] for name in ("paragraphs", "repeated_paragraphs", "repeated_paragraph_characters")
)
LINE_END, RETURN, HYPHEN, STOP, BULLET, ELLIPSIS = 0xA, 0xD, 0x2D, 0x2E, 0x2022, 0x2026
STEP = 248
"""Bytes whose counts fit the eight counters of one uint64."""
COUNTERS = 8
OF_COUNTER = (LETTERS, DIGITS, CAPITALS, BLANKS, HASHES, BRACES)
DOTS, BREAKS = 6, 7


def counters(classes: Any) -> Any:
    """(256,) uint64: what an ASCII byte adds to the eight counters, eight bits each."""
    table = np.zeros(256, dtype=np.uint64)
    for byte in range(128):
        letter = chr(byte)
        bits = (
            bool(classes[byte] & LETTER), letter.isdigit(), letter.isupper(), bool(classes[byte] & BLANK),
            letter == "#", letter in "{}", letter == ".", bool(classes[byte] & BREAK),
        )  # fmt: skip
        table[byte] = sum(1 << (8 * place) for place, bit in enumerate(bits) if bit)
    return table


@njit(cache=True, nogil=True)
def count_dots(content: Any, start: int, end: int) -> int:
    """Occurrences of "..." without overlap."""
    found, run = 0, 0
    for place in range(start, end):
        run = run + 1 if content[place] == STOP else 0
        if run == 3:
            found += 1
            run = 0
    return found


@njit(cache=True, nogil=True)
def read_ascii(content: Any, place: int, end: int, table: Any, sums: Any) -> int:
    """Add up content[place:] as far as it is ASCII without a line end; the place of the first other byte, or `end`."""
    while place < end:
        total = np.uint64(0)
        stop = min(end, place + STEP)
        while place < stop:
            byte = content[place]
            if byte == LINE_END or byte >= 0x80:
                break
            total += table[byte]
            place += 1
        for counter in range(COUNTERS):
            sums[counter] += np.int64((total >> np.uint64(8 * counter)) & np.uint64(255))
        if place < stop:
            break
    return place


@njit(cache=True, nogil=True)
def read_wide(content: Any, place: int, end: int, classes: Any, table: Any, sums: Any, row: Any) -> tuple[int, int, int]:
    """The rest of a line that is not all ASCII: (place of its end, characters, breaks)."""
    characters, breaks, run = 0, 0, 0
    while place < end and content[place] != LINE_END:
        characters += 1
        byte = content[place]
        if byte < 0x80:
            total = table[byte]
            for counter in range(COUNTERS):
                sums[counter] += np.int64((total >> np.uint64(8 * counter)) & np.uint64(255))
            if classes[byte] & (PUNCTUATION | BREAK):
                run = 0
            place += 1
            continue
        point, size = character_at(content, place)
        of = classes[point]
        place += size
        row[LETTERS] += of & LETTER
        row[BLANKS] += of & BLANK != 0
        row[ELLIPSES] += point == ELLIPSIS
        row[WIDE_MARKS] += of & PUNCTUATION != 0
        breaks += of & BREAK != 0
        if of & HAN:
            run += 1
            row[HANS] += 1
            row[LONGEST_HAN] = max(row[LONGEST_HAN], run)
        elif of & (PUNCTUATION | BREAK):
            run = 0
    return place, characters, breaks


@njit(cache=True, nogil=True)
def one_line(content: Any, start: int, end: int, classes: Any, row: Any) -> None:
    """Add a line of str.splitlines."""
    row[LINES] += 1
    begin, stop = stripped(content, start, end, classes, BLANK)
    if begin == stop:
        return
    point, _ = character_at(content, begin)
    row[BULLETS] += point in (HYPHEN, BULLET)
    point, _ = last_character(content, begin, stop)
    dots = stop - begin >= 3 and content[stop - 1] == STOP and content[stop - 2] == STOP and content[stop - 3] == STOP
    row[ELLIPSIS_LINES] += point == ELLIPSIS or dots


@njit(cache=True, nogil=True)
def broken_lines(content: Any, start: int, end: int, last: bool, classes: Any, row: Any) -> None:
    """The lines of content[start:end], which a "\\n" follows unless it is `last`, where other breaks may stand within."""
    begin = place = start
    while place < end:
        point, size = character_at(content, place)
        if classes[point] & BREAK:
            one_line(content, begin, place, classes, row)
            if point == RETURN and place + 1 == end and not last:
                return  # the first half of a line end
            begin = place + size
        place += size
    if not last or begin < end:
        one_line(content, begin, end, classes, row)


@njit(cache=True, nogil=True)
def keep_line(content: Any, start: int, end: int, characters: int, classes: Any, short: int, repeat: bool, row: Any) -> None:
    """Add a line that is not empty, between two "\\n"."""
    row[SPLIT] += 1
    row[LONGEST_LINE] = max(row[LONGEST_LINE], characters)
    if repeat:
        row[REPEATED] += 1
        row[REPEATED_CHARACTERS] += characters
    point, _ = last_character(content, start, end)
    if classes[point] & BLANK:
        begin, stop = stripped(content, start, end, classes, BLANK)
        if begin == stop:
            return
    row[FILLED] += 1
    row[ENDED] += classes[point] & TERMINAL != 0
    row[SHORT] += characters <= short
    row[REPEATED_FILLED] += characters if repeat else 0


@njit(cache=True, nogil=True)
def measure_lines(
    content: Any, start: int, end: int, classes: Any, adds: Any, short: int, table: Any, generation: int, sums: Any, row: Any
) -> bool:
    """Fill the fields of characters and lines; whether an empty line was met. NEWLINES is filled, and `table` has a slot for each line."""
    sums[:] = 0
    mask = mask_for(row[NEWLINES] + 1)
    place, number, empty = start, 0, False
    while place < end:
        begin, dots = place, sums[DOTS]
        before = sums[BREAKS]
        place = read_ascii(content, place, end, adds, sums)
        characters, breaks = place - begin, 0
        if place < end and content[place] != LINE_END:
            place, more, breaks = read_wide(content, place, end, classes, adds, sums, row)
            characters += more
        last = place == end
        row[CHARACTERS] += characters
        if sums[DOTS] - dots >= 3:
            row[ELLIPSES] += count_dots(content, begin, place)
        if sums[BREAKS] != before or breaks:
            broken_lines(content, begin, place, last, classes, row)
        elif not last or begin < end:
            one_line(content, begin, place, classes, row)
        if begin < place:
            repeat = find_or_add(table, mask, generation, hash_of(content, begin, place), number) != number
            keep_line(content, begin, place, characters, classes, short, repeat, row)
            number += 1
        else:
            empty = True
        place += 1
    finish_lines(content, start, end, sums, row)
    return empty


@njit(cache=True, nogil=True)
def finish_lines(content: Any, start: int, end: int, sums: Any, row: Any) -> None:
    """The line ends themselves, and the empty first and last element that re.split gives beside one."""
    row[CHARACTERS] += row[NEWLINES]
    row[BLANKS] += row[NEWLINES]
    for counter in range(len(OF_COUNTER)):
        row[OF_COUNTER[counter]] += sums[counter]
    first = start < end and content[start] == LINE_END
    final = start < end and content[end - 1] == LINE_END
    row[SPLIT] += int(first) + int(final)
    row[REPEATED] += first and final


@njit(cache=True, nogil=True)
def measure_paragraphs(content: Any, start: int, end: int, classes: Any, table: Any, generation: int, row: Any) -> None:
    """Paragraphs of the stripped text, between two or more "\\n". `table` has slots for one in each two lines."""
    begin, stop = stripped(content, start, end, classes, BLANK)
    mask = mask_for(row[NEWLINES] // 2 + 1)
    place, number = begin, 0
    while place <= stop:
        if place == stop or (content[place] == LINE_END and place + 1 < stop and content[place + 1] == LINE_END):
            if find_or_add(table, mask, generation, hash_of(content, begin, place), number) != number:
                row[REPEATED_PARAGRAPHS] += 1
                row[REPEATED_PARAGRAPH_CHARACTERS] += count_characters(content, begin, place)
            number += 1
            while place < stop and content[place] == LINE_END:
                place += 1
            if place == stop:
                break
            begin = place
        else:
            place += 1
    row[PARAGRAPHS] = number
