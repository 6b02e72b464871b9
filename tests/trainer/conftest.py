"""A training of six small steps, by Lightning, with nothing around it."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from assay.model.encoder import Encoder
from assay.model.schema import EncoderSchema, TransformerSchema
from assay.model.transformer import Transformer
from assay.objective.causal_lm import CausalLM
from assay.objective.masked_lm import MaskedLM
from assay.objective.objective import Objective, Vocabulary
from assay.objective.schema import CausalLMSchema, MaskedLMSchema
from assay.tracking.signals import StopSignals
from assay.trainer.average import WeightAverage
from assay.trainer.fit import EXPECTED_WARNINGS
from assay.trainer.plan import Plan
from assay.trainer.position import Position
from assay.trainer.progress import TrainingProgress
from assay.trainer.record import StepRecord

VOCABULARY = Vocabulary(8, 7, np.ones(8, dtype=np.bool_))
BATCHES = [torch.randint(0, 8, (2, 5), generator=torch.Generator().manual_seed(i)) for i in range(40)]
Saved = tuple[Position, dict[str, Tensor], dict[str, Any]]


class Training:
    """What StepRecord is given, and Lightning's loop around it: a model of 8 tokens trained by momentum; `losses` are what its evaluations find.

    It goes on from `saved`, a Saved of another one. `during`: called with what happens ("log", "evaluate") and the step.
    """

    def __init__(
        self,
        losses: list[float],
        steps: int | None = 6,
        microbatches: int = 2,
        every: int = 3,
        rate: float = 0.1,
        dropout: float = 0.0,
        seed: int = 1,
        masked: bool = False,
        saved: Saved | None = None,
        batches: list[Tensor] = BATCHES,
        during: Callable[[str, int], None] = lambda what, step: None,
        **settings: Any,
    ) -> None:
        self.logged: list[tuple[int, Mapping[str, float]]] = []
        self.evaluated: list[int] = []
        self.saves: list[Saved] = []
        self.microbatches, self.batches, self.during = microbatches, batches, during
        self.stop = StopSignals()
        self._losses, self._rate, self._saved = iter(losses), rate, saved
        plan = Plan(steps, microbatches, 2 * 4 * microbatches, 0, every, "cpu", "fp32", 1)
        decay = settings.pop("ema_decay", None)
        limits = {"max_seconds": None, "patience": None, "save_every_steps": None, **settings}
        progress = TrainingProgress(steps, 1000)
        torch.manual_seed(0)
        shape: dict[str, Any] = {"n_layer": 1, "n_head": 1, "d_model": 4, "dropout": dropout}
        model = Encoder(EncoderSchema(**shape), 9, 4) if masked else Transformer(TransformerSchema(**shape), 8, 4)
        self.average = WeightAverage(model, decay)
        self.record = StepRecord(plan, seed, self, self.average, self.stop, progress, peak_flops=4e15, **limits)
        if saved is not None:
            self.record.at = Position(**saved[0].to_json())
            model.load_state_dict(saved[1])
        rest = (model, VOCABULARY, self._optimizer, self._factor, self.record.at.steps, None, None, False)
        self.module: Objective = MaskedLM(MaskedLMSchema(), *rest) if masked else CausalLM(CausalLMSchema(), *rest)

    def _optimizer(self, model: Any) -> torch.optim.Optimizer:
        optimizer = torch.optim.SGD(model.parameters(), self._rate, momentum=0.9)
        if self._saved is not None:
            optimizer.load_state_dict(self._saved[2])
        return optimizer

    def _factor(self, step: int) -> float:
        return 1 / (step + 1)

    def fit(self) -> "Training":
        loop = {"accelerator": "cpu", "max_epochs": 1, "accumulate_grad_batches": self.microbatches, "callbacks": [self.record]}
        silent = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
        batches: DataLoader[Tensor] = DataLoader(self.batches[self.record.at.steps * self.microbatches :], batch_size=None)  # type: ignore[arg-type]
        with warnings.catch_warnings(), self.stop:
            for message in EXPECTED_WARNINGS:
                warnings.filterwarnings("ignore", message=message)
            self.record.make_up_evaluation()
            with self.stop.politely():
                pl.Trainer(**loop, **silent).fit(self.module, batches)
        return self

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        self.logged.append((step, metrics))
        self.during("log", step)

    def evaluate(self, step: int) -> float:
        self.evaluated.append(step)
        self.during("evaluate", step)
        return next(self._losses)

    def save(self) -> None:
        weights = {name: tensor.clone() for name, tensor in self.module.model.state_dict().items()}
        optimizer = self.module.trainer.optimizers[0].state_dict()
        copied = {index: {"momentum_buffer": state["momentum_buffer"].clone()} for index, state in optimizer["state"].items()}
        groups = [dict(group) for group in optimizer["param_groups"]]
        self.saves.append((Position(**self.record.at.to_json()), weights, {"state": copied, "param_groups": groups}))

    @property
    def saved_at(self) -> list[int]:
        return [position.steps for position, _, _ in self.saves]

    @property
    def numbers(self) -> list[tuple[int, dict[str, float]]]:
        """What was logged, without speeds."""
        return [(step, {key: value for key, value in metrics.items() if "speed" not in key}) for step, metrics in self.logged]


@pytest.fixture
def training() -> type[Training]:
    """Training([5.0, 4.0], every=3).fit(): six steps with two evaluations, which find losses of 5 and 4."""
    return Training
