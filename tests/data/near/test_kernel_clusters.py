from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.near.kernel_clusters import follow, join

Pairs = some.sets(some.tuples(some.integers(0, 14), some.integers(0, 14)).filter(lambda pair: pair[0] < pair[1]), max_size=40)


@settings(deadline=None)
@given(Pairs)
def test_a_group_is_what_is_reached_over_pairs_named_by_its_least(pairs: set[tuple[int, int]]) -> None:
    parents = np.arange(15)
    count = join(np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2), parents)
    expected = list(range(15))
    for _ in range(15):
        for one, other in pairs:
            expected[one] = expected[other] = min(expected[one], expected[other])
    assert parents.tolist() == expected
    assert count == len(set(expected))


@settings(deadline=None)
@given(Pairs, some.data())
def test_each_joins_the_least_leader_it_is_similar_to_and_leaders_are_apart(pairs: set[tuple[int, int]], data: Any) -> None:
    """Some similar pairs were found at first; the others come to light only when they are asked for."""
    first = set(data.draw(some.lists(some.sampled_from(sorted(pairs)), unique=True))) if pairs else set()
    edges = np.array(sorted((other, one) for one, other in first), dtype=np.int64).reshape(-1, 2)
    known: dict[int, bool] = {}
    wanted = np.empty(len(edges), dtype=np.uint64)
    while True:
        leaders = np.arange(15)
        names = np.array(sorted(known), dtype=np.uint64)
        count = follow(edges, names, np.array([known[int(name)] for name in names], dtype=np.uint8), leaders, wanted)
        asked = {int(pair): (int(pair) >> 32, int(pair) & 0xFFFFFFFF) in pairs for pair in wanted[:count]}
        assert not asked.keys() & known.keys()
        if not asked:
            break
        known |= asked
    expected: list[int] = []
    for member in range(15):
        near = [lower for lower in range(member) if (lower, member) in first]
        direct = [lower for lower in near if expected[lower] == lower]
        further = [expected[lower] for lower in near if (expected[lower], member) in pairs]
        expected.append(min(direct or further or [member]))
    assert leaders.tolist() == expected


def test_a_pair_that_was_never_compared_is_asked_for_before_its_member_leads() -> None:
    """1 is like 0, 2 is like 1; whether 2 is like 0 is not known yet."""
    edges, wanted = np.array([[1, 0], [2, 1]]), np.empty(2, dtype=np.uint64)
    nothing, pair = np.empty(0, dtype=np.uint64), np.array([0 << 32 | 2], dtype=np.uint64)
    assert follow(edges, nothing, np.empty(0, dtype=np.uint8), np.arange(3), wanted) == 1
    assert wanted[0] == pair[0]
    for answer, expected in ((0, [0, 0, 2]), (1, [0, 0, 0])):
        leaders = np.arange(3)
        assert follow(edges, pair, np.array([answer], dtype=np.uint8), leaders, wanted) == 0
        assert leaders.tolist() == expected
