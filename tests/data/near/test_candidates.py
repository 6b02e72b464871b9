from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.near.bands import Bands
from assay.data.near.candidates import WINDOW, candidate_pairs, distinct, least_shared
from assay.data.near.kernel_signatures import EMPTY


def unpacked(packed: Any) -> set[tuple[int, int]]:
    return {(int(value) >> 32, int(value) & 0xFFFFFFFF) for value in packed}


@pytest.mark.parametrize(("parts", "permutations", "needed"), [(8000, 128, 88), (10_000, 128, 127), (5000, 16, 1), (9000, 64, 50)])
def test_a_pair_at_the_threshold_is_hardly_ever_left_out(parts: int, permutations: int, needed: int) -> None:
    mean, spread = permutations * parts / 1e4, (permutations * parts / 1e4 * (1 - parts / 1e4)) ** 0.5
    assert least_shared(parts, permutations) == needed
    assert max(0.0, mean - 3 * spread - 1) <= needed <= max(1.0, mean - 3 * spread + 0.001)


@settings(deadline=None)
@given(some.lists(some.lists(some.integers(0, 2), min_size=4, max_size=4), max_size=WINDOW + 1), some.data())
def test_the_pairs_are_those_that_share_a_band_in_any_order_of_the_rows(rows: list[list[int]], data: Any) -> None:
    signed = np.array(rows, dtype=np.uint32).reshape(-1, 4)
    rank = np.array(data.draw(some.permutations(range(len(rows)))), dtype=np.uint32)
    expected = set()
    for one in range(len(rows)):
        for other in range(len(rows)):
            in_band = rows[one][:2] == rows[other][:2] or rows[one][2:] == rows[other][2:]
            if rank[one] < rank[other] and in_band:
                expected.add((int(rank[one]), int(rank[other])))
    found = candidate_pairs(signed, rank, Bands(2, 2), 5000)
    assert unpacked(found) == expected
    assert (np.diff(found.astype(object)) > 0).all()


def test_a_bucket_that_holds_every_document_costs_a_bounded_number_of_pairs_each() -> None:
    signed = np.ones((5000, 8), dtype=np.uint32)
    found = candidate_pairs(signed, np.arange(5000, dtype=np.uint32), Bands(2, 4), 8000)
    assert len(found) < 5000 * (WINDOW + 1)
    assert {one for one, _ in unpacked(found) if one == 0} == {0}
    assert {other for one, other in unpacked(found) if one == 0} == set(range(1, 5000))


def test_texts_without_shingles_make_no_pair() -> None:
    signed = np.full((100, 8), EMPTY, dtype=np.uint32)
    assert len(candidate_pairs(signed, np.arange(100, dtype=np.uint32), Bands(2, 4), 5000)) == 0


@given(some.lists(some.integers(0, 9) | some.integers(2**64 - 2, 2**64 - 1)))
def test_distinct_values_come_ascending(values: list[int]) -> None:
    assert distinct(np.array(values, dtype=np.uint64)).tolist() == sorted(set(values))
