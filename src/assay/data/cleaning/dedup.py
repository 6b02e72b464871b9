"""Exact repeats: of documents with equal text one stays."""

import numpy as np
from numpy.typing import NDArray


def repeats(text_high: NDArray[np.uint64], text_low: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return whether each text, named by the two halves of its hash, equals an earlier one: (N,).

    The caller's order decides who stays: by id, a total order, so the survivor depends neither on file order nor on workers.
    """
    order = np.lexsort((text_low, text_high))  # stable: of equal texts the earlier comes first
    high, low = text_high[order], text_low[order]
    found = np.zeros(len(order), dtype=np.bool_)
    found[order[1:]] = (high[1:] == high[:-1]) & (low[1:] == low[:-1])
    return found
