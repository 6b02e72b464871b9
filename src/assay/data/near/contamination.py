"""Training texts that hold pieces of evaluation texts: n-grams of 13 words in common (Brown et al. 2020, appendix C)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.near.kernel_ngrams import fill, look_up
from assay.data.near.settings import DecontaminationSettings, HeldOutSettings, Shingles
from assay.data.near.shingles import shingles_of, slices

SEED = 0
"""Nothing is drawn at random here: one key for the hashes of all n-grams."""


@dataclass(frozen=True, eq=False)
class NgramIndex:
    """The n-grams of E evaluation texts. `covered` (E,): False for a text shorter than an n-gram, which can't be looked for."""

    ngrams: Shingles
    bits: int
    table: NDArray[np.uint64]
    owners: NDArray[np.int64]
    seen: NDArray[np.uint8]
    size: int
    covered: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Contamination:
    """Contamination of N texts: `hits` (N,) n-grams shared with evaluation texts, repeats included; `first` (N,) the evaluation text that is the first
    to hold the first of them, -1 where there is none."""

    hits: NDArray[np.int64]
    first: NDArray[np.int64]


def ngram_index(batch: TextBatch, settings: DecontaminationSettings | HeldOutSettings) -> NgramIndex:
    """Make the index of all evaluation texts together, in one batch: their numbers in it are what `Contamination.first` gives. 25 bytes an n-gram."""
    grams, bounds = shingles_of(batch, settings.ngrams, SEED, whole=False)
    bits = max(4, (2 * len(grams)).bit_length())
    table, owners = np.zeros(1 << bits, dtype=np.uint64), np.full(1 << bits, -1, dtype=np.int64)
    seen = np.zeros(1 << bits, dtype=np.uint8)
    size = fill(grams, bounds, np.uint64(bits), table, owners, seen)
    return NgramIndex(settings.ngrams, bits, table, owners, seen, int(size), np.diff(bounds) > 0)


def documents_by_corpus(found: NDArray[np.int64], settings: DecontaminationSettings) -> dict[str, int]:
    """Count the contaminated texts by the corpus that the first of their hits is from. `found` (N, 2): hits, and place of that corpus."""
    owners = found[found[:, 0] >= settings.at_least, 1]
    return {name: int((owners == number).sum()) for number, name in enumerate(settings.against)}


def contaminated(batch: TextBatch, index: NgramIndex) -> Contamination:
    hits, first = np.empty(len(batch), dtype=np.int64), np.empty(len(batch), dtype=np.int64)
    for start, part in slices(batch):
        grams, bounds = shingles_of(part, index.ngrams, SEED, whole=False)
        end = start + len(part)
        look_up(grams, bounds, np.uint64(index.bits), index.table, index.owners, index.seen, hits[start:end], first[start:end])
    return Contamination(hits, first)
