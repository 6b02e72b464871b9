from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.near.overlap import Overlaps, Texts, fetched_overlaps, overlaps_of
from assay.data.near.settings import Shingles

Words = some.lists(some.sampled_from(["a", "B", "b", "cé", "中", "文", "。", "9"]), max_size=25).map(" ".join)


@settings(deadline=None)
@given(some.lists(Words, min_size=2, max_size=6), some.integers(1, 6), some.integers(1, 6))
def test_the_similarity_is_that_of_the_sets_of_shingles(oracle: Any, texts: list[str], words: int, characters: int) -> None:
    pairs = np.array([(one, other) for one in range(len(texts)) for other in range(len(texts))])
    found = overlaps_of(TextBatch.of(texts), pairs, Shingles(words=words, characters=characters), 3)
    sets = [set(oracle.shingle_list(text, words, characters)) for text in texts]
    assert found.shared.tolist() == [len(sets[one] & sets[other]) for one, other in pairs.tolist()]
    assert found.joined.tolist() == [len(sets[one] | sets[other]) for one, other in pairs.tolist()]


def test_a_pair_exactly_at_the_threshold_is_similar_and_one_just_below_is_not() -> None:
    pairs = np.zeros((4, 2), dtype=np.int64)
    found = Overlaps(pairs, np.array([4, 3999, 5, 0]), np.array([5, 5000, 5, 0]))
    assert found.similar(8000).tolist() == [True, False, True, False]
    assert found.similar(10_000).tolist() == [False, False, True, False]
    assert found.jaccard.tolist() == [0.8, 3999 / 5000, 1.0, 0.0]
    assert found.where(found.similar(8000)).shared.tolist() == [4, 5]


@settings(deadline=None)
@given(some.lists(some.tuples(some.integers(0, 19), some.integers(0, 19)), max_size=40), some.integers(1, 300), some.integers(1, 50))
def test_fetched_in_portions_or_at_once_the_counts_are_the_same(pairs: list[tuple[int, int]], limit: int, ahead: int) -> None:
    texts = [f"one two three four five {number % 7} six seven" for number in range(20)]
    sizes = np.array([len(text) for text in texts])
    chosen = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    fetched: list[list[int]] = []

    def fetch(rows: Any) -> TextBatch:
        fetched.append(rows.tolist())
        return TextBatch.of([texts[row] for row in rows])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assay.data.near.overlap.FETCHED_BYTES", limit)
        patch.setattr("assay.data.near.overlap.PAIRS_AT_ONCE", ahead)
        found = fetched_overlaps(chosen, Texts(fetch, sizes), Shingles(words=2), 0)
    whole = overlaps_of(TextBatch.of(texts), chosen, Shingles(words=2), 0)
    assert found.shared.tolist() == whole.shared.tolist()
    assert found.joined.tolist() == whole.joined.tolist()
    assert all(sizes[rows].sum() <= limit or len(rows) <= 2 for rows in fetched)
