"""Counting which words stand together."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import MachineError
from assay.objective import cooccurrence
from assay.objective.cooccurrence import both_ways, count_cooccurrences

END, MARK, ALIAS = 9, 8, 7
ROW_OF = np.array([0, 1, 2, 3, 4, 5, 6, 0, -1, -1], dtype=np.int32)
"""Seven words, another spelling of the first, a mark and the end of a document."""
MANY = 10**6


def by_double_loop(tokens: list[int], window: int) -> dict[tuple[int, int], float]:
    """1/d for every two words of a document at distance d, both ways."""
    found: dict[tuple[int, int], float] = defaultdict(float)
    document: list[int] = []
    for token in [*tokens, END]:
        if token != END:
            document += [int(ROW_OF[token])] if token != MARK else []
            continue
        for place, word in enumerate(document):
            for other in range(max(0, place - window), place):
                found[word, document[other]] += 1 / (place - other)
                found[document[other], word] += 1 / (place - other)
        document = []
    return found


def as_dictionary(pairs: Any) -> dict[tuple[int, int], float]:
    found = {}
    for first, second, value in zip(pairs.first.tolist(), pairs.second.tolist(), pairs.counts.tolist(), strict=True):
        assert first <= second
        assert (first, second) not in found
        found[first, second] = found[second, first] = value
    return found


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 20), st.sampled_from([7, 2**20]), st.sampled_from([np.uint16, np.int64]))
def test_counts_are_those_of_a_double_loop_over_each_document(tokens: list[int], window: int, at_once: int, kind: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "TOKENS_AT_ONCE", at_once)
        patch.setattr(cooccurrence, "FIRST_SLOTS", 64)
        pairs = count_cooccurrences(np.array(tokens, dtype=kind), ROW_OF, END, window, MANY)
    expected = by_double_loop(tokens, window)
    assert as_dictionary(pairs) == pytest.approx(expected, rel=1e-12)
    assert pairs.total == pytest.approx(sum(expected.values()), rel=1e-12)
    assert (np.diff(pairs.keys) > 0).all()


def test_a_table_that_grows_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    row_of = np.arange(300, dtype=np.int32)
    tokens = np.random.default_rng(0).integers(0, 299, 5000)
    whole = count_cooccurrences(tokens, row_of, 299, 5, MANY)
    monkeypatch.setattr(cooccurrence, "FIRST_SLOTS", 16)
    grown = count_cooccurrences(tokens, row_of, 299, 5, MANY)
    assert np.array_equal(whole.keys, grown.keys)
    assert np.array_equal(whole.counts, grown.counts)
    assert len(whole.counts) > 10_000


def test_more_pairs_than_allowed_stop_with_what_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooccurrence, "FIRST_SLOTS", 64)
    tokens = np.random.default_rng(0).integers(0, 299, 5000)
    with pytest.raises(
        MachineError, match=r"of 5,000 tokens there are more than objective\.max_pairs=100 .*\n.*Lower tokenizer\.vocab_size"
    ):
        count_cooccurrences(tokens, np.arange(300, dtype=np.int32), 299, 5, 100)


def test_a_pair_is_weighed_by_its_count_up_to_the_most_and_its_target_is_the_scaled_ones_logarithm() -> None:
    pairs = count_cooccurrences(np.array([0, 1, 0, 1, 2]), ROW_OF, END, 2, MANY)
    _, _, targets, weights = pairs.entries(2.0, 0.75, 10.0)
    assert as_dictionary(pairs) == pytest.approx(
        {(0, 0): 1, (1, 1): 1, (0, 1): 3, (1, 0): 3, (0, 2): 0.5, (2, 0): 0.5, (1, 2): 1, (2, 1): 1}
    )
    assert np.exp(targets) == pytest.approx(pairs.counts * 10, rel=1e-6)
    assert weights == pytest.approx([min(1, value / 2) ** 0.75 for value in pairs.counts], rel=1e-6)


def test_entries_both_ways_are_those_of_the_whole_matrix() -> None:
    pairs = count_cooccurrences(np.random.default_rng(0).integers(0, 7, 200), ROW_OF, END, 5, MANY)
    first, second, targets, weights = both_ways(pairs.entries(10, 0.75))
    found = dict(zip(zip(first.tolist(), second.tolist(), strict=True), np.exp(targets).tolist(), strict=True))
    assert len(first) == len(found)
    assert found == pytest.approx(as_dictionary(pairs), rel=1e-5)
    assert weights == pytest.approx(np.minimum(1, np.exp(targets) / 10) ** 0.75, rel=1e-5)


def test_pairs_among_others_are_those_with_their_keys() -> None:
    pairs = count_cooccurrences(np.random.default_rng(0).integers(0, 7, 200), ROW_OF, END, 5, MANY)
    kept = pairs.keys[::3]
    assert np.array_equal(pairs.among(kept).keys, kept)
    assert np.array_equal(pairs.among(kept).counts, pairs.counts[::3])
    assert len(pairs.among(np.array([2**60])).counts) == 0
