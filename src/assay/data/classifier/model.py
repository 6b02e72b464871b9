"""A classifier of texts: weights of hashed n-grams, their sum for a text, and what probability that sum stands for."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.classifier.finished import MODEL_FILE
from assay.data.classifier.settings import PARTS
from assay.data.near.characters import character_table
from assay.data.near.shingles import slices

ONE = 2**20
"""Weights and sums are whole numbers of this part of 1."""


@dataclass(frozen=True)
class NgramSizes:
    """n-grams of 1 to `words` words and of exactly `characters` characters, in 2**bits buckets."""

    words: int
    characters: int
    bits: int

    def buckets(self, batch: TextBatch) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """(buckets, bounds): those of text i are buckets[bounds[i] : bounds[i + 1]], repeats included."""
        from assay.data.classifier.kernel import find_buckets

        size = int(batch.offsets[-1] - batch.offsets[0])
        found = np.empty((size + len(batch)) // 2 * self.words + size + self.words, dtype=np.uint32)
        bounds = np.empty(len(batch) + 1, dtype=np.int64)
        count = find_buckets(batch.content, batch.offsets, character_table(), self.words, self.characters, self.bits, found, bounds)
        return found[:count], bounds


@dataclass(frozen=True, eq=False)
class Classifier:
    """`weights` (2**sizes.bits,) int32 and `bias`, in ONEths."""

    sizes: NgramSizes
    bias: int
    weights: NDArray[np.int32]

    def sums(self, batch: TextBatch) -> NDArray[np.int64]:
        """The logarithm of the odds that a text is good, in ONEths, rounded down, (N,): weights over the root of their number, and the bias."""
        from assay.data.classifier.kernel import add_weights

        found = np.empty(len(batch), dtype=np.int64)
        for start, part in slices(batch):
            add_weights(*self.sizes.buckets(part), self.weights, self.bias, found[start : start + len(part)])
        return found

    def scores(self, batch: TextBatch) -> NDArray[np.int16]:
        """The probability that a text is good, in whole PARTS, rounded down, (N,)"""
        return np.searchsorted(boundaries(), self.sums(batch), side="right").astype(np.int16)

    def to_bytes(self) -> bytes:
        """Sizes are a tensor as well: the library writes the words of its own header in another order each time."""
        from safetensors.numpy import save

        sizes = [self.sizes.words, self.sizes.characters, self.sizes.bits]
        return save({"weights": self.weights, "bias": np.array([self.bias]), "sizes": np.array(sizes)})


@cache
def boundaries() -> NDArray[np.int64]:
    """The sum from which on the probability is at least k of PARTS, for k from 1, (PARTS - 1,).

    Whole numbers, so that no machine's logarithm moves a text across a threshold.
    """
    return np.array([round(ONE * math.log(part / (PARTS - part))) for part in range(1, PARTS)], dtype=np.int64)


@cache
def load_classifier(folder: Path, version: str) -> Classifier:
    """`version`, of `finished.version`: what was loaded is kept for as long as it is the same."""
    from safetensors.numpy import load_file

    found = load_file(folder / MODEL_FILE)
    return Classifier(NgramSizes(*found["sizes"].tolist()), int(found["bias"][0]), found["weights"])


@dataclass(frozen=True)
class Scores:
    """The scores that a classifier gives to texts: (N,) int16. A worker process loads the weights itself."""

    folder: Path
    version: str

    def __call__(self, batch: TextBatch) -> NDArray[np.int16]:
        return load_classifier(self.folder, self.version).scores(batch)


def learned(sizes: NgramSizes, bias: float, weights: NDArray[np.float64]) -> Classifier:
    """Rounded to whole numbers, which is what is stored and scored with."""
    whole: NDArray[Any] = np.clip(np.rint(weights * ONE), -(2**31) + 1, 2**31 - 1).astype(np.int32)
    return Classifier(sizes, round(bias * ONE), whole)
