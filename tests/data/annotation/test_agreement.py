import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.metrics import cohen_kappa_score

from assay.data.annotation.agreement import agreements, kappa
from assay.data.annotation.labels import Label

WORDS = some.sampled_from(["keep", "drop", "unsure"])


def test_kappa_of_cohens_own_kind_of_table() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, expected 0.5."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(pairs) == pytest.approx(0.4)


@given(some.lists(some.tuples(WORDS, WORDS), min_size=1, max_size=30))
def test_kappa_is_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    firsts, seconds = zip(*pairs, strict=True)
    found = kappa(pairs)
    if len(set(firsts + seconds)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(cohen_kappa_score(firsts, seconds), abs=1e-12)


def test_each_two_people_are_compared_on_the_texts_that_both_labelled() -> None:
    labels = [
        Label(text, person, word, text)
        for person, words in {"bert": "kkd", "anna": "kdd", "carl": "   k"}.items()
        for text, word in zip("xyzw", words, strict=False)
        if word != " "
    ]
    (found,) = agreements(labels)
    assert (found.first, found.second, found.texts, found.agreed) == ("anna", "bert", 3, 2)
    assert str(found) == "anna and bert agree on 2 of 3 texts; Cohen's kappa 0.40"


def test_of_one_label_alone_no_kappa_is_claimed() -> None:
    (found,) = agreements([Label("x", "anna", "keep", "x"), Label("x", "bert", "keep", "x")])
    assert "not defined" in str(found)
