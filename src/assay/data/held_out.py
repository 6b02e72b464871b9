"""Train/test overlap: how much of the validation and test documents the training documents hold; counted for the card, refused above a bound."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.decide import Decisions
from assay.data.document import EXCERPT_CHARACTERS
from assay.data.measured import Measured
from assay.data.near.held_out import HeldOut, Known, beginning, sample
from assay.data.near.settings import HeldOutSettings, NearDedupSettings
from assay.data.split import SPLITS
from assay.errors import DataError

FETCHED_BYTES = 2**22
SHOWN = 10
NAMED = 3


@dataclass(frozen=True)
class Example:
    """A held-out document, and which share of its n-grams is in training documents."""

    id: str
    split: str
    share: float
    excerpt: str


@dataclass(frozen=True, eq=False)
class Overlap:
    """Overlap of the documents that were looked for: `splits` (H,) numbers in SPLITS, and what is known of each. `all`: how many there are."""

    splits: NDArray[np.int8]
    known: Known
    all: int
    examples: list[Example] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """For the card."""
        settings = self.known.settings
        return {
            "ngram": {"words": settings.words, "characters": settings.characters},
            "share": settings.share,
            "documents": self.all,
            "looked_for": int(self.known.covered.sum()),
            "too_short": int((~self.known.covered).sum()),
            "splits": {name: self._counts(self.splits == number) for number, name in enumerate(SPLITS) if number},
        }

    def _counts(self, rows: NDArray[np.bool_]) -> dict[str, int]:
        known = self.known
        counts = {"looked_for": known.covered, "known": known.known, "with_any": known.found > 0}
        sums = {"ngrams": known.ngrams, "ngrams_in_training": known.found}
        return {name: int(values[rows].sum()) for name, values in {**counts, **sums}.items()}

    def refuse_too_many(self, corpus: str, near_dedup: NearDedupSettings | None) -> None:
        """Raise DataError above the bound. `near_dedup`: what the recipe does about near duplicates, which decides what to advise."""
        if not self.known.too_many:
            return
        count, looked_for, settings = int(self.known.known.sum()), int(self.known.covered.sum()), self.known.settings
        named = ", ".join(example.id for example in self.examples[:NAMED])
        raise DataError(
            f"corpus {corpus}: {count:,} of {looked_for:,} validation and test documents are known from training documents, which hold at least "
            f"{settings.share:.0%} of their n-grams; more than cleaning.held_out.at_most={settings.at_most} allows. For instance {named}.\n"
            f"  {_advice(near_dedup)}, or allow it: "
            f"cleaning.held_out.at_most={min(1.0, math.ceil(1000 * count / looked_for) / 1000)}"
        )


def _advice(near_dedup: NearDedupSettings | None) -> str:
    if near_dedup is None:
        return "Keep near repeats in one split: 'cleaning.near_dedup={}'"
    return (
        f"cleaning.near_dedup is in force and does not join them: they share passages, as quotations or signatures, and are less alike than its "
        f"threshold of {near_dedup.threshold:g}. Take the repeated passages out of the sources"
    )


class TrainingSeen:
    """Collects what training documents hold of the others, while they are written."""

    def __init__(self, measured: Measured, decisions: Decisions, settings: HeldOutSettings) -> None:
        order = measured.by_id
        rows = order[(decisions.kept & (decisions.splits > 0))[order]]
        self.all, self.measured = len(rows), measured
        sizes = measured.numbers("bytes")[rows]
        count = sample(sizes)
        self.rows, self.splits = rows[:count], decisions.splits[rows[:count]]
        self.held_out = HeldOut(TextBatch.of(self._texts(sizes[:count])), settings)

    def _texts(self, sizes: NDArray[np.int64]) -> Iterator[str]:
        """A few at a time: of a long one only the beginning is kept."""
        for rows in np.split(self.rows, np.flatnonzero(np.diff(np.cumsum(sizes) // FETCHED_BYTES)) + 1):
            yield from map(beginning, self.measured.table(rows).column("text").to_pylist())

    def passing(self, tables: Iterator[Any]) -> Iterator[Any]:
        """The tables of training documents, as they come."""
        for table in tables:
            self.held_out.see(TextBatch.from_arrow(table.column("text").combine_chunks()))
            yield table

    def overlap(self) -> Overlap:
        known = self.held_out.known()
        shares = known.found / np.maximum(known.ngrams, 1)
        order = np.argsort(-shares, kind="stable")[:SHOWN]
        first = order[known.found[order] > 0]
        shown = [
            Example(document.id, SPLITS[self.splits[place]], round(float(shares[place]), 4), document.text[:EXCERPT_CHARACTERS])
            for place, document in zip(first, self.measured.documents(self.rows[first]), strict=True)
        ]
        return Overlap(self.splits, known, self.all, shown)
