"""How well vectors of words agree with people."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from assay.evaluation import word_similarity
from assay.evaluation.word_sets import WordSets
from assay.evaluation.word_similarity import WordVectors, score_words, words_of

WORDS = [f"w{number}" for number in range(12)]


def some_vectors(words: Any = WORDS, **more: Any) -> WordVectors:
    return WordVectors(words, np.random.default_rng(3).normal(size=(len(words), 5)), **more)


def cosine(one: Any, other: Any) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_all_spellings_of_a_word_have_the_row_of_the_first() -> None:
    words, row_of = words_of([b"", b"a", b"b", b" The", b"the", b" a", b"\xc3", b" !", b" caf\xc3\xa9", b"\nThe"])
    assert words == [None, None, None, "the", None, "a", None, None, "caf\u00e9", None]
    assert row_of.tolist() == [-1, -1, -1, 3, 3, 5, -1, -1, 8, 3]


def test_bytes_are_words_where_there_is_nothing_longer() -> None:
    words, row_of = words_of([b"", b"!", b"B", b"b", b"\xc3"])
    assert (words, row_of.tolist()) == ([None, None, "b", None, None], [-1, -1, 2, 2, -1])


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(0, 4)), min_size=3, max_size=30))
def test_the_correlation_is_that_of_ranks_with_ties_shared(rows: list[tuple[int, int, int]]) -> None:
    vectors = some_vectors()
    pairs = [(WORDS[one], WORDS[other], float(said)) for one, other, said in rows]
    found = score_words(vectors, WordSets({"mine": pairs})).known["mine"]
    cosines = [float(vectors.units[one] @ vectors.units[other]) for one, other, _ in rows]
    if len({said for *_, said in rows}) > 1 and len(set(cosines)) > 1:
        assert found.spearman == pytest.approx(spearmanr(cosines, [said for *_, said in rows]).statistic, abs=1e-5)
    assert found.scored == found.pairs == len(rows)


def test_pairs_with_an_unknown_word_are_left_out_and_counted() -> None:
    pairs = [("w0", "w1", 1.0), ("w2", "w3", 2.0), ("w4", "w5", 3.0), ("w6", "nobody", 4.0)]
    found = score_words(some_vectors(), WordSets({"mine": pairs}))
    assert found.metrics()["mine/coverage"] == 0.75
    assert found.sizes() == {"mine_pairs": 3}
    assert found.known["mine"].spearman == score_words(some_vectors(), WordSets({"mine": pairs[:3]})).known["mine"].spearman
    assert "3 of 4 pairs" in found.said()


def test_too_few_pairs_have_no_correlation() -> None:
    found = score_words(some_vectors(), WordSets({"mine": [("w0", "w1", 1.0), ("w2", "w3", 2.0)]}))
    assert "mine/spearman" not in found.metrics()
    assert "mine/spearman - (2 of 2 pairs)" in found.said()


def test_vectors_for_unknown_words_are_scored_apart() -> None:
    spelt = {"new": np.arange(1.0, 6.0), "nothing": np.zeros(5)}
    pairs = [("w0", "w1", 1.0), ("w2", "w3", 2.0), ("w4", "w5", 3.0), ("w6", "new", 4.0), ("w7", "nothing", 5.0), ("w8", "none", 6.0)]
    found = score_words(some_vectors(unknown=spelt.get), WordSets({"mine": pairs}))
    assert (found.known["mine"].scored, found.spelt["mine"].scored) == (3, 4)
    vectors = some_vectors()
    cosines = [vectors.units[2 * row] @ vectors.units[2 * row + 1] for row in range(3)] + [cosine(vectors.units[6], spelt["new"])]
    assert found.metrics()["mine/spearman_with_unknown"] == pytest.approx(spearmanr(cosines, [1, 2, 3, 4]).statistic, abs=1e-6)


def test_a_row_of_zeros_or_without_a_word_is_no_vector() -> None:
    matrix = np.ones((3, 2))
    matrix[1] = 0
    vectors = WordVectors(["a", "b", None], matrix)
    assert vectors.words == ["a"]


def test_an_analogy_is_right_when_the_word_nearest_to_b_minus_a_plus_c_is_d(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_similarity, "QUESTIONS_AT_ONCE", 3)
    vectors = some_vectors()
    random = np.random.default_rng(5)
    questions = [tuple(WORDS[place] for place in random.permutation(12)[:4]) for _ in range(200)]
    right = 0
    for a, b, c, d in questions:
        wanted = vectors.unit(b) - vectors.unit(a) + vectors.unit(c)  # type: ignore[operator]
        others = [word for word in WORDS if word not in (a, b, c)]
        right += max(others, key=lambda word: cosine(wanted, vectors.unit(word))) == d
    found = score_words(vectors, WordSets({}, [*questions, ("w0", "w1", "w2", "nobody")]))  # type: ignore[list-item]
    assert 0 < right < 200
    assert found.metrics() == {"analogies/accuracy": right / 200, "analogies/coverage": 200 / 201}


def test_the_nearest_words_come_by_cosine_without_the_word_itself() -> None:
    vectors = some_vectors()
    found = vectors.nearest("w3", 4)
    expected = sorted(((word, cosine(vectors.unit("w3"), vectors.unit(word))) for word in WORDS if word != "w3"), key=lambda pair: -pair[1])
    assert [word for word, _ in found] == [word for word, _ in expected[:4]]
    assert [value for _, value in found] == pytest.approx([value for _, value in expected[:4]], abs=1e-6)
    assert vectors.nearest("nobody", 4) == []
