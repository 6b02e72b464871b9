"""Which of the measured documents are kept, and in which split: a matter of columns, since no text is read for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.cleaning.dedup import repeats
from assay.data.cleaning.schema import CleaningSchema
from assay.data.language.names import LANGUAGES
from assay.data.maps import Parts, release_freed
from assay.data.measured import Measured
from assay.data.near.clusters import Clusters, clusters
from assay.data.near.settings import NearDedupSettings
from assay.data.quality import failing, sets_of
from assay.data.recipe import SEED
from assay.data.schema import DataSchema
from assay.data.split import assign_splits

Mask = NDArray[np.bool_]
Layers = Mapping[str, Any]
"""Name of a layer -> its values for all rows, an array or, of a wide one, Parts."""


@dataclass
class Decisions:
    """`codes` (N,): 0 kept, else 1 + the place in `reasons` of what a document was dropped for, the first that held.
    `splits` (N,): of a kept document the number in SPLITS.
    `near` are the clusters of the rows in `compared`, where near repeats were looked for."""

    codes: NDArray[np.int16]
    splits: NDArray[np.int8]
    reasons: list[str] = field(default_factory=list)
    near: Clusters | None = None
    compared: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, dtype=np.uint32))

    @property
    def kept(self) -> Mask:
        return np.equal(self.codes, 0)

    def drop(self, reason: str, rows: Mask) -> None:
        if reason not in self.reasons:  # two sets of rules have rules of one name
            self.reasons.append(reason)
        self.codes[rows & self.kept] = 1 + self.reasons.index(reason)

    def rows_of(self, reason: str) -> NDArray[np.int64]:
        return np.flatnonzero(self.codes == 1 + self.reasons.index(reason))


def decide(measured: Measured, data: DataSchema, cleaning: CleaningSchema, layers: Layers) -> Decisions:
    """`layers` holds what `recipe.layers_of(cleaning)` names."""
    count = len(measured)
    decisions = Decisions(np.zeros(count, dtype=np.int16), np.zeros(count, dtype=np.int8))
    if cleaning.rules:  # before the lengths: what C4's rules leave of a text that they drop may be nothing
        reasons, codes = failing(cleaning, sets_of(layers["language"], cleaning.rules, data.language), layers)
        for number, reason in enumerate(reasons, 1):
            decisions.drop(reason, codes == number)
    _drop_by_measure(decisions, measured, cleaning, layers)
    if cleaning.quality_classifier is not None:
        decisions.drop("quality_classifier", layers["quality_classifier"] < cleaning.quality_classifier.at_least_parts)
    if "contamination" in layers and cleaning.decontaminate is not None and cleaning.decontaminate.action == "drop":
        decisions.drop("contaminated", layers["contamination"][:, 0] >= cleaning.decontaminate.at_least)
    if cleaning.exact_dedup:
        rows = measured.by_id[decisions.kept[measured.by_id]]  # the first of equal texts is the one with the smallest id
        again = rows[repeats(measured.numbers("text_high")[rows], measured.numbers("text_low")[rows])]
        decisions.drop("duplicate", _mask(again, count))
    release_freed()
    positions = measured.numbers("split_position")
    if cleaning.near_dedup is not None:
        positions = positions[_drop_near_repeats(decisions, measured, cleaning.near_dedup, layers["signatures"])]
        release_freed()
    kept = decisions.kept
    decisions.splits[kept] = assign_splits(positions[kept], data.validation_fraction, data.test_fraction)
    return decisions


def _drop_by_measure(decisions: Decisions, measured: Measured, cleaning: CleaningSchema, layers: Layers) -> None:
    characters = measured.numbers("characters")
    decisions.drop("too_short", characters < cleaning.min_characters)
    decisions.drop("too_long", characters > cleaning.max_characters)
    if cleaning.languages:
        wanted = [LANGUAGES.index(name) for name in cleaning.languages]
        decisions.drop("language", ~np.isin(layers["language"], wanted))
    if cleaning.bad_words == "drop":
        decisions.drop("bad_words", layers["bad_words"] > cleaning.bad_words_at_most)


def _drop_near_repeats(decisions: Decisions, measured: Measured, settings: NearDedupSettings, signed: Parts) -> NDArray[np.int64]:
    """Returns for each row the one by whose text its split is chosen, (N,): no two near repeats may fall into different splits."""
    by_row = np.flatnonzero(decisions.kept)
    places = np.empty(len(measured), dtype=np.uint32)
    places[measured.by_id] = np.arange(len(measured), dtype=np.uint32)  # the order of ids, as numbers
    sizes = measured.numbers("bytes")[by_row]
    found = clusters(signed.rows(by_row), places[by_row], sizes, lambda wanted: measured.texts(by_row[wanted]), settings, SEED)
    decisions.near, decisions.compared = found, by_row.astype(np.uint32)
    if settings.action == "drop":
        decisions.drop("near_duplicate", _mask(by_row[~found.kept], len(measured)))
    groups = np.arange(len(measured), dtype=np.int64)
    groups[by_row] = by_row[found.group]
    return groups


def _mask(rows: NDArray[np.integer[Any]], count: int) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[rows] = True
    return mask
