import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.near.kernel_overlap import set_sizes, shared_members

Sets = some.lists(some.lists(some.integers(0, 30) | some.integers(2**64 - 3, 2**64 - 1), max_size=20), min_size=1, max_size=6)


@settings(deadline=None)
@given(Sets)
def test_members_are_counted_as_by_pythons_sets(lists: list[list[int]]) -> None:
    hashes = np.array([value for each in lists for value in each], dtype=np.uint64)
    bounds = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    room = 2 << max(1, 2 * max(map(len, lists))).bit_length()
    sizes = np.full(len(lists), -7)
    set_sizes(hashes, bounds, np.zeros(room, dtype=np.uint64), np.zeros(room, dtype=np.int64), sizes)
    assert sizes.tolist() == [len(set(each)) for each in lists]
    pairs = np.array([(one, other) for one in range(len(lists)) for other in range(len(lists))])
    shared = np.full(len(pairs), -7)
    table, owner, counted = np.zeros(room, dtype=np.uint64), np.zeros(room, dtype=np.int64), np.zeros(room, dtype=np.int64)
    shared_members(hashes, bounds, pairs, table, owner, counted, shared)
    assert shared.tolist() == [len(set(lists[one]) & set(lists[other])) for one, other in pairs.tolist()]
