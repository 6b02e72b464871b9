"""Adam by its definition."""

import math

import pytest
import torch
from torch import nn

from assay.optimizer.adam import Adam
from assay.optimizer.schema import AdamSchema


def weights_after(config: AdamSchema, gradient: float) -> tuple[float, float]:
    """A weight and a bias, both 2, after one gradient."""
    layer = nn.Linear(1, 1)
    for parameter in layer.parameters():
        nn.init.constant_(parameter, 2.0)
        parameter.grad = torch.full_like(parameter, gradient)
    Adam(config, layer).step()
    return layer.weight.item(), layer.bias.item()


def test_the_first_step_is_one_learning_rate_whatever_the_gradient() -> None:
    for gradient in (1e-3, 5.0):
        assert weights_after(AdamSchema(learning_rate=0.1), gradient) == pytest.approx((1.9, 1.9), abs=1e-5)


def test_decay_is_part_of_the_gradient_and_so_scaled_with_it() -> None:
    config = AdamSchema(learning_rate=0.1, weight_decay=0.5, epsilon=1.0)
    weight, bias = weights_after(config, 1.0)
    gradient = 1.0 + 0.5 * 2.0
    assert weight == pytest.approx(2 - 0.1 * gradient / (math.sqrt(gradient**2) + 1.0))
    assert bias == pytest.approx(2 - 0.1 / 2)
