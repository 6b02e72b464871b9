"""Draws of the kernel; what it learns is beside its formulas in test_negative_sampling.py."""

import numpy as np
import pytest

from assay.objective.kernel_words import _draw, _negative, _reach


def test_draws_are_those_of_splitmix64() -> None:
    """The first of seed 0, as in the reference code of Steele, Lea & Flood and in Java's SplittableRandom."""
    state = np.array([0], dtype=np.uint64)
    assert [_draw(state) for _ in range(2)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


def test_a_reach_is_1_to_the_window_each_as_often() -> None:
    state = np.array([1], dtype=np.uint64)
    counts = np.bincount([_reach(4, state) for _ in range(8000)])
    assert counts.tolist()[0] == 0
    assert counts[1:] == pytest.approx(np.full(4, 2000), rel=0.1)


def test_a_column_gives_way_to_its_other_word() -> None:
    state, chances, others = np.array([1], dtype=np.uint64), np.array([2**30, 2**32 - 1], dtype=np.uint32), np.array([1, 1], dtype=np.int32)
    counts = np.bincount([_negative(chances, others, state) for _ in range(8000)])
    assert counts == pytest.approx([1000, 7000], rel=0.1)  # half of the time the first column, of which a quarter is its own
