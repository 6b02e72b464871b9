"""Validation and test texts that stand in training texts too: by n-grams, as evaluation sets are looked for.

Equal texts never fall into two splits, but one that was edited, quoted or framed anew may, and only near_dedup would have noticed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.near.contamination import SEED, NgramIndex, ngram_index
from assay.data.near.kernel_ngrams import count_marked, mark
from assay.data.near.settings import PARTS, HeldOutSettings
from assay.data.near.shingles import shingles_of, slices

SAMPLE_BYTES = 2**20
"""Bytes of text that are looked for, in the documents of the smallest ids: their n-grams take 25 bytes each, and the look-up is fast while they lie near."""
BEGINNING_BYTES = 2**16
"""Bytes at the beginning of a longer document that are looked for."""


@dataclass(frozen=True, eq=False)
class Known:
    """Overlap of H documents: `ngrams` (H,), repeats included, and how many of them are `found` (H,) in training texts."""

    ngrams: NDArray[np.int64]
    found: NDArray[np.int64]
    settings: HeldOutSettings

    @property
    def covered(self) -> NDArray[np.bool_]:
        """(H,): False for a text shorter than an n-gram, which can't be looked for."""
        return self.ngrams > 0

    @property
    def known(self) -> NDArray[np.bool_]:
        """(H,)"""
        result: NDArray[np.bool_] = self.covered & (self.found * PARTS >= self.ngrams * self.settings.share_parts)
        return result

    @property
    def too_many(self) -> bool:
        return int(self.known.sum()) > self.settings.at_most * int(self.covered.sum())


class HeldOut:
    """Is shown the training texts, batch after batch."""

    def __init__(self, texts: TextBatch, settings: HeldOutSettings) -> None:
        self.texts, self.settings = texts, settings
        self.index: NgramIndex = ngram_index(texts, settings)
        self._found = np.zeros(len(self.index.table), dtype=np.uint8)

    def see(self, batch: TextBatch) -> None:
        for _, part in slices(batch):
            grams, _ = shingles_of(part, self.settings.ngrams, SEED, whole=False)
            mark(grams, np.uint64(self.index.bits), self.index.table, self.index.seen, self._found)

    def known(self) -> Known:
        grams, bounds = shingles_of(self.texts, self.settings.ngrams, SEED, whole=False)
        counts = np.empty(len(self.texts), dtype=np.int64)
        count_marked(grams, bounds, np.uint64(self.index.bits), self.index.table, self._found, counts)
        return Known(np.diff(bounds), counts, self.settings)


def sample(sizes: NDArray[np.int64]) -> int:
    """Return how many documents, of those with so many bytes (H,), are looked for: all of a small corpus."""
    before = np.cumsum(np.minimum(sizes, BEGINNING_BYTES)) - np.minimum(sizes, BEGINNING_BYTES)
    return int(np.searchsorted(before, SAMPLE_BYTES))


def beginning(text: str) -> str:
    return text if len(text) <= BEGINNING_BYTES // 4 else text.encode()[:BEGINNING_BYTES].decode(errors="ignore")
