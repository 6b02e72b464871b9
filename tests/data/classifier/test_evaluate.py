import numpy as np
import pytest

from assay.data.classifier.evaluate import held_out, wilson_interval


def test_shares_are_counted_on_both_kinds() -> None:
    """Scores .9 .9 .2 of good texts, .8 .1 .1 .1 .1 of others."""
    scores = np.array([9000, 9000, 2000, 8000, 1000, 1000, 1000, 1000], dtype=np.int16)
    found = held_out(scores, np.array([True] * 3 + [False] * 5))
    assert (found["accuracy"], found["majority_share"]) == (0.75, 0.625)
    assert found["classes"]["good"] == {"texts": 3, "precision": 0.6667, "recall": 0.6667}
    assert found["classes"]["other"] == {"texts": 5, "precision": 0.8, "recall": 0.8}
    assert [row["at_least"] for row in found["thresholds"]] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert found["thresholds"][7] == {"at_least": 0.8, "kept": 0.375, "good_among_kept": 0.6667, "good_that_is_kept": 0.6667}


def test_of_nothing_no_share_is_claimed() -> None:
    found = held_out(np.array([0, 0], dtype=np.int16), np.array([True, False]))
    assert found["classes"]["good"] == {"texts": 1, "precision": None, "recall": 0.0}
    assert found["thresholds"][0]["good_among_kept"] is None


@pytest.mark.parametrize(("right", "count", "low", "high"), [(90, 100, 0.8256, 0.9448), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)])
def test_the_interval_is_wilsons(right: int, count: int, low: float, high: float) -> None:
    """Newcombe (1998) gives such values."""
    assert wilson_interval(right, count) == pytest.approx((low, high), abs=5e-5)
