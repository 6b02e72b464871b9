"""GloVe's compiled passes beside their formulas."""

import math
from typing import Any

import numpy as np
import pytest

from assay.objective.kernel_glove import learn, weigh

ROWS, WIDTH, PAIRS, RATE = 7, 5, 40, 0.05


def some_entries(count: int = PAIRS) -> Any:
    draws = np.random.default_rng(2)
    rows = np.sort(draws.integers(0, ROWS, (count, 2)), axis=1).astype(np.int32)
    target = draws.normal(1, 2, count).astype(np.float32)
    weight = draws.uniform(0.05, 1, count).astype(np.float32)
    return np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1]), target, weight


def some_side(seed: int) -> Any:
    draws = np.random.default_rng(seed)
    vectors = (draws.uniform(-0.5, 0.5, (ROWS, WIDTH)) / WIDTH).astype(np.float32)
    return vectors, np.zeros(ROWS, np.float32), np.full((ROWS, WIDTH), 1e-8, np.float32), np.full(ROWS, 1e-8, np.float32)


def plainly(entries: Any, words: Any, contexts: Any) -> tuple[Any, Any, float]:
    """Equation 8's gradient and AdaGrad's step, one number after another, in Python's own arithmetic."""
    w, b, w_sums, b_sums = ([list(map(float, row)) if row.ndim else float(row) for row in part] for part in words)
    c, a, c_sums, a_sums = ([list(map(float, row)) if row.ndim else float(row) for row in part] for part in contexts)
    error = 0.0
    for i, k, target, weight in zip(*(part.tolist() for part in entries), strict=True):
        difference = sum(x * y for x, y in zip(w[i], c[k], strict=True)) + b[i] + a[k] - target
        error += weight * difference**2
        slopes = [(weight * difference * y, weight * difference * x) for x, y in zip(w[i], c[k], strict=True)]
        for d, (of_word, of_context) in enumerate(slopes):
            w_sums[i][d] += of_word**2
            c_sums[k][d] += of_context**2
            w[i][d] -= RATE * of_word / math.sqrt(w_sums[i][d])
            c[k][d] -= RATE * of_context / math.sqrt(c_sums[k][d])
        b_sums[i] += (weight * difference) ** 2
        a_sums[k] += (weight * difference) ** 2
        b[i] -= RATE * weight * difference / math.sqrt(b_sums[i])
        a[k] -= RATE * weight * difference / math.sqrt(a_sums[k])
    return (w, b, w_sums, b_sums), (c, a, c_sums, a_sums), error


def test_updates_are_those_of_the_papers_gradient_and_adagrad_one_entry_at_a_time() -> None:
    entries, words, contexts = some_entries(), some_side(3), some_side(4)
    *expected, error = plainly(entries, words, contexts)
    found = learn(entries, words, contexts, np.float32(RATE))
    for mine, theirs in zip((*words, *contexts), (*expected[0], *expected[1]), strict=True):
        np.testing.assert_allclose(mine, np.array(theirs), rtol=1e-5, atol=1e-5)
    assert found.tolist() == pytest.approx([error, entries[3].sum()], rel=1e-5)


def test_weighing_learns_nothing_and_counts_both_directions_of_every_pair() -> None:
    entries, words, contexts = some_entries(), some_side(3), some_side(4)
    before = [part.copy() for part in (*words, *contexts)]
    found = weigh(entries, words, contexts)
    expected = np.zeros(2)
    for first, second, target, weight in zip(*entries, strict=True):
        for i, k in {(int(first), int(second)), (int(second), int(first))}:
            difference = words[0][i].astype(float) @ contexts[0][k] + words[1][i] + contexts[1][k] - target
            expected += weight * difference**2, weight
    assert found.tolist() == pytest.approx(expected.tolist(), rel=1e-5)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip((*words, *contexts), before, strict=True))


def test_what_is_no_number_is_not_hidden() -> None:
    entries, words, contexts = some_entries(), some_side(3), some_side(4)
    words[0][0, 0] = np.nan
    assert np.isnan(weigh(entries, words, contexts)[0])
