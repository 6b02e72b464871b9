import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.balance.vocabulary import growth, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("To be, or not: TO be!", ["to", "be", "or", "not", "to", "be"]),
        ("naïve café_3 x86", ["naïve", "café", "x"]),
        ("房间很大 ok", ["房间", "间很", "很大", "ok"]),
        ("書", ["書"]),
        ("中文and文", ["中文", "and", "文"]),
        ("", []),
    ],
)
def test_words_are_runs_of_letters_and_pairs_where_no_blank_ends_one(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_growth_counts_different_words_at_each_mark() -> None:
    grown = growth([["a"] * 100, [str(number) for number in range(60)]])
    assert grown.points == [(100, 1), (150, 51), (160, 61)]
    assert (grown.exponent, grown.factor) == (None, None)
    assert growth([]).points == growth([[]]).points == []


@settings(max_examples=30, deadline=None)
@given(read=st.lists(st.integers(0, 400), max_size=900), cuts=st.lists(st.integers(0, 900), max_size=5))
def test_where_documents_end_does_not_show_in_the_growth(read: list[int], cuts: list[int]) -> None:
    text = [str(number) for number in read]
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    parts = [text[start:end] for start, end in itertools.pairwise(edges)]
    assert growth(parts) == growth([text])
    assert all(different == len(set(text[:count])) for count, different in growth([text]).points)


def test_heaps_law_is_found_where_it_holds() -> None:
    """A text whose word n is new whenever 3 n^0.5 passes a whole number."""
    text, known = [], 0
    for place in range(1, 40_000):
        known = max(known, int(3 * place**0.5))
        text.append(str(known))
    grown = growth([text])
    assert grown.exponent == pytest.approx(0.5, abs=0.01)
    assert grown.factor == pytest.approx(3, abs=0.2)
