import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.near.kernel_signatures import EMPTY, band_keys, bucket_pairs, shared_numbers, sketch


def keys(places: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(0).integers(0, 2**63, 2 * places, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


@settings(deadline=None)
@given(some.lists(some.integers(0, 2**64 - 1), max_size=40), some.integers(1, 70))
def test_each_place_is_filled_by_one_of_the_hashes_or_all_are_empty(hashes: list[int], places: int) -> None:
    rows = np.zeros((1, places), dtype=np.uint32)
    sketch(np.array(hashes, dtype=np.uint64), np.array([0, len(hashes)], dtype=np.int64), keys(places), rows)
    possible = {value * int(key) & 0x7FFFFFFF for value in hashes for key in keys(places)}
    assert set(rows[0].tolist()) <= possible if hashes else (rows == EMPTY).all()


def test_a_band_is_equal_exactly_if_all_its_numbers_are() -> None:
    signed = np.arange(24, dtype=np.uint32).reshape(2, 12)
    signed[1, :4] = signed[0, :4]
    signed[1, 8:11] = signed[0, 8:11]
    found = np.zeros((3, 2), dtype=np.uint64)
    band_keys(signed, 0, 4, found)
    assert (found[:, 0] == found[:, 1]).tolist() == [True, False, False]
    later = np.zeros((2, 2), dtype=np.uint64)
    band_keys(signed, 1, 4, later)
    assert (later == found[1:]).all()


def test_equal_numbers_in_two_bands_make_no_equal_keys() -> None:
    signed = np.ones((1, 12), dtype=np.uint32)
    found = np.zeros((3, 1), dtype=np.uint64)
    band_keys(signed, 0, 4, found)
    assert len(set(found[:, 0].tolist())) == 3


def test_shared_numbers_are_counted_place_by_place() -> None:
    signed = np.array([[1, 2, 3, 4], [1, 2, 4, 3], [9, 9, 3, 4]], dtype=np.uint32)
    shared = np.zeros(3, dtype=np.int64)
    shared_numbers(signed, np.array([[0, 1], [0, 2], [1, 1]]), shared)
    assert shared.tolist() == [2, 2, 4]


def test_a_member_meets_its_buckets_first_and_those_just_before_it() -> None:
    """Seven alike in one bucket, then two in another; a window of two."""
    signed = np.ones((9, 4), dtype=np.uint32)
    rows, heads = np.arange(9), np.array([0] * 7 + [7] * 2)
    rank = np.arange(9, dtype=np.uint32)
    found = np.zeros(27, dtype=np.uint64)
    count = bucket_pairs(rows, heads, 0, 9, 2, 4, signed, rank, found)
    pairs = {(int(value) >> 32, int(value) & 0xFFFFFFFF) for value in found[:count]}
    expected = {
        (0, 1),
        (0, 2),
        (1, 2),
        (0, 3),
        (1, 3),
        (2, 3),
        (0, 4),
        (2, 4),
        (3, 4),
        (0, 5),
        (3, 5),
        (4, 5),
        (0, 6),
        (4, 6),
        (5, 6),
        (7, 8),
    }
    assert pairs == expected
    assert count == len(expected)  # none twice


def test_a_pair_that_shares_too_few_numbers_is_left_out() -> None:
    signed = np.array([[1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 6, 7]], dtype=np.uint32)
    found = np.zeros(9, dtype=np.uint64)
    rows, heads = np.array([2, 0, 1]), np.zeros(3, dtype=np.int64)
    count = bucket_pairs(rows, heads, 0, 3, 8, 3, signed, np.array([1, 2, 0], dtype=np.uint32), found)
    assert found[:count].tolist() == [1 << 32 | 2]
