"""C4's rules for lines (Raffel et al. 2020, section 2.2): copies the lines that stay, without citations."""

from typing import Any

import numpy as np

from assay.data.intrinsics import borrowed, eight_bytes
from assay.data.kernel_cache import njit
from assay.data.measures.classes import BLANK, BREAK, DECIMAL
from assay.data.measures.kernels.phrases import next_phrase, searcher
from assay.data.measures.kernels.text import character_at, stripped

LINES, TOO_LONG_WORD, NO_TERMINAL, TOO_FEW_WORDS, JAVASCRIPT, POLICY, KEPT = range(7)
"""Counts of lines; also the outcomes of one."""
LOREM, CURLY = 1, 2
"""Reasons that drop the whole text, as the codes of `edit_lines`."""
OPEN, CLOSE, BRACE, LINE_END, STOP = 0x5B, 0x5D, 0x7B, 0xA, 0x2E
PHRASES = (
    b"lorem ipsum", b"javascript",
    b"terms of use", b"privacy policy", b"cookie policy", b"uses cookies", b"use of cookies", b"use cookies",
)  # fmt: skip
LOREM_IPSUM, SCRIPT, POLICIES = 1, 2, 0b11111100
"""Bits of the phrases a line holds."""
HIGH_BITS, LEAST_BYTES = np.uint64(0x8080808080808080), np.uint64(0x2020202020202020)
EDIT, NEEDED = (np.frombuffer(mark, dtype=np.uint8) for mark in (b"edit]", b"citation needed]"))


def phrases() -> Any:
    """Return the phrases that a line is searched for."""
    return searcher(*PHRASES)


@njit(cache=True, nogil=True)
def phrases_in(content: Any, start: int, end: int, table: Any) -> int:
    """Bit i is set where PHRASES[i] stands in content[start:end]."""
    found = 0
    place, number = next_phrase(content, start, end, table)
    while place >= 0:
        found |= 1 << number
        place, number = next_phrase(content, place + 1, end, table)
    return found


@njit(cache=True, nogil=True)
def next_break(content: Any, place: int, end: int, classes: Any) -> tuple[int, int]:
    """(end of the line that begins at `place`, start of the next), as str.splitlines cuts."""
    while place < end:
        while place + 8 <= end:  # eight at once, as long as all are ASCII and none is a control character
            bytes_here = eight_bytes(content, place)
            if (bytes_here | (bytes_here - LEAST_BYTES)) & HIGH_BITS:
                break
            place += 8
        if place == end:
            break
        byte = content[place]
        if byte >= 0x80 or byte < 0x20:
            point, size = character_at(content, place)
            if classes[point] & BREAK:
                both = byte == 0xD and place + 1 < end and content[place + 1] == LINE_END
                return place, place + size + int(both)
            place += size
        else:
            place += 1
    return end, end


@njit(cache=True, nogil=True)
def words_between_blanks(content: Any, start: int, end: int, classes: Any, enough: int) -> int:
    """Words, as str.split cuts, counted up to `enough`."""
    words, inside, place = 0, False, start
    while place < end and words < enough:
        point, size = character_at(content, place)
        blank = classes[point] & BLANK != 0
        words += not inside and not blank
        inside = not blank
        place += size
    return words


@njit(cache=True, nogil=True)
def longest_word(content: Any, start: int, end: int, classes: Any) -> int:
    """Characters of the longest word, as str.split cuts."""
    longest, run, place = 0, 0, start
    while place < end:
        point, size = character_at(content, place)
        run = 0 if classes[point] & BLANK else run + 1
        longest = max(longest, run)
        place += size
    return longest


@njit(cache=True, nogil=True)
def stands(content: Any, place: int, end: int, mark: Any) -> bool:
    if place + mark.size > end:
        return False
    for at in range(mark.size):
        if content[place + at] != mark[at]:
            return False
    return True


@njit(cache=True, nogil=True)
def after_citation(content: Any, place: int, end: int, classes: Any) -> int:
    """Where the citation that opens at `place` ends: [12], [], [edit] or [citation needed]; `place` if none does."""
    if stands(content, place + 1, end, EDIT):
        return place + 1 + EDIT.size
    if stands(content, place + 1, end, NEEDED):
        return place + 1 + NEEDED.size
    at = place + 1
    while at < end:
        point, size = character_at(content, at)
        if point == CLOSE:
            return at + 1
        if not classes[point] & DECIMAL:
            break
        at += size
    return place


