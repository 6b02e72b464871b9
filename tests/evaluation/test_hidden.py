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


def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(EncoderSchema(n_layer=1, n_head=2, d_model=16), SIZE + 1, 32)


def some_tokens(count: int) -> Any:
    return np.random.default_rng(1).integers(0, SIZE, count).astype(np.uint16)


def test_each_token_is_hidden_once_whatever_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokens = encoder(), some_tokens(150)
    seen: list[int] = []
    hidden = model.hidden

    def spy(shown: torch.Tensor) -> torch.Tensor:
        seen.append(int((shown == MASK).sum()))
        return hidden(shown)

    monkeypatch.setattr(model, "hidden", spy)
    floor = unigram_nats(tokens, SIZE)
    first, second = (score_hidden(model, SplitText(tokens, 1, 32, rows, tokens), MASK, ROUNDS, floor, torch.no_grad) for rows in (1, 3))
    assert sum(seen) == 2 * len(tokens)
    assert first.tokens == len(tokens)
    assert (first.loss, first.accuracy) == pytest.approx((second.loss, second.accuracy), rel=1e-5)


def test_a_model_that_knows_nothing_but_a_bias_has_the_loss_of_it() -> None:
    model, tokens = encoder(), some_tokens(90)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.output_bias[:SIZE] = torch.arange(SIZE) * 0.1
    nats = -model.output_bias.detach().log_softmax(0).double().numpy()
    found = score_hidden(model, SplitText(tokens, 1, 32, 2, tokens), MASK, ROUNDS, unigram_nats(tokens, SIZE), torch.no_grad)
    assert found.loss == pytest.approx(nats[tokens].mean(), rel=1e-5)
    assert found.accuracy == pytest.approx((tokens == SIZE - 1).mean())
    assert model.training


def test_the_floor_is_how_often_each_token_occurs() -> None:
    tokens = np.array([0, 0, 0, 2], dtype=np.uint16)
    assert np.exp(-unigram_nats(tokens, 3)).tolist() == pytest.approx([4 / 7, 1 / 7, 2 / 7])


def test_a_guess_is_made_of_what_is_not_hidden() -> None:
    model, tokens = encoder(), some_tokens(40)[:32]
    hidden, first = guesses(model, tokens, MASK, ROUNDS)
    assert 0 < hidden.sum() < len(tokens)
    others = np.where(hidden, (tokens + 1) % SIZE, tokens)
    again, second = guesses(model, others, MASK, ROUNDS)
    assert (hidden.tolist(), first.tolist()) == (again.tolist(), second.tolist())
