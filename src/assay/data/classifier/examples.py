"""From labels to texts that are good or not: one for each different text, by the vote of those who labelled it."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.config.report import did_you_mean
from assay.data.annotation.labels import Label
from assay.data.order import keyed
from assay.errors import ConfigError, DataError

FEWEST = 10
"""Texts of each kind, below which no part that is held out says anything."""


@dataclass(frozen=True, eq=False)
class Examples:
    """`texts` in the order of their hashes; `good` (N,). `disputed`: texts left out, as many votes being for as against."""

    texts: list[str]
    hashes: list[str]
    good: NDArray[np.bool_]
    disputed: int


def examples(labels: list[Label], good: list[str], name: str) -> Examples:
    """Raises ConfigError for a label in `good` that nobody gave, and DataError where one kind has too few texts."""
    known = sorted({label.label for label in labels})
    for each in [each for each in good if each not in known]:
        raise ConfigError(
            f"good names {each!r}, which is no label of labels/{name}.jsonl{did_you_mean(each, known)} (labels: {', '.join(known) or 'none'})"
        )
    votes: dict[str, Counter[bool]] = defaultdict(Counter)
    texts: dict[str, str] = {}
    for label in labels:
        votes[label.text_hash][label.label in good] += 1
        texts[label.text_hash] = label.text
    decided = [digest for digest in sorted(votes) if votes[digest][True] != votes[digest][False]]
    found = np.array([votes[digest][True] > votes[digest][False] for digest in decided], dtype=np.bool_)
    counts = (int(found.sum()), int((~found).sum()))
    if min(counts) < FEWEST:
        raise DataError(
            f"labels/{name}.jsonl: {counts[0]:,} texts are labelled {' or '.join(good)} and {counts[1]:,} otherwise; "
            f"at least {FEWEST} of each are needed.\n  Label more, or name other labels as good: good=[LABEL]   (labels: {', '.join(known)})"
        )
    return Examples([texts[digest] for digest in decided], decided, found, len(votes) - len(decided))


def folds_of(found: Examples, folds: int, seed: int) -> NDArray[np.int64]:
    """The part in which each text is held out, (N,): of good texts and of others as many in each, give or take one."""
    parts = np.empty(len(found.texts), dtype=np.int64)
    for kind in (True, False):
        mine = np.flatnonzero(found.good == kind).tolist()
        order = sorted(mine, key=lambda place: (keyed(seed, "fold of a labelled text", found.hashes[place]), found.hashes[place]))
        parts[order] = np.arange(len(order)) % folds
    return parts
