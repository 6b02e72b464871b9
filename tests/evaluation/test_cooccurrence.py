"""How well counts of words that stand together are foretold."""

import numpy as np
import pytest

from assay.evaluation.cooccurrence import CooccurrenceScore, fit_biases, weigh_biases

ROWS = 6


def entries(biases: bool) -> tuple[np.ndarray, ...]:  # type: ignore[type-arg]
    draws = np.random.default_rng(1)
    first, second = np.triu_indices(ROWS)
    own = draws.normal(0, 2, ROWS)
    target = own[first] + own[second] if biases else draws.normal(0, 2, len(first))
    return first.astype(np.int32), second.astype(np.int32), target.astype(np.float32), draws.uniform(0.1, 1, len(first)).astype(np.float32)


def test_counts_that_are_of_biases_alone_are_foretold_by_them() -> None:
    assert weigh_biases(entries(True), fit_biases(entries(True), ROWS)) < 1e-4


def test_no_biases_have_a_smaller_error_than_those_of_least_squares() -> None:
    """Beside the normal equations, solved whole; each pair in both directions, a word beside itself once."""
    first, second, target, weight = entries(False)
    directed = [(i, k, t, w) for i, k, t, w in zip(first, second, target, weight, strict=True) for i, k in {(i, k), (k, i)}]
    design = np.zeros((len(directed), ROWS))
    for row, (i, k, _, w) in enumerate(directed):
        design[row, i] += np.sqrt(w)
        design[row, k] += np.sqrt(w)
    wanted = np.array([t * np.sqrt(w) for _, _, t, w in directed])
    best = np.linalg.lstsq(design, wanted, rcond=None)[0]
    assert weigh_biases((first, second, target, weight), best) == pytest.approx(
        ((design @ best - wanted) ** 2).sum() / sum(w for *_, w in directed), rel=1e-6
    )
    found = fit_biases((first, second, target, weight), ROWS)
    assert weigh_biases((first, second, target, weight), found) == pytest.approx(
        weigh_biases((first, second, target, weight), best), rel=1e-4
    )


def test_a_word_of_no_pair_has_a_bias_of_nothing() -> None:
    assert fit_biases(entries(True), ROWS + 2)[ROWS:].tolist() == [0, 0]


def test_a_score_says_its_floor_and_on_how_much_it_stands() -> None:
    score = CooccurrenceScore(1.5, 2.0, 0.9, 321)
    assert score.metrics("val") == {"val/loss": 1.5, "val/biases_loss": 2.0, "val/coverage": 0.9}
    assert score.sizes() == {"pairs": 321}
    assert score.said("val") == "val/loss 1.5000 squared error of ln count (by biases alone 2.0000; on 90.0% of the counts)"
