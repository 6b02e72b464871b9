"""AdamW by its definition."""

import pytest
import torch
from torch import nn

from assay.optimizer.adamw import AdamW
from assay.optimizer.schema import AdamWSchema


def test_settings_reach_torch() -> None:
    settings = AdamWSchema(learning_rate=0.5, beta1=0.8, beta2=0.7, epsilon=0.1, weight_decay=0.3)
    decayed, kept = AdamW(settings, nn.Linear(2, 2)).param_groups
    assert (decayed["lr"], decayed["betas"], decayed["eps"], decayed["weight_decay"]) == (0.5, (0.8, 0.7), 0.1, 0.3)
    assert (kept["lr"], kept["weight_decay"]) == (0.5, 0.0)


def test_a_step_is_loshchilov_and_hutters() -> None:
    """Their algorithm 2: decay beside the gradient, not through it; vectors without decay."""
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 2.0)
    nn.init.constant_(layer.bias, 2.0)
    optimizer = AdamW(AdamWSchema(learning_rate=0.1, weight_decay=0.5, beta1=0.9, beta2=0.99, epsilon=1e-8), layer)
    m = v = 0.0
    weight, bias = 2.0, 2.0
    for step, gradient in enumerate([3.0, -1.0], start=1):
        layer.weight.grad, layer.bias.grad = torch.tensor([[gradient]]), torch.tensor([gradient])
        optimizer.step()
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        update = 0.1 * (m / (1 - 0.9**step)) / ((v / (1 - 0.99**step)) ** 0.5 + 1e-8)
        weight, bias = weight - 0.1 * 0.5 * weight - update, bias - update
    assert layer.weight.item() == pytest.approx(weight, rel=1e-5)
    assert layer.bias.item() == pytest.approx(bias, rel=1e-5)
