"""Scoring hidden tokens."""

from typing import Any

import numpy as np
import pytest
import torch

from assay.evaluation.hidden import guesses, score_hidden, unigram_nats
from assay.evaluation.split import SplitText
from assay.model.encoder import Encoder
from assay.model.schema import EncoderSchema

SIZE = 20
MASK = SIZE
ROUNDS = 7
END = 5


def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(EncoderSchema(n_layer=1, n_head=2, d_model=16), SIZE + 1, 32)


def some_tokens(count: int) -> Any:
    return np.random.default_rng(1).integers(0, SIZE, count).astype(np.uint16)


def test_each_token_but_document_ends_is_hidden_once_whatever_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokens = encoder(), some_tokens(150)
    seen: list[int] = []
    hidden = model.hidden

    def spy(shown: torch.Tensor) -> torch.Tensor:
        seen.append(int((shown == MASK).sum()))
        return hidden(shown)

    monkeypatch.setattr(model, "hidden", spy)
    floor = unigram_nats(tokens, SIZE)
    first, second = (
        score_hidden(model, SplitText(tokens, 1, 32, rows, tokens), MASK, END, ROUNDS, floor, torch.no_grad) for rows in (1, 3)
    )
    predicted = int((tokens != END).sum())
    assert 0 < predicted < len(tokens)
    assert sum(seen) == 2 * predicted
    assert first.tokens == predicted
    assert (first.loss, first.accuracy) == pytest.approx((second.loss, second.accuracy), rel=1e-5)


def test_a_model_that_knows_nothing_but_a_bias_has_the_loss_of_it() -> None:
    model, tokens = encoder(), some_tokens(90)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.output_bias[:SIZE] = torch.arange(SIZE) * 0.1
    nats = -model.output_bias.detach().log_softmax(0).double().numpy()
    found = score_hidden(
        model, SplitText(tokens, 1, 32, 2, tokens), MASK, END, ROUNDS, unigram_nats(tokens, SIZE, never=END), torch.no_grad
    )
    assert found.loss == pytest.approx(nats[tokens[tokens != END]].mean(), rel=1e-5)
    assert found.accuracy == pytest.approx((tokens[tokens != END] == SIZE - 1).mean())
    assert model.training
    assert found.unigram_loss == pytest.approx(unigram_nats(tokens, SIZE, never=END)[tokens[tokens != END]].mean())


def test_the_floor_is_how_often_each_token_occurs() -> None:
    tokens = np.array([0, 0, 0, 2], dtype=np.uint16)
    assert np.exp(-unigram_nats(tokens, 3)).tolist() == pytest.approx([4 / 7, 1 / 7, 2 / 7])
    assert np.exp(-unigram_nats(tokens, 3, never=0)).tolist() == pytest.approx([0, 1 / 3, 2 / 3])


def test_a_guess_is_made_of_what_is_not_hidden() -> None:
    model, tokens = encoder(), some_tokens(40)[:32]
    hidden, first = guesses(model, tokens, MASK, END, ROUNDS)
    assert 0 < hidden.sum() < len(tokens)
    assert not hidden[tokens == END].any()
    others = np.where(hidden, (tokens + 1 + (tokens + 1 == END)) % SIZE, tokens)
    again, second = guesses(model, others, MASK, END, ROUNDS)
    assert (hidden.tolist(), first.tolist()) == (again.tolist(), second.tolist())
