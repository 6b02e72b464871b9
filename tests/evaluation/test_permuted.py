"""Scoring in a drawn order."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluation.permuted import guesses, in_parts, order_of, score_permuted
from assay.evaluation.split import SplitText
from assay.model.schema import XLNetSchema
from assay.model.xlnet import XLNet

SIZE, PARTS = 20, 6


def model() -> XLNet:
    torch.manual_seed(0)
    return XLNet(XLNetSchema(n_layer=1, n_head=2, d_model=16, norm_place="before"), SIZE, 32)


def some_tokens(count: int) -> Any:
    return np.random.default_rng(1).integers(0, SIZE, count).astype(np.uint16)


def test_each_token_is_predicted_once_whatever_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    xlnet, tokens = model(), some_tokens(150)
    seen: list[int] = []
    queries = xlnet.queries

    def spy(shown: torch.Tensor, order: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        seen.extend(shown.gather(1, places).flatten().tolist())
        assert ((order == 0).sum(dim=1) + places.shape[1] == shown.shape[1]).all()
        return queries(shown, order, places)

    monkeypatch.setattr(xlnet, "queries", spy)
    first, second = (score_permuted(xlnet, SplitText(tokens, 1, 32, rows, tokens), PARTS, 1.0, torch.no_grad) for rows in (1, 3))
    assert sorted(seen) == sorted(tokens.tolist() * 2)
    assert first.tokens == len(tokens)
    assert (first.loss, first.accuracy) == pytest.approx((second.loss, second.accuracy), rel=1e-5)


@given(tokens=st.integers(1, 40), parts=st.integers(1, 50))
def test_parts_hold_each_place_once_and_differ_by_one(tokens: int, parts: int) -> None:
    places = torch.rand(2, tokens).argsort(dim=1)
    found = in_parts(places, parts)
    assert torch.equal(torch.cat(found, dim=1), places)
    sizes = [part.shape[1] for part in found]
    assert len(sizes) <= parts
    assert max(sizes) - min(sizes) <= 1


def test_the_order_numbers_the_predicted_and_leaves_the_others_alike() -> None:
    assert order_of(torch.tensor([[3, 0], [1, 2]]), 4).tolist() == [[2, 0, 0, 1], [0, 1, 2, 0]]


def test_a_model_that_knows_nothing_but_a_bias_has_the_loss_of_it() -> None:
    xlnet, tokens = model(), some_tokens(90)
    with torch.no_grad():
        for parameter in xlnet.parameters():
            parameter.zero_()
        xlnet.output_bias[:] = torch.arange(SIZE) * 0.1
    nats = -xlnet.output_bias.detach().log_softmax(0).double().numpy()
    found = score_permuted(xlnet, SplitText(tokens, 1, 32, 2, tokens), PARTS, 1.5, torch.no_grad)
    assert found.metrics("val")["val/loss"] == pytest.approx(nats[tokens].mean(), rel=1e-5)
    assert found.accuracy == pytest.approx((tokens == SIZE - 1).mean())
    assert found.metrics("val")["val/bigram_loss"] == 1.5
    assert xlnet.training


def test_what_is_filled_in_sees_neither_the_tokens_there_nor_ids_that_are_not_the_tokenizers() -> None:
    xlnet, tokens = model(), some_tokens(32)
    found = guesses(xlnet, tokens, PARTS, SIZE)
    assert len(found) == round(32 / PARTS)
    others = tokens.copy()
    others[list(found)] = (others[list(found)] + 1) % SIZE
    assert guesses(xlnet, others, PARTS, SIZE) == found
    assert max(guesses(xlnet, tokens, PARTS, 2).values()) < 2
