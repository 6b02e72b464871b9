"""What one optimizer step leaves behind, with Lightning's own loop around it."""

import hashlib
import struct
import warnings
from collections.abc import Iterator, Mapping

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from assay.model.schema import TransformerSchema
from assay.model.transformer import Transformer
from assay.objective.causal_lm import CausalLM
from assay.objective.schema import CausalLMSchema
from assay.trainer.fit import EXPECTED_WARNINGS
from assay.trainer.plan import Plan
from assay.trainer.progress import TrainingProgress
from assay.trainer.record import StepRecord

BATCHES = [torch.randint(0, 8, (2, 5), generator=torch.Generator().manual_seed(i)) for i in range(40)]


class Training:
    """A model of 8 tokens trained on BATCHES; `losses` are what its evaluations find."""

    def __init__(
        self, losses: list[float], steps: int | None = 6, microbatches: int = 2, every: int = 3, rate: float = 0.1, **settings: float
    ) -> None:
        self.logged: list[tuple[int, Mapping[str, float]]] = []
        self.evaluated: list[int] = []
        self._losses: Iterator[float] = iter(losses)
        plan = Plan(steps, microbatches, 2 * 4 * microbatches, 0, every, "cpu", "fp32", 1)
        limits = {"max_seconds": None, "patience": None, **settings}
        progress = TrainingProgress(steps, 1000)
        self.record = StepRecord(plan, self._log, self._evaluate, progress, flops_per_token=8.0, peak_flops=4.0, **limits)
        torch.manual_seed(0)
        model = Transformer(TransformerSchema(n_layer=1, n_head=1, d_model=4), 8, 4)
        self.module = CausalLM(CausalLMSchema(), model, lambda m: torch.optim.SGD(m.parameters(), rate), self._factor, None, False)
        loop = {"accelerator": "cpu", "max_epochs": 1, "accumulate_grad_batches": microbatches, "callbacks": [self.record]}
        silent = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
        batches: DataLoader[Tensor] = DataLoader(BATCHES, batch_size=None)  # type: ignore[arg-type]
        with warnings.catch_warnings():
            for message in EXPECTED_WARNINGS:
                warnings.filterwarnings("ignore", message=message)
            pl.Trainer(**loop, **silent).fit(self.module, batches)

    def _log(self, step: int, metrics: Mapping[str, float]) -> None:
        self.logged.append((step, metrics))

    def _evaluate(self, step: int) -> float:
        self.evaluated.append(step)
        return next(self._losses)

    def _factor(self, step: int) -> float:
        return 1 / (step + 1)


def test_each_step_is_logged_once_with_the_mean_loss_of_its_microbatches() -> None:
    """At a rate of 0 the model stays what it was, so each loss can be computed afterwards."""
    done = Training([3.0, 2.0], rate=0.0)
    assert [step for step, _ in done.logged] == [1, 2, 3, 4, 5, 6]
    losses = [done.module.training_step(batch, 0).item() for batch in BATCHES[:12]]
    wanted = [(losses[i] + losses[i + 1]) / 2 for i in range(0, 12, 2)]
    assert [metrics["train/loss"] for _, metrics in done.logged] == pytest.approx(wanted, rel=1e-6)


def test_a_step_is_logged_with_the_rate_it_was_made_with() -> None:
    done = Training([3.0, 2.0])
    assert [metrics["train/learning_rate"] for _, metrics in done.logged] == pytest.approx([0.1 / step for step in range(1, 7)])
    metrics = done.logged[-1][1]
    assert metrics["speed/mfu"] == pytest.approx(metrics["speed/tokens_per_second"] * 8.0 / 4.0)


def test_the_hash_of_the_losses_is_chained_over_their_float32_bytes() -> None:
    done = Training([3.0, 2.0])
    chain = hashlib.sha256(b"").digest()
    for _, metrics in done.logged:
        chain = hashlib.sha256(chain + struct.pack("<f", metrics["train/loss"])).digest()
    assert done.record.losses_sha256 == chain.hex()
    assert Training([3.0, 2.0]).record.losses_sha256 == chain.hex()


def test_the_last_step_is_evaluated_and_none_twice() -> None:
    assert Training([3.0, 2.0], steps=6, every=3).evaluated == [3, 6]
    assert Training([3.0, 2.0, 1.0], steps=7, every=3).evaluated == [3, 6, 7]


def test_it_stops_when_it_has_not_become_better_for_patience_evaluations() -> None:
    done = Training([5.0, 3.0, 4.0, 3.0, 1.0], steps=20, every=1, patience=2)
    assert done.evaluated == [1, 2, 3, 4]
    assert (done.record.best_step, done.record.best_loss, done.record.steps) == (2, 3.0, 4)


def test_a_budget_of_time_ends_with_the_step_that_passes_it() -> None:
    done = Training([3.0], steps=None, every=1000, max_seconds=1e-9)
    assert (done.record.steps, done.evaluated) == (1, [1])


def test_time_of_evaluations_is_not_training_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def tick() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr("assay.trainer.record.time.perf_counter", tick)
    done = Training([3.0, 2.0], steps=2, microbatches=1, every=1)
    assert done.record.training_seconds == 2.0  # a second from one reading to the next; evaluations lie between other readings
