"""Which of the measured documents are kept, and in which split: a matter of columns, since no text is read for it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assay.data.cleaning.dedup import repeats
from assay.data.cleaning.schema import CleaningSchema
from assay.data.measured import Measured
from assay.data.schema import DataSchema
from assay.data.split import assign_splits

Mask = NDArray[np.bool_]


@dataclass
class Decisions:
    """`codes` (N,): 0 kept, else 1 + the place in `reasons` of what a document was dropped for, the first that held.
    `splits` (N,): of a kept document the number in SPLITS."""

    codes: NDArray[np.int16]
    splits: NDArray[np.int8]
    reasons: list[str] = field(default_factory=list)

    @property
    def kept(self) -> Mask:
        return np.equal(self.codes, 0)

    def drop(self, reason: str, rows: Mask) -> None:
        self.reasons.append(reason)
        self.codes[rows & self.kept] = len(self.reasons)

    def rows_of(self, reason: str) -> NDArray[np.int64]:
        return np.flatnonzero(self.codes == 1 + self.reasons.index(reason))


def decide(measured: Measured, data: DataSchema, cleaning: CleaningSchema) -> Decisions:
    count = len(measured)
    decisions = Decisions(np.zeros(count, dtype=np.int16), np.zeros(count, dtype=np.int8))
    characters = measured.numbers("characters")
    decisions.drop("too_short", characters < cleaning.min_characters)
    decisions.drop("too_long", characters > cleaning.max_characters)
    if cleaning.exact_dedup:
        rows = measured.by_id[decisions.kept[measured.by_id]]  # the first of equal texts is the one with the smallest id
        repeated = np.zeros(count, dtype=np.bool_)
        repeated[rows[repeats(measured.numbers("text_high")[rows], measured.numbers("text_low")[rows])]] = True
        decisions.drop("duplicate", repeated)
    kept = decisions.kept
    decisions.splits[kept] = assign_splits(measured.numbers("split_position")[kept], data.validation_fraction, data.test_fraction)
    return decisions
