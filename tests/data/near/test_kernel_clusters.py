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
@given(Pairs)
def test_each_joins_the_least_leader_it_is_similar_to_and_leaders_are_apart(pairs: set[tuple[int, int]]) -> None:
    """As if every pair had been counted: what is not in `pairs` is known to be unlike."""
    edges = np.array(sorted((other, one) for one, other in pairs), dtype=np.int64).reshape(-1, 2)
    unlike = np.array(
        [one << 32 | other for one in range(15) for other in range(one + 1, 15) if (one, other) not in pairs], dtype=np.uint64
    )
    leaders, wanted = np.arange(15), np.empty(len(edges), dtype=np.uint64)
    assert follow(edges, unlike, leaders, wanted) == 0
    expected: list[int] = []
    for member in range(15):
        expected.append(next((lead for lead in range(member) if expected[lead] == lead and (lead, member) in pairs), member))
    assert leaders.tolist() == expected


def test_a_pair_that_was_never_compared_is_asked_for_before_its_member_leads() -> None:
    """1 is like 0, 2 is like 1; whether 2 is like 0 is not known yet."""
    edges = np.array([[1, 0], [2, 1]])
    leaders, wanted = np.arange(3), np.empty(2, dtype=np.uint64)
    assert follow(edges, np.empty(0, dtype=np.uint64), leaders, wanted) == 1
    assert wanted[0] == 0 << 32 | 2
    leaders = np.arange(3)
    assert follow(edges, np.array([2], dtype=np.uint64), leaders, wanted) == 0
    assert leaders.tolist() == [0, 0, 2]
