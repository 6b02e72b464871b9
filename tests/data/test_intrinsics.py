from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from assay.data.intrinsics import borrowed, eight_bytes


@njit
def number_at(content: Any, place: int) -> Any:
    return eight_bytes(content, place)


@njit
def one_more(array: Any) -> None:
    for place in range(array.size):
        array[place] += 1


@njit
def through_borrowed(array: Any) -> Any:
    one_more(borrowed(array))
    return array


@given(st.binary(min_size=8, max_size=40), st.data())
def test_eight_bytes_are_one_number_wherever_they_lie(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 8))
    assert int(number_at(np.frombuffer(content, dtype=np.uint8), place)) == int.from_bytes(content[place : place + 8], "little")


def test_a_borrowed_array_is_the_same_memory() -> None:
    array = np.arange(5)
    assert through_borrowed(array).tolist() == [1, 2, 3, 4, 5]
    assert array.tolist() == [1, 2, 3, 4, 5]
