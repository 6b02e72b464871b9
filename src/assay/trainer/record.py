"""Callback around each optimizer step: keys randomness, chains and logs the loss, scores and saves the model when due."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

import pytorch_lightning as pl
import torch
from torch import Tensor

from assay.data.order import keyed
from assay.errors import NumericError
from assay.tracking.signals import StopSignals
from assay.trainer.average import WeightAverage
from assay.trainer.plan import Plan
from assay.trainer.position import Position
from assay.trainer.progress import TrainingProgress

SAVE_SECONDS = 60.0  # of training: what a kill can cost. A save of 12 million parameters takes about one (docs/benchmarks.md)


def seed_torch(seed: int, accelerator: str) -> None:
    """For what is in use. torch.manual_seed writes down the whole call stack for each kind of device that is not."""
    torch.default_generator.manual_seed(seed)
    if accelerator == "gpu":
        torch.cuda.manual_seed_all(seed)


class Work(Protocol):
    """Functions that the record calls."""

    def log(self, step: int, metrics: Mapping[str, float]) -> None: ...

    def evaluate(self, step: int) -> float:
        """Score and sample; the validation loss, by which early stopping goes. Its time is not training time."""

    def save(self) -> None:
        """Write a checkpoint of the present position."""


class StepRecord(pl.Callback):
    """Step metrics bypass `self.log`, which costs 0.2 ms a metric a step."""

    def __init__(
        self,
        plan: Plan,
        seed: int,
        work: Work,
        average: WeightAverage,
        stop: StopSignals,
        progress: TrainingProgress,
        peak_flops: float,
        max_seconds: float | None,
        patience: int | None,
        save_every_steps: int | None,
    ) -> None:
        """`save_every_steps` None: once a minute of training, besides each evaluation."""
        self.plan = plan
        self.seed = seed
        self.work = work
        self.average = average
        self.stop = stop
        self.progress = progress
        self.peak_flops = peak_flops
        self.max_seconds = max_seconds
        self.patience = patience
        self.save_every_steps = save_every_steps
        self.at = Position()
        self._saved_at_seconds = 0.0
        self._peak_was_beaten = False
        self._mark: float | None = None

    @property
    def elapsed_seconds(self) -> float:
        """Training time until now; the scheduler asks between the end of a step and its record."""
        return self.at.training_seconds + (time.perf_counter() - self._mark if self._mark is not None else 0.0)

    @property
    def done(self) -> bool:
        """Nothing is left to train at this position."""
        return self._budget_is_spent or self._out_of_patience

    @property
    def _budget_is_spent(self) -> bool:
        at = self.at
        return (self.plan.total_steps is not None and at.steps >= self.plan.total_steps) or (
            self.max_seconds is not None and at.training_seconds >= self.max_seconds
        )

    @property
    def _out_of_patience(self) -> bool:
        return self.patience is not None and self.at.evaluations_since_best >= self.patience

    @property
    def stopped_early(self) -> str | None:
        """Why training ended before its budget did; None where it did not."""
        if self._budget_is_spent or not self._out_of_patience:
            return None
        return f"val/loss did not improve for {self.patience} evaluation{'s' if self.patience != 1 else ''}"

    @property
    def kept_step(self) -> int:
        """The step whose weights are scored and kept: with early stopping the best evaluation's, else the last."""
        return self.at.best_step if self.patience is not None and self.at.best_loss is not None else self.at.steps

    @property
    def evaluation_is_due(self) -> bool:
        return self.done or self.at.steps % self.plan.evaluate_every_steps == 0

    def make_up_evaluation(self) -> None:
        """Evaluate a run that was stopped between a step and its evaluation."""
        if not self.at.evaluated:
            with self.average.in_place():
                loss = self.work.evaluate(self.at.steps)
            self.at.score(loss)

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self.stop.install()
        self._first_step = self.at.steps
        self._saved_at_seconds = self.at.training_seconds
        self._start_clock()

    def on_train_batch_start(self, trainer: pl.Trainer, module: pl.LightningModule, batch: Tensor, batch_index: int) -> None:
        """Draws of a micro-batch depend on its number alone, so a run that goes on draws what an unbroken one does."""
        microbatch = self._first_step * self.plan.microbatches_per_step + batch_index
        seed_torch(keyed(self.seed, "dropout", microbatch, trainer.global_rank) >> 1, self.plan.accelerator)

    def on_train_batch_end(self, trainer: pl.Trainer, module: Any, outputs: Any, batch: Tensor, batch_index: int) -> None:
        if (batch_index + 1) % self.plan.microbatches_per_step:
            return
        loss = module.step_loss()
        if not module.skipped:
            self.average.update(self.at.steps + 1)
        seconds = self.elapsed_seconds - self.at.training_seconds
        self.at.advance(loss, seconds, module.skipped)
        metrics = self._metrics(loss, seconds, module)
        module.microbatch_losses.clear()
        module.microbatch_flops.clear()
        self.work.log(self.at.steps, metrics)
        self.progress.step(self.at.steps, metrics)
        due = self.evaluation_is_due
        self.at.evaluated = not due
        if due:
            self._evaluate()
        if due or self.stop.asked or self._save_is_due():
            self._save()
            self.stop.leave_if_asked()  # here only: a stop that was asked for after the line above has no checkpoint of this step
        if self.done:
            trainer.should_stop = True
        self._start_clock()

    def on_exception(self, trainer: pl.Trainer, module: Any, exception: BaseException) -> None:
        """Numbers that are none stop the run before the update: what was good is kept. Where updates are made in place it is too late."""
        before_update = isinstance(exception, NumericError) and module.automatic_optimization
        if before_update and self.at.evaluated and all(p.isfinite().all() for p in module.parameters()):
            self._save()

    def _evaluate(self) -> None:
        """A stop cuts the evaluation short: the weights are those of the step, so it can be made up for. Never while they change places."""
        try:
            with self.average.in_place(), self.stop.at_once():
                loss = self.work.evaluate(self.at.steps)
        except SystemExit:
            self._save()
            raise
        self.at.score(loss)

    def _save(self) -> None:
        with self.stop.unhurried():
            self.work.save()
        self._saved_at_seconds = self.at.training_seconds

    def _save_is_due(self) -> bool:
        if self.save_every_steps is not None:
            return self.at.steps % self.save_every_steps == 0
        return self.at.training_seconds - self._saved_at_seconds >= SAVE_SECONDS

    def _utilisation(self, flops: float) -> float:
        """Share of the highest rate seen in this process, in FLOP/s: of the matrix product at the start, or of a step that beat it.

        The product is slow where other programs are busy while it is timed, and a step would then reach more than all.
        """
        if flops > self.peak_flops:
            if not self._peak_was_beaten:
                self.progress.say(
                    f"speed/mfu: a step reached {flops / 1e9:,.1f} GFLOP/s, more than the {self.peak_flops / 1e9:,.1f} of a matrix product before "
                    "training, when this machine was busier; from here on 100 % is the fastest step"
                )
            self._peak_was_beaten, self.peak_flops = True, flops
        return flops / self.peak_flops

    def _start_clock(self) -> None:
        self._mark, self._cpu_mark = time.perf_counter(), time.process_time()

    def _metrics(self, loss: float, seconds: float, module: Any) -> dict[str, float]:
        rate = self.plan.tokens_per_step / seconds
        cpu_rate = self.plan.tokens_per_step / max(time.process_time() - self._cpu_mark, 1e-9)
        metrics = {"train/loss": loss, "speed/tokens_per_second": rate, "speed/tokens_per_cpu_second": cpu_rate}
        if module.microbatch_flops:
            metrics["speed/mfu"] = self._utilisation(rate * sum(module.microbatch_flops) / len(module.microbatch_flops))
        if module.gradient_norm is not None:
            metrics["train/gradient_norm"] = module.gradient_norm
        if module.learning_rate is not None:
            metrics["train/learning_rate"] = module.learning_rate
        if module.skip_norm is not None:
            metrics["train/skipped_steps"] = self.at.skipped_steps
        return metrics
