"""Evaluation of a classifier on texts that it did not learn from."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.classifier.settings import PARTS

NORMAL_95 = 1.959964
"""Standard deviations on both sides that hold 95 % of a normal distribution."""
TENTHS = 10

Scores = NDArray[np.int16]
Mask = NDArray[np.bool_]


def held_out(scores: Scores, good: Mask) -> dict[str, Any]:
    """Facts for a card, of `scores` (N,) in whole PARTS, each by a classifier that had not seen the text. None where nothing was to be measured."""
    called = scores >= PARTS // 2
    right = int((called == good).sum())
    low, high = wilson_interval(right, len(good))
    majority = max(int(good.sum()), int((~good).sum())) / len(good)
    return {
        "accuracy": _rounded(right / len(good)),
        "accuracy_95_low": _rounded(low),
        "accuracy_95_high": _rounded(high),
        "majority_share": _rounded(majority),
        "classes": {"good": _class(called, good), "other": _class(~called, ~good)},
        "thresholds": [_threshold(part, scores, good) for part in range(PARTS // TENTHS, PARTS, PARTS // TENTHS)],
    }


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Return the confidence interval of a share at 95 % (Wilson 1927): it stays within 0 and 1, also for few texts."""
    share, square = right / count, NORMAL_95**2
    middle = share + square / (2 * count)
    spread = NORMAL_95 * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return max(0.0, (middle - spread) / (1 + square / count)), min(1.0, (middle + spread) / (1 + square / count))


def _class(called: Mask, true: Mask) -> dict[str, Any]:
    both = int((called & true).sum())
    return {"texts": int(true.sum()), "precision": _share(both, int(called.sum())), "recall": _share(both, int(true.sum()))}


def _threshold(part: int, scores: Scores, good: Mask) -> dict[str, Any]:
    """Return what cleaning with this threshold would keep."""
    kept = scores >= part
    both = int((kept & good).sum())
    return {
        "at_least": part / PARTS,
        "kept": _share(int(kept.sum()), len(good)),
        "good_among_kept": _share(both, int(kept.sum())),
        "good_that_is_kept": _share(both, int(good.sum())),
    }


def _share(part: int, whole: int) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(share: float) -> float:
    return round(share, 4)
