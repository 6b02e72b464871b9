"""Gradient descent by its definition."""

import pytest
import torch
from torch import nn

from assay.optimizer.schema import SGDSchema
from assay.optimizer.sgd import SGD


def descend(config: SGDSchema) -> tuple[float, float]:
    """A weight and a bias, both 2, after gradients 3 and -1."""
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 2.0)
    nn.init.constant_(layer.bias, 2.0)
    optimizer = SGD(config, layer)
    for gradient in (3.0, -1.0):
        layer.weight.grad, layer.bias.grad = torch.tensor([[gradient]]), torch.tensor([gradient])
        optimizer.step()
    return layer.weight.item(), layer.bias.item()


def test_without_momentum_each_gradient_is_subtracted_once() -> None:
    assert descend(SGDSchema(learning_rate=0.1, momentum=0.0))[1] == pytest.approx(2 - 0.3 + 0.1)


def test_momentum_carries_a_share_of_the_last_step() -> None:
    assert descend(SGDSchema(learning_rate=0.1, momentum=0.5))[1] == pytest.approx(2 - 0.1 * 3 - 0.1 * (0.5 * 3 - 1))


def test_nesterov_looks_ahead() -> None:
    assert descend(SGDSchema(learning_rate=0.1, momentum=0.5, nesterov=True))[1] == pytest.approx(2 - 0.1 * 4.5 - 0.1 * (0.5 * 0.5 - 1))


def test_matrices_decay_and_vectors_do_not() -> None:
    weight, bias = descend(SGDSchema(learning_rate=0.1, momentum=0.0, weight_decay=0.5))
    first = 2 - 0.1 * (3 + 0.5 * 2)
    assert weight == pytest.approx(first - 0.1 * (-1 + 0.5 * first))
    assert bias == pytest.approx(1.8)
