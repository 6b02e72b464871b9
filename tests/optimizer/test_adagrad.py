"""AdaGrad by its definition (Duchi et al. 2011, figure 1)."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from assay.optimizer.adagrad import AdaGrad
from assay.optimizer.schema import AdaGradSchema

NUMBERS = st.floats(-10, 10).filter(lambda value: abs(value) > 1e-3)


@given(gradients=st.lists(NUMBERS, min_size=1, max_size=6), start=NUMBERS)
def test_steps_are_divided_by_the_root_of_all_squared_gradients(gradients: list[float], start: float) -> None:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, start)
    optimizer = AdaGrad(AdaGradSchema(learning_rate=0.05), layer)
    weight, squares = start, 0.0
    for gradient in gradients:
        layer.weight.grad = torch.full_like(layer.weight, gradient)
        optimizer.step()
        squares += gradient**2
        weight -= 0.05 * gradient / math.sqrt(squares)
    assert layer.weight.item() == pytest.approx(weight, rel=1e-4, abs=1e-5)
