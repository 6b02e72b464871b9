"""Lion by its definition (Chen et al. 2023, algorithm 2)."""

import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from assay.model.checkpoint import load_optimizer, save_checkpoint
from assay.optimizer.lion import Lion
from assay.optimizer.schema import LionSchema

NUMBERS = st.floats(-10, 10).filter(lambda value: abs(value) > 1e-3)


def layer_of(value: float) -> nn.Linear:
    layer = nn.Linear(1, 1)
    for parameter in layer.parameters():
        nn.init.constant_(parameter, value)
    return layer


def give(layer: nn.Linear, gradient: float) -> None:
    for parameter in layer.parameters():
        parameter.grad = torch.full_like(parameter, gradient)


@given(gradients=st.lists(NUMBERS, min_size=1, max_size=5), start=NUMBERS, decay=st.floats(0, 1))
def test_weights_move_by_the_sign_of_an_average_and_shrink(gradients: list[float], start: float, decay: float) -> None:
    layer = layer_of(start)
    optimizer = Lion(LionSchema(learning_rate=0.01, weight_decay=decay, beta1=0.9, beta2=0.99), layer)
    weight, bias, moment = start, start, 0.0
    for gradient in gradients:
        give(layer, gradient)
        optimizer.step()
        direction = 0.9 * moment + 0.1 * gradient
        if abs(direction) < 1e-4:
            return  # in float32 its sign may be another
        sign = math.copysign(1.0, direction)
        weight, bias = weight * (1 - 0.01 * decay) - 0.01 * sign, bias - 0.01 * sign
        moment = 0.99 * moment + 0.01 * gradient
    assert (layer.weight.item(), layer.bias.item()) == pytest.approx((weight, bias), abs=1e-4)


def test_a_weight_without_a_gradient_stays() -> None:
    layer = layer_of(2.0)
    layer.weight.grad = torch.ones_like(layer.weight)
    Lion(LionSchema(learning_rate=0.5, weight_decay=0.0), layer).step()
    assert (layer.weight.item(), layer.bias.item()) == (1.5, 2.0)


def test_its_moment_comes_back_with_a_checkpoint(tmp_path: Path) -> None:
    def trained(steps: list[float], resumed_after: int | None) -> list[float]:
        layer = layer_of(2.0)
        optimizer = Lion(LionSchema(learning_rate=0.01), layer)
        for number, gradient in enumerate(steps):
            if number == resumed_after:
                save_checkpoint(tmp_path, number, layer, optimizer, {})
                optimizer = Lion(LionSchema(learning_rate=0.01), layer)
                load_optimizer(tmp_path / f"step_{number:09d}", optimizer)
            give(layer, gradient)
            optimizer.step()
        return [parameter.item() for parameter in layer.parameters()]

    gradients = [5.0, 4.0, -0.1, -0.1]  # the moment outweighs the last ones
    assert trained(gradients, 2) == trained(gradients, None)
