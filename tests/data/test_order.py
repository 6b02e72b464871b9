"""The order of windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.order import keyed, permute


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 3000), key=st.integers(0, 2**64 - 1))
def test_every_window_is_seen_once_an_epoch(size: int, key: int) -> None:
    order = permute(np.arange(size, dtype=np.uint64), size, key)
    assert sorted(order.tolist()) == list(range(size))


def test_the_place_of_one_window_does_not_depend_on_which_are_asked_for() -> None:
    whole = permute(np.arange(1000, dtype=np.uint64), 1000, 7)
    assert permute(np.array([999, 3], dtype=np.uint64), 1000, 7).tolist() == [whole[999], whole[3]]


def test_keys_give_unlike_orders() -> None:
    positions = np.arange(1000, dtype=np.uint64)
    same = sum(int((permute(positions, 1000, a) == permute(positions, 1000, b)).sum()) for a, b in [(1, 2), (2, 3), (1, 3)])
    assert same < 15  # about 1 in 1,000 each by chance


def test_the_order_has_no_trend() -> None:
    order = permute(np.arange(4096, dtype=np.uint64), 4096, 5).astype(float)
    assert abs(np.corrcoef(order, np.arange(4096))[0, 1]) < 0.06


@pytest.mark.parametrize(
    ("one", "other"), [((1, "a"), (2, "a")), ((1, "a"), (1, "b")), ((1, "a", 12), (1, "a", 1, 2)), ((1, "a", 1), (1, "a", "1x"))]
)
def test_keyed_numbers_differ_by_each_part(one: tuple[int, str], other: tuple[int, str]) -> None:
    assert keyed(*one) != keyed(*other)


def test_keyed_numbers_are_these_for_ever() -> None:
    """If these change, no earlier run can be repeated."""
    assert keyed(1, "window order", 0) == 1837812036205012524
    assert permute(np.arange(8, dtype=np.uint64), 8, 42).tolist() == [5, 1, 7, 2, 4, 0, 3, 6]