@njit(cache=True, nogil=True)
def occurrences(content: Any, start: int, end: int, byte: int) -> int:
    count = 0
    for place in range(start, end):  # to the end: without a way out the loop takes 32 bytes a step
        count += int(content[place] == byte)
    return count


@njit(cache=True, nogil=True)
def copy_line(content: Any, start: int, end: int, citations: bool, classes: Any, out: Any, to: int) -> int:
    """Copy a line, without citations where they are to go; the place behind it."""
    if not citations or not occurrences(content, start, end, OPEN):
        out[to : to + end - start] = content[start:end]
        return to + end - start
    place = start
    while place < end:
        if content[place] == OPEN:
            behind = after_citation(content, place, end, classes)
            if behind > place:
                place = behind
                continue
        out[to] = content[place]
        place += 1
        to += 1
    return to


@njit(cache=True, nogil=True)
def ends_well(out: Any, start: int, end: int) -> bool:
    if start == end:
        return False
    last = out[end - 1]
    dots = end - start >= 3 and last == STOP and out[end - 2] == STOP and out[end - 3] == STOP
    return not dots and (last == STOP or last == 0x3F or last == 0x21 or last == 0x22 or last == 0x27)


@njit(cache=True, nogil=True)
def judged(out: Any, start: int, end: int, words: int, limits: Any, searched: Any) -> int:
    """Return the outcome of a line whose words are short enough: one of the counts, or -LOREM or -CURLY for the whole text."""
    terminal, least, _, lorem, script, curly, policy, _ = limits
    if terminal and not ends_well(out, start, end):
        return NO_TERMINAL
    if words < least:
        return TOO_FEW_WORDS
    held = phrases_in(out, start, end, searched) if lorem or script or policy else 0
    if lorem and held & LOREM_IPSUM:
        return -LOREM
    if script and held & SCRIPT:
        return JAVASCRIPT
    if curly and occurrences(out, start, end, BRACE):
        return -CURLY
    if policy and held & POLICIES:
        return POLICY
    return KEPT


@njit(cache=True, nogil=True)
def edit_text(
    content: Any, start: int, end: int, limits: Any, classes: Any, searched: Any, out: Any, to: int, counts: Any
) -> tuple[int, int]:
    """Copy the lines that stay to out[to:], with "\\n" between; (code, place behind). A code above 0 drops the text."""
    begin, place = to, start
    while place < end:
        stop, following = next_break(content, place, end, classes)
        first, last = stripped(content, place, stop, classes, BLANK)
        place = following
        counts[LINES] += 1
        if last - first > limits[2] and longest_word(content, first, last, classes) > limits[2]:
            counts[TOO_LONG_WORD] += 1
            continue
        at = to
        if to > begin:
            out[to] = LINE_END
            at += 1
        behind = copy_line(content, first, last, limits[7] != 0, classes, out, at)
        words = words_between_blanks(content, first, last, classes, limits[1])
        found = judged(out, at, behind, words, limits, searched)
        if found < 0:
            return -found, begin
        counts[found] += 1
        if found == KEPT:
            to = behind
    return 0, to


@njit(cache=True, nogil=True)
def edit_lines(
    content: Any, offsets: Any, limits: Any, classes: Any, searched: Any, out: Any, out_offsets: Any, codes: Any, counts: Any
) -> None:
    """All texts of a batch. `limits`: terminal punctuation, least words, longest word, then lorem ipsum, javascript, curly brackets,
    policies, citations (0 or 1 each). Fills out_offsets int64 (N + 1), codes int64 (N), counts int64 (N, 7)."""
    content, classes, out, searched = borrowed(content), borrowed(classes), borrowed(out), borrowed(searched)
    to = 0
    for number in range(len(offsets) - 1):
        out_offsets[number] = to
        code, end = edit_text(content, offsets[number], offsets[number + 1], limits, classes, searched, out, to, counts[number])
        first, last = stripped(out, to, end, classes, BLANK)
        if first > to:
            for place in range(first, last):  # towards the front, so that a byte is read before it is written over
                out[to + place - first] = out[place]
        codes[number] = code
        to += last - first
    out_offsets[len(offsets) - 1] = to
