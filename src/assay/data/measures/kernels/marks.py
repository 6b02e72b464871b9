"""Phrases that tell what a file is: placeholder text, files that a program wrote, XML."""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit
from assay.data.measures.fields import PLACE
from assay.data.measures.kernels.phrases import next_phrase, searcher

LOREM, GENERATED, XML = (PLACE[name] for name in ("lorem_ipsum", "generated_marks", "xml_head"))
HEAD_LINES, HEAD_BYTES, XML_BYTES = 5, 1000, 100
LINE_END, LESS = 0xA, 0x3C
XML_HEAD, AUTO, AUTO_DASH, AUTOMATICALLY = (
    np.frombuffer(mark, dtype=np.uint8) for mark in (b"<?xml", b"auto", b"auto-", b"automatically ")
)
GENERATED_WORD = 0
"""The first of what a head is searched for."""


def lorem_ipsum() -> Any:
    """Return the phrase that a text is searched for."""
    return searcher(b"lorem ipsum")


def of_generated() -> Any:
    """Return the phrases that a head is searched for."""
    return searcher(b"generated", b"do not edit")


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
def is_automatic(content: Any, start: int, place: int) -> bool:
    """Whether what stands before "generated" says that a program did it."""
    return (
        ends_with(content, start, place, AUTO)
        or ends_with(content, start, place, AUTO_DASH)
        or ends_with(content, start, place, AUTOMATICALLY)
    )


@njit(cache=True, nogil=True)
def measure_marks(content: Any, start: int, end: int, lorem: Any, generated: Any, row: Any) -> None:
    """`lorem`, `generated`: what the functions above give."""
    place, _ = next_phrase(content, start, end, lorem)
    row[LOREM] = int(place >= 0)
    for at in range(start, min(start + XML_BYTES, end)):
        if content[at] == LESS and matches(content, at, end, XML_HEAD):
            row[XML] = 1
            break
    head = head_of(content, start, end)
    place, number = next_phrase(content, start, head, generated)
    while place >= 0:
        row[GENERATED] += int(number != GENERATED_WORD or is_automatic(content, start, place))
        place, number = next_phrase(content, place + 1, head, generated)
