import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluation.naive_bayes import NaiveBayes

DOCUMENTS = ["Chinese Beijing Chinese", "Chinese Chinese Shanghai", "Chinese Macao", "Tokyo Japan Chinese"]
LABELS = ["yes", "yes", "yes", "no"]
"""The example of Manning, Raghavan & Schuetze 2008, table 13.1."""


def learnt(**settings: float) -> NaiveBayes:
    return NaiveBayes.learn([text.split() for text in DOCUMENTS], LABELS, **settings)


def test_the_likelihoods_are_those_of_the_textbook() -> None:
    model = learnt()
    row = model.log_likelihoods[model.vocabulary["Chinese"]]
    assert np.exp(row[model.classes.index("yes")]) == pytest.approx(6 / 14)
    assert np.exp(row[model.classes.index("no")]) == pytest.approx(2 / 9)
    assert np.exp(model.log_priors).tolist() == pytest.approx([1 / 4, 3 / 4])
    assert model.classify([["Chinese", "Chinese", "Chinese", "Tokyo", "Japan"]]) == ["yes"]


def test_a_word_that_was_not_learnt_says_nothing() -> None:
    assert learnt().classify([["Paris"], []]) == ["yes", "yes"]


def test_words_of_too_few_documents_are_left_out() -> None:
    assert list(learnt(min_documents=2).vocabulary) == ["Chinese"]


def test_more_smoothing_brings_the_classes_together() -> None:
    def apart(model: NaiveBayes) -> float:
        return float(abs(np.diff(model.log_likelihoods[model.vocabulary["Tokyo"]])[0]))

    assert apart(learnt(smoothing=100.0)) < apart(learnt()) == pytest.approx(math.log(2 / 9 * 14))


@given(st.permutations(range(4)))
def test_the_order_of_documents_changes_no_bit(order: list[int]) -> None:
    again = NaiveBayes.learn([DOCUMENTS[place].split() for place in order], [LABELS[place] for place in order])
    assert again.vocabulary == learnt().vocabulary
    assert (again.log_likelihoods == learnt().log_likelihoods).all()


def test_nothing_can_be_learnt_from_nothing() -> None:
    with pytest.raises(ValueError, match="at least one document"):
        NaiveBayes.learn([], [])
