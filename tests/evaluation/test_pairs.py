"""The scoring of pairs of texts."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from assay.evaluation.pairs import UNCOUNTED, Pairs, PairScore, rows_of, score_pairs
from assay.model.language_model import EncoderDecoder


class Fixed(EncoderDecoder):
    """Gives token 1 half of the chance, and the other three the rest, whatever it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.logs = nn.Parameter(torch.tensor([1 / 6, 1 / 2, 1 / 6, 1 / 6]).log())

    def encode(self, source: Tensor, visible: Tensor | None = None) -> Tensor:
        return source[..., None].float()

    def decode(self, target: Tensor, memory: Tensor, visible: Tensor | None = None, cache: None = None) -> Tensor:  # type: ignore[override]
        assert (target[:, 0] == 3).all()
        assert (target >= 0).all()
        return self.logs.expand(*target.shape, 4)


def test_sums_are_over_the_targets_tokens_and_those_of_the_hidden_apart() -> None:
    target = torch.tensor([[1, 0, 1], [2, 1, UNCOUNTED]])
    hidden = torch.tensor([[True, False, False], [True, False, False]])
    pairs = Pairs(torch.zeros(2, 2, dtype=torch.long), torch.ones(2, 2, dtype=torch.bool), target, hidden)
    found = score_pairs(Fixed(), [pairs], 3, 1, "copying", np.array([10.0, 1.0, 2.0, 10.0]), nullcontext)
    two, six = math.log(2), math.log(6)
    assert found.loss == pytest.approx((3 * two + 2 * six) / 5)
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.hidden_nats == pytest.approx((two + six) / 2)
    assert found.hidden_accuracy == 0.5
    assert found.floor_loss == pytest.approx((1.0 + 2.0) / 5)
    assert found.sizes() == {"target_tokens": 5, "hidden_tokens": 2, "floor": "copying"}


def test_metrics_have_the_floor_by_its_name() -> None:
    found = PairScore(1.0, 0.5, 2.0, 0.25, "unigram", 3.0, 10, 5)
    assert found.metrics("val") == {
        **{"val/loss": 1.0, "val/accuracy": 0.5, "val/hidden_nats": 2.0, "val/hidden_accuracy": 0.25},
        **{"val/perplexity": math.e, "val/unigram_loss": 3.0},
    }
    assert "val/loss 1.0000 nats per target token (by unigram 3.0000)" in found.said("val")


def test_rows_are_the_split_in_order_and_draws_are_those_of_their_place() -> None:
    tokens = np.arange(1000, dtype=np.uint16)
    texts = [(rows, torch.rand(3, generator=generator)) for rows, generator in rows_of(tokens, 3, "a")]
    assert torch.cat([rows.flatten() for rows, _ in texts]).tolist() == list(range(1000))
    assert [list(rows.shape) for rows, _ in texts] == [[256, 3], [77, 3], [1, 1]]
    again = [torch.rand(3, generator=generator) for _, generator in rows_of(tokens, 3, "a")]
    assert all(torch.equal(draws, other) for (_, draws), other in zip(texts, again, strict=True))
    assert len({tuple(draws.tolist()) for _, draws in texts}) == 3
    other = [torch.rand(3, generator=generator) for _, generator in rows_of(tokens, 3, "b")]
    assert not torch.equal(other[0], again[0])
