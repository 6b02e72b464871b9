"""The beginnings of some documents, chosen by what their text is: enough to tell what a corpus is about, for a corpus of any size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.maps import give_back
from assay.data.measured import Measured

DOCUMENTS = 2000
DOCUMENT_BYTES = 4096
"""Bytes taken from the beginning of a longer text: a few books would else be all of the sample."""
TOTAL_BYTES = 2**21


@dataclass(frozen=True, eq=False)
class Sample:
    """`rows` (D,) of Measured, in an order that has nothing to do with where they come from, and `texts`, the beginning of each."""

    rows: NDArray[np.int64]
    texts: TextBatch


def sample(measured: Measured, kept: NDArray[np.bool_]) -> Sample:
    """Choose the kept documents whose texts have the smallest hashes; of equal texts the one with the smallest id."""
    rows = np.flatnonzero(kept)
    high = measured.numbers("text_high")[rows]
    if len(rows) > DOCUMENTS:
        near = high <= np.partition(high, DOCUMENTS - 1)[DOCUMENTS - 1]
        rows, high = rows[near], high[near]
    others = [measured.numbers(name)[rows] for name in ("id_low", "id_high", "text_low")]
    rows = rows[np.lexsort((*others, high))][:DOCUMENTS]
    sizes = np.minimum(measured.numbers("bytes")[rows], DOCUMENT_BYTES)
    rows = rows[np.cumsum(sizes) - sizes < TOTAL_BYTES]
    return Sample(rows, TextBatch.of(_beginnings(measured, rows)))


def _beginnings(measured: Measured, rows: NDArray[np.int64]) -> list[str]:
    """Cut at a character; no more of a text is read. Part by part: to look at one text may bring 2 MiB of its part into memory."""
    owners = np.searchsorted(measured.starts, rows, side="right") - 1
    texts = [""] * len(rows)
    for owner in np.unique(owners).tolist():
        column = measured.tables[owner].column("text")
        for place in np.flatnonzero(owners == owner).tolist():
            found = column[int(rows[place] - measured.starts[owner])]
            texts[place] = found.as_buffer()[:DOCUMENT_BYTES].to_pybytes().decode("utf-8", "ignore")
        give_back(measured.maps[owner])
    return texts
