"""The patterns of spaCy's English tokenizer, for chunks of ASCII: what it cuts off at the ends, where it cuts inside, what an address is.

Those of spaCy 3.8: lang/punctuation.py, lang/en/punctuation.py, and URL_PATTERN of lang/tokenizer_exceptions.py.
"""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit
from assay.data.measures.kernels.text import hash_of, holds

DIGIT, LOWER, CAPITAL, PREFIX, SUFFIX, BEFORE_STOP, QUOTE, LOW_LINE = (1 << bit for bit in range(8))
"""Bits of a mark: what it is, what it may be, and whether a full stop behind it is cut off."""
LETTER, ALPHANUMERIC = LOWER | CAPITAL, LOWER | CAPITAL | DIGIT
PREFIXES = "%=,:;!?()[]{}<>_#*&'\"`$"
SUFFIXES = ",:;!?()[]{}<>_#*&'\"`"
STOP_FOLLOWS = "%-+|" + SUFFIXES
QUOTES = "'\"`,"
UNITS = [
    *(
        "km",
        "m",
        "dm",
        "cm",
        "mm",
        "ha",
        "nm",
        "yd",
        "in",
        "ft",
        "kg",
        "g",
        "mg",
        "t",
        "lb",
        "oz",
        "m/s",
        "km/h",
        "kmh",
        "mph",
        "hPa",
        "Pa",
    ),
    *("mbar", "mb", "MB", "kb", "KB", "gb", "GB", "tb", "TB", "T", "G", "M", "K", "%", "+", "$", "US$", "C$", "A$"),
]
"""What is cut off behind a digit."""
LONGEST_UNIT = 4
LABEL_BYTES, SUFFIX_BYTES = 64, 63
"""Most of a label of a host, and of its last one."""
PLUS, COMMA, HYPHEN, STOP, SLASH, COLON, LESS, EQUALS, MORE, QUESTION, AT, CARET, TILDE, HASH, STAR, DOLLAR = b"+,-./:<=>?@^~#*$"
APOSTROPHE, LETTER_A, LETTER_C, LETTER_S, LETTER_U, SMALL_S = b"'ACSUs"
UNSURE = -1


def marks() -> Any:
    """(256,) uint8: the bits of each ASCII byte."""
    table = np.zeros(256, np.uint8)
    for bit, characters in ((PREFIX, PREFIXES), (SUFFIX, SUFFIXES), (BEFORE_STOP, STOP_FOLLOWS), (QUOTE, QUOTES), (LOW_LINE, "_")):
        table[list(characters.encode())] |= bit
    table[ord("0") : ord("9") + 1] |= DIGIT | BEFORE_STOP
    table[ord("a") : ord("z") + 1] |= LOWER | BEFORE_STOP
    table[ord("A") : ord("Z") + 1] |= CAPITAL
    return table


@njit(cache=True, nogil=True)
def run_of(content: Any, place: int, end: int, byte: int) -> int:
    stop = place
    while stop < end and content[stop] == byte:
        stop += 1
    return stop - place


@njit(cache=True, nogil=True)
def prefix_of(content: Any, start: int, end: int, marks: Any) -> int:
    """Bytes to cut off at the start, or 0."""
    byte = content[start]
    if marks[byte] & PREFIX:
        return 1
    if byte == STOP:
        dots = run_of(content, start, end, STOP)
        return dots if dots > 1 else 0
    if byte == PLUS:
        return int(start + 1 == end or marks[content[start + 1]] & DIGIT == 0)
    if byte in (LETTER_A, LETTER_C) and start + 1 < end and content[start + 1] == DOLLAR:
        return 2
    if byte == LETTER_U and start + 2 < end and content[start + 1] == LETTER_S and content[start + 2] == DOLLAR:
        return 3
    return 0


