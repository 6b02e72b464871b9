"""A search for several phrases at once, in any case, that reads few of the bytes (Wu and Manber 1994)."""

from typing import Any

import numpy as np

from assay.data.kernel_cache import njit

PAIRS = 1024


def searcher(*phrases: bytes) -> Any:
    """For next_phrase, int64 (1 + phrases, PAIRS). Row 0: how far a search may move on by the last two bytes of its window, which is as long
    as the shortest phrase. Row 1 + i: the length of phrase i, ASCII without capitals, and its bytes."""
    window = min(map(len, phrases))
    table = np.zeros((1 + len(phrases), PAIRS), dtype=np.int64)
    table[0] = window - 1
    for number, phrase in enumerate(phrases, 1):
        table[number, 0] = len(phrase)
        table[number, 1 : 1 + len(phrase)] = list(phrase)
        for place in range(1, window):
            pair = (phrase[place - 1] & 31) << 5 | (phrase[place] & 31)
            table[0, pair] = min(table[0, pair], window - 1 - place)
    return table


@njit(cache=True, nogil=True)
def phrase_at(content: Any, place: int, end: int, phrase: Any) -> bool:
    """Whether a phrase, as `searcher` keeps it, stands at `place`."""
    if place + phrase[0] > end:
        return False
    for at in range(phrase[0]):
        byte = content[place + at]
        if byte != phrase[1 + at] and not (65 <= byte <= 90 and byte + 32 == phrase[1 + at]):
            return False
    return True


@njit(cache=True, nogil=True)
def next_phrase(content: Any, start: int, end: int, table: Any) -> tuple[int, int]:
    """(place, number) of the first phrase from `start` on, or (-1, -1). Pairs of bytes that share a row of the table only cost time."""
    window = table[1, 0]
    for number in range(2, len(table)):
        window = min(window, table[number, 0])
    place = start + window - 1
    while place < end:
        step = table[0, np.int64(content[place - 1] & 31) << 5 | np.int64(content[place] & 31)]
        if step == 0:
            for number in range(1, len(table)):
                if phrase_at(content, place + 1 - window, end, table[number]):
                    return place + 1 - window, number - 1
            step = 1
        place += step
    return -1, -1
