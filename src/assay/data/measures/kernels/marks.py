"""Phrases that tell what a file is: placeholder text, files that a program wrote, XML."""

from typing import Any

import numpy as np
from numba import njit

from assay.data.measures.fields import PLACE

LOREM, GENERATED, XML = (PLACE[name] for name in ("lorem_ipsum", "generated_marks", "xml_head"))
HEAD_LINES, HEAD_BYTES, XML_BYTES = 5, 1000, 100
LINE_END, LESS = 0xA, 0x3C
LOREM_IPSUM, XML_HEAD, GENERATED_WORD, DO_NOT_EDIT, AUTO, AUTO_DASH, AUTOMATICALLY = (
    np.frombuffer(phrase, dtype=np.uint8)
    for phrase in (b"lorem ipsum", b"<?xml", b"generated", b"do not edit", b"auto", b"auto-", b"automatically ")
)


def all_steps() -> Any:
    """(3, 256) of the phrases that are searched for."""
    return np.stack([steps(phrase.tobytes()) for phrase in (LOREM_IPSUM, GENERATED_WORD, DO_NOT_EDIT)])


def steps(phrase: bytes) -> Any:
    """(256,) int64: how far a search may move on by the byte under the phrase's last place (Horspool 1980), in any case."""
    table = np.full(256, len(phrase), dtype=np.int64)
    for place, byte in enumerate(phrase[:-1]):
        table[list({byte, ord(chr(byte).upper())})] = len(phrase) - 1 - place
    return table


@njit(cache=True, nogil=True)
def matches(content: Any, place: int, end: int, lower: Any) -> bool:
    """Whether `lower`, ASCII without capitals, stands at `place` in any case."""
    if place + lower.size > end:
        return False
    for at in range(lower.size):
        byte = content[place + at]
        if byte != lower[at] and not (65 <= byte <= 90 and byte + 32 == lower[at]):
            return False
    return True


@njit(cache=True, nogil=True)
def find(content: Any, start: int, end: int, lower: Any, step: Any) -> int:
    """The place of the first `lower` in any case, or -1."""
    last = lower.size - 1
    place = start
    while place + last < end:
        if content[place + last] | 32 == lower[last] and matches(content, place, end, lower):
            return place
        place += step[content[place + last]]
    return -1


@njit(cache=True, nogil=True)
def head_of(content: Any, start: int, end: int) -> int:
    """Where the first lines, or bytes, end."""
    end = min(end, start + HEAD_BYTES)
    lines = 0
    for place in range(start, end):
        lines += int(content[place] == LINE_END)
        if lines == HEAD_LINES:
            return place
    return end


@njit(cache=True, nogil=True)
def ends_with(content: Any, start: int, end: int, lower: Any) -> bool:
    return end - lower.size >= start and matches(content, end - lower.size, end, lower)


@njit(cache=True, nogil=True)
def measure_marks(content: Any, start: int, end: int, steps_of: Any, row: Any) -> None:
    """`steps_of` int64 (3, 256): of "lorem ipsum", "generated" and "do not edit"."""
    row[LOREM] = int(find(content, start, end, LOREM_IPSUM, steps_of[0]) >= 0)
    for place in range(start, min(start + XML_BYTES, end)):
        if content[place] == LESS and matches(content, place, end, XML_HEAD):
            row[XML] = 1
            break
    head = head_of(content, start, end)
    place = find(content, start, head, GENERATED_WORD, steps_of[1])
    while place >= 0:
        if (
            ends_with(content, start, place, AUTO)
            or ends_with(content, start, place, AUTO_DASH)
            or ends_with(content, start, place, AUTOMATICALLY)
        ):
            row[GENERATED] += 1
        place = find(content, place + 1, head, GENERATED_WORD, steps_of[1])
    place = find(content, start, head, DO_NOT_EDIT, steps_of[2])
    while place >= 0:
        row[GENERATED] += 1
        place = find(content, place + 1, head, DO_NOT_EDIT, steps_of[2])
