"""An objective as a run builds it, and whether compiling leaves it as it is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch._dynamo.utils import counters

from assay.config.build import build
from assay.model.language_model import LanguageModel
from assay.objective.objective import Objective, Vocabulary

DEPRECATED = pytest.mark.filterwarnings("ignore:.torch.jit.script_method. is deprecated:DeprecationWarning")  # torch.compile, of itself


def make_objective(config: Any, model: LanguageModel, vocabulary: Vocabulary, **others: Any) -> Any:
    """The class that the config names; by plain gradient descent at a rate of 0.5, from the first step on, unless `others` say otherwise."""
    plain = {
        "make_optimizer": lambda model: torch.optim.SGD(model.parameters(), 0.5),
        "factor": lambda step: 1.0,
        "first_step": 0,
        "clip_norm": None,
        "skip_norm": None,
        "compiled": False,
    }
    return build(config, "objective", model=model, vocabulary=vocabulary, **{**plain, **others})


BACKENDS = pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=[pytest.mark.slow, DEPRECATED])])
"""Tracing alone, in seconds and without a C++ compiler; and all that a run does."""


def broken_graphs(make: Callable[[bool], Objective], batches: list[torch.Tensor], backend: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often torch.compile leaves make(True)'s model for Python, in training on the first batch. On the others it may compile nothing.

    Losses and gradients must be those of make(False) with the same draws.
    """
    torch.compiler.reset()
    counters.clear()
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    plain, compiled = make(False), make(True)
    for number, batch in enumerate(batches):
        with torch.compiler.set_stance("fail_on_recompile" if number else "default"):
            losses, gradients = zip(*(_trained(module, batch, seed=number) for module in (plain, compiled)), strict=True)
        assert losses[0] == pytest.approx(losses[1], abs=1e-5)
        torch.testing.assert_close(*gradients, atol=1e-5, rtol=1e-4)
    return sum(counters["graph_break"].values())


def _trained(module: Objective, batch: torch.Tensor, seed: int) -> tuple[float, dict[str, torch.Tensor]]:
    torch.manual_seed(seed)
    module.model.zero_grad()
    loss = module.loss(batch).mean
    torch.autograd.backward(loss)
    return loss.item(), {name: p.grad.clone() for name, p in module.model.named_parameters() if p.grad is not None}
