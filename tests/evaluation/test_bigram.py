"""Bigrams as a floor."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluation import bigram
from assay.evaluation.bigram import Bigrams, bigram_loss
from assay.model.ngram import Ngram
from assay.model.schema import NgramSchema

SIZE = 6
TEXTS = st.lists(st.integers(0, SIZE - 1), min_size=2, max_size=40)


def array(text: list[int]) -> Any:
    return np.array(text, dtype=np.uint16)


@given(training=TEXTS, text=TEXTS)
def test_they_are_the_ngrams_of_order_two(training: list[int], text: list[int]) -> None:
    model = Ngram(NgramSchema(order=2), SIZE, 32)
    model.observe(torch.tensor([training]))
    model.count()
    expected = model.token_nats(torch.tensor([text]))[0].numpy()
    found = np.concatenate(list(Bigrams.of(array(training), SIZE).nats(array(text[1:]), text[0])))
    assert found == pytest.approx(expected, rel=1e-9)


@given(training=TEXTS, at_a_time=st.integers(1, 7))
def test_counting_in_parts_counts_the_same(training: list[int], at_a_time: int) -> None:
    whole, parts = Bigrams.of(array(training), SIZE), Bigrams.of(array(training), SIZE, at_a_time)
    assert (parts.pairs.tolist(), parts.counts.tolist()) == (whole.pairs.tolist(), whole.counts.tolist())
    assert whole.counts.sum() == len(training) - 1


@given(training=st.lists(st.integers(0, SIZE - 1), max_size=40), before=st.integers(0, SIZE - 1))
def test_what_may_follow_has_a_probability_of_one_together(training: list[int], before: int) -> None:
    bigrams = Bigrams.of(array(training), SIZE)
    together = sum(float(np.exp(-next(bigrams.nats(array([token]), before))[0])) for token in range(SIZE))
    assert together == pytest.approx(1)


def test_a_text_in_parts_has_the_same_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    text = np.random.default_rng(1).integers(0, SIZE, 50).astype(np.uint16)
    bigrams = Bigrams.of(text, SIZE)
    whole = bigram_loss(bigrams, text, 0)
    monkeypatch.setattr(bigram, "AT_A_TIME", 7)
    assert bigram_loss(bigrams, text, 0) == pytest.approx(whole, rel=1e-12)
    assert whole < bigram_loss(bigrams, text[::-1], 0)
