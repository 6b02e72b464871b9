"""Counts letters by script, to hold a corpus's declared language against what it holds."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

BATCH_CHARACTERS = 2**20
_HAN = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x323B0))
_LATIN = (range(0x41, 0x5B), range(0x61, 0x7B), range(0xC0, 0x250), range(0x1E00, 0x1F00))


def count_letters(texts: Iterable[str]) -> Counter[str]:
    """Characters in all, and letters that are Han, Latin or of another script."""
    counts: Counter[str] = Counter(characters=0, han=0, latin=0, other=0)
    for batch in _joined(texts):
        points = np.frombuffer(batch.encode("utf-32-le"), dtype=np.uint32)
        counts["characters"] += len(points)
        kinds, amounts = np.unique(points, return_counts=True)
        for point, amount in zip(kinds.tolist(), amounts.tolist(), strict=True):
            if chr(point).isalpha():
                counts[_script(point)] += amount
    return counts


def _joined(texts: Iterable[str]) -> Iterator[str]:
    """Counting the kinds of character once for many texts is far cheaper than for each."""
    parts: list[str] = []
    size = 0
    for text in texts:
        parts.append(text)
        size += len(text)
        if size >= BATCH_CHARACTERS:
            yield "".join(parts)
            parts, size = [], 0
    yield "".join(parts)


def _script(point: int) -> str:
    if any(point in block for block in _HAN):
        return "han"
    return "latin" if any(point in block for block in _LATIN) else "other"