@njit(cache=True, nogil=True)
def suffix_of(content: Any, start: int, end: int, marks: Any, units: Any) -> int:
    """Bytes to cut off at the end, or 0: the longest that any pattern finds."""
    if start == end:
        return 0
    last = content[end - 1]
    if start + 1 == end:
        return int(marks[last] & SUFFIX != 0)
    before = content[end - 2]
    if last == STOP:
        if before == STOP:
            stop = end
            while stop > start and content[stop - 1] == STOP:
                stop -= 1
            return end - stop
        capitals = marks[before] & CAPITAL and start + 2 < end and marks[content[end - 3]] & CAPITAL
        return int(marks[before] & BEFORE_STOP != 0 or capitals != 0)
    if before == APOSTROPHE and last in (SMALL_S, LETTER_S):
        return 2
    for size in range(1, LONGEST_UNIT + 1):
        if end - size == start or marks[content[end - size]] & DIGIT:
            break
        if marks[content[end - size - 1]] & DIGIT:
            if holds(units, hash_of(content, end - size, end)):
                return size
            break
    return int(marks[last] & SUFFIX != 0)


@njit(cache=True, nogil=True)
def infix_of(content: Any, place: int, start: int, end: int, marks: Any) -> int:
    """Bytes of the infix at `place` in content[start:end], or 0."""
    byte = content[place]
    if byte == STOP and place + 1 < end and content[place + 1] == STOP:
        return run_of(content, place, end, STOP)
    if place == start or place + 1 == end:
        return 0
    before, after = marks[content[place - 1]], marks[content[place + 1]]
    if byte == STOP:
        return int(before & (LOWER | QUOTE) != 0 and after & (CAPITAL | QUOTE) != 0)
    if byte == COMMA:
        return int(before & LETTER != 0 and after & LETTER != 0)
    if byte in (PLUS, HYPHEN, STAR, CARET) and before & DIGIT and (after & DIGIT or content[place + 1] == HYPHEN):
        return 1
    if before & ALPHANUMERIC == 0:
        return 0
    if byte == HYPHEN:
        hyphens = run_of(content, place, min(end, place + 4), HYPHEN)
        return hyphens if hyphens < 4 and place + hyphens < end and marks[content[place + hyphens]] & LETTER else 0
    return int(byte in (COLON, LESS, MORE, EQUALS, SLASH, TILDE) and after & LETTER != 0)


@njit(cache=True, nogil=True)
def ends_address(content: Any, place: int, end: int, marks: Any) -> bool:
    """Whether an address may end or go on at `place`, behind its host: with a port, a path, a query."""
    if place < end and content[place] == COLON:
        port = place + 1
        while port < end and marks[content[port]] & DIGIT:
            port += 1
        if not 2 <= port - place - 1 <= 5:
            return False
        place = port
    return bool(place == end or content[place] in (SLASH, QUESTION, HASH))


@njit(cache=True, nogil=True)
def host_at(content: Any, place: int, end: int, marks: Any) -> int:
    """1 where an address is left from a host at `place` on, 0 where none is, UNSURE of numbers, which have many rules."""
    labels, numbers = 0, 0
    while True:
        begin, digits = place, True
        while place < end and (marks[content[place]] & (ALPHANUMERIC | LOW_LINE) or content[place] == HYPHEN):
            digits &= marks[content[place]] & DIGIT != 0
            place += 1
        if digits and place > begin:
            numbers += 1
        if place == end or content[place] != STOP:
            break
        edges = place > begin and marks[content[begin]] & ALPHANUMERIC and marks[content[place - 1]] & ALPHANUMERIC
        if not edges or place - begin > LABEL_BYTES:
            return 0
        labels += 1
        place += 1
    if labels == 3 and numbers == 4:
        return UNSURE
    if labels == 0 or not 2 <= place - begin <= SUFFIX_BYTES or not ends_address(content, place, end, marks):
        return 0
    for letter in range(begin, place):
        if not marks[content[letter]] & LOWER:
            return 0
    return 1


@njit(cache=True, nogil=True)
def is_address(content: Any, start: int, end: int, marks: Any) -> int:
    """1: an address of the web or of mail, with or without a scheme; 0: none; UNSURE."""
    found = host_at(content, start, end, marks)
    place = start
    while found == 0 and place < end and (marks[content[place]] & (ALPHANUMERIC | LOW_LINE) or content[place] in (PLUS, HYPHEN, STOP)):
        place += 1
    scheme = place - start >= 2 and place + 2 < end and content[place] == COLON
    if found == 0 and scheme and content[place + 1] == SLASH and content[place + 2] == SLASH:
        found = host_at(content, place + 3, end, marks)
    for place in range(start + 1, end):
        if found:
            break
        if content[place] == AT:
            found = host_at(content, place + 1, end, marks)
    return found
