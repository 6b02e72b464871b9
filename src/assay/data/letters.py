"""Counts letters by script, to hold a corpus's declared language against what it holds."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch

SCRIPTS = ("han", "latin", "other")
_HAN = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x323B0))
_LATIN = (range(0x41, 0x5B), range(0x61, 0x7B), range(0xC0, 0x250), range(0x1E00, 0x1F00))
_LAST = 0x323B0
"""No letter has a higher code point."""


def count_letters(batch: TextBatch) -> NDArray[np.int64]:
    """Per text: characters that are no letters, letters that are Han, Latin, of another script; (N, 4) int64."""
    from assay.data.kernel import count_classes

    counts: NDArray[np.int64] = count_classes(batch.content, batch.offsets, _classes())
    return counts


@cache
def _classes() -> NDArray[np.uint8]:
    """Code point -> 0 no letter, 1 Han, 2 Latin, 3 other."""
    classes = np.fromiter((3 * chr(point).isalpha() for point in range(_LAST)), dtype=np.uint8, count=_LAST)
    for number, blocks in ((1, _HAN), (2, _LATIN)):
        for block in blocks:
            part = classes[block.start : block.stop]
            part[part > 0] = number
    return classes
