from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.near.kernel_overlap import shared_members, sort_sets

Sets = some.lists(some.lists(some.integers(0, 30) | some.integers(2**64 - 3, 2**64 - 1), max_size=20), min_size=1, max_size=6)


@settings(deadline=None)
@given(Sets)
def test_members_in_common_are_those_of_pythons_sets(lists: list[list[int]]) -> None:
    hashes = np.array([value for each in lists for value in each], dtype=np.uint64)
    bounds = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    limits = np.empty_like(bounds)
    count = sort_sets(hashes, bounds, limits)
    assert [hashes[start:end].tolist() for start, end in pairwise(limits)] == [sorted(set(each)) for each in lists]
    assert count == limits[-1]
    pairs = np.array([(one, other) for one in range(len(lists)) for other in range(len(lists))])
    shared = np.empty(len(pairs), dtype=np.int64)
    shared_members(hashes[:count], limits, pairs, shared)
    assert shared.tolist() == [len(set(lists[one]) & set(lists[other])) for one, other in pairs.tolist()]
