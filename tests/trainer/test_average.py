"""The moving average of the weights: its formula, and what is done with it."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import torch
from torch import nn

from assay.model.transformer import Transformer
from assay.trainer.average import WeightAverage

Make = Callable[..., Any]


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def same(mine: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return mine.keys() == other.keys() and all(torch.equal(tensor, other[name]) for name, tensor in mine.items())


@pytest.mark.parametrize("decay", [0.5, 0.999])
def test_the_average_is_that_of_the_formula(decay: float) -> None:
    """a_0 = w_0, a_t = d_t a_{t-1} + (1 - d_t) w_t, d_t = min(decay, (1 + t) / (10 + t)), in float64 and number by number."""
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    average = WeightAverage(model, decay)
    expected = model.weight.flatten().tolist()
    for step in range(1, 30):
        with torch.no_grad():
            model.weight.add_(torch.randn_like(model.weight))
        average.update(step)
        d = min(decay, (1 + step) / (10 + step))
        expected = [d * mean + (1 - d) * value for mean, value in zip(expected, model.weight.flatten().tolist(), strict=True)]
    assert average.tensors["weight"].flatten().tolist() == pytest.approx(expected, rel=1e-5)


def test_its_weights_are_in_place_within_and_the_models_own_afterwards_to_the_bit() -> None:
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    average = WeightAverage(model, 0.9)
    with torch.no_grad():
        model.weight.mul_(3.0)
    average.update(1)
    own, mean = weights(model), dict(average.tensors)
    places = [parameter.data_ptr() for parameter in model.parameters()]
    found = {}
    with suppress(KeyError), average.in_place():
        found = weights(model)
        raise KeyError
    assert same(found, mean)
    assert same(weights(model), own)
    assert not same(own, mean)
    assert [parameter.data_ptr() for parameter in model.parameters()] == places  # where an optimizer looks


def test_without_a_decay_nothing_is_kept() -> None:
    model = nn.Linear(3, 2)
    average = WeightAverage(model, None)
    average.update(1)
    with average.in_place():
        assert average.tensors == {}


def test_weights_that_two_layers_share_are_averaged_once(training: Make) -> None:
    done = training([3.0, 2.0], ema_decay=0.9).fit()
    assert isinstance(done.module.model, Transformer)
    assert sorted(done.average.tensors) == sorted(name for name, _ in done.module.model.named_parameters())
    assert "head.weight" not in done.average.tensors


def test_each_step_is_taken_in_once_and_evaluations_see_the_average(training: Make) -> None:
    """Replayed from the weights after each step; two micro-batches a step."""
    after: list[dict[str, torch.Tensor]] = []
    seen: dict[int, dict[str, torch.Tensor]] = {}

    def during(what: str, step: int) -> None:
        if what == "log":
            after.append(weights(made.module.model))
        else:
            seen[step] = weights(made.module.model)

    made = training([3.0, 2.0], ema_decay=0.4, during=during)
    first = weights(made.module.model)
    made.fit()
    mirror = nn.ParameterDict({name.replace(".", "_"): tensor for name, tensor in first.items()})
    by_hand = WeightAverage(mirror, 0.4)
    for step, values in enumerate(after, 1):
        with torch.no_grad():
            for name, tensor in values.items():
                mirror[name.replace(".", "_")].copy_(tensor)
        by_hand.update(step)
        if step in seen:
            assert all(torch.equal(tensor, by_hand.tensors[name.replace(".", "_")]) for name, tensor in seen[step].items())
    assert sorted(seen) == [3, 6]
    assert not same(seen[6], after[5])
    assert same(weights(made.module.model), after[5])


def test_training_is_the_same_with_and_without(training: Make) -> None:
    assert training([3.0, 2.0], dropout=0.5, ema_decay=0.9).fit().numbers == training([3.0, 2.0], dropout=0.5).fit().numbers


def test_a_step_that_was_skipped_does_not_move_it(training: Make) -> None:
    made = training([3.0, 2.0], ema_decay=0.9)
    made.module.skip_norm = 1e-12  # every step is
    before = {name: tensor.clone() for name, tensor in made.average.tensors.items()}
    with torch.no_grad():
        for parameter in made.module.model.parameters():
            parameter.add_(1.0)
    made.fit()
    assert made.record.at.skipped_steps == 6
    assert same(made.average.tensors, before)


def test_a_stop_within_an_evaluation_saves_the_weights_of_training(training: Make) -> None:
    after: list[dict[str, torch.Tensor]] = []

    def during(what: str, step: int) -> None:
        if (what, step) == ("log", 3):
            after.append(weights(made.module.model))
        if (what, step) == ("evaluate", 3):
            os.kill(os.getpid(), signal.SIGTERM)

    made = training([3.0, 2.0], ema_decay=0.9, during=during)
    with pytest.raises(SystemExit):
        made.fit()
    ((position, saved, _),) = made.saves
    assert (position.steps, position.evaluated) == (3, False)
    assert same({name: saved[name] for name in after[0]}, after[0])
