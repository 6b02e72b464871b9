"""The plan of a run on this machine: steps, batches, threads, precision. No torch, so a dry run and a look-up are quick."""

import os
from dataclasses import dataclass
from pathlib import Path

from assay.config.schema import TrainConfig
from assay.errors import MachineError
from assay.evaluation.word_sets import WordSets
from assay.model.cpu_features import cpu_has_bf16
from assay.model.schema import WORD_VECTORS, CellSchema

CLOCKED_STEPS = 1000  # stands in for the steps of a run by the clock, which are not known: evaluation every 200


@dataclass(frozen=True)
class Plan:
    """`total_steps` is None for a budget in minutes, and `warmup_steps` for a warm-up that is a share of those.

    `cell_precision` is that of recurrent cells, where it differs from `precision`.
    """

    total_steps: int | None
    microbatches_per_step: int
    tokens_per_step: int
    warmup_steps: int | None
    evaluate_every_steps: int
    accelerator: str
    precision: str
    threads: int
    cell_precision: str | None = None

    @property
    def numerics(self) -> str:
        """One line for people."""
        emulated = self.precision == "bf16" and self.accelerator == "cpu" and not cpu_has_bf16()
        said = f"{self.precision}{' (emulated: this CPU has no bf16 instructions)' if emulated else ''}"
        cells = f", recurrent cells in {self.cell_precision}" if self.cell_precision else ""
        return f"{said}{cells}, {self.threads} thread(s), {self.accelerator}"

    @property
    def repeatable(self) -> bool:
        """A budget in minutes ends where the clock says, so no two such runs are the same."""
        return self.total_steps is not None

    @property
    def total_microbatches(self) -> int:
        return (self.total_steps if self.total_steps is not None else 2**40) * self.microbatches_per_step


def make_plan(config: TrainConfig) -> Plan:
    WordSets.load(config.evaluation.word_similarity)  # one that is missing is said before anything is made
    trainer = config.trainer
    of_words = config.model.PREDICTS in WORD_VECTORS  # their kernels are the CPU's
    accelerator = "cpu" if of_words else _accelerator(trainer.accelerator)
    steps = trainer.max_steps
    if trainer.max_tokens is not None:
        steps = max(1, trainer.max_tokens // trainer.tokens_per_step)
    warmup = config.schedule.warmup_steps
    evaluate = trainer.evaluate_every_steps
    per_microbatch = trainer.sequences_per_microbatch * config.data.context_tokens
    precision = "fp32" if of_words else _precision(trainer.precision, accelerator)
    lacks_bf16 = precision == "bf16" and accelerator == "cpu" and not cpu_has_bf16()
    return Plan(
        total_steps=steps,
        microbatches_per_step=trainer.tokens_per_step // per_microbatch,
        tokens_per_step=trainer.tokens_per_step,
        warmup_steps=(None if steps is None else steps // 20) if warmup == "auto" else warmup,
        evaluate_every_steps=evaluate if evaluate != "auto" else -(-(steps or CLOCKED_STEPS) // 5),
        accelerator=accelerator,
        precision=precision,
        threads=trainer.threads if trainer.threads != "auto" else len(os.sched_getaffinity(0)),
        cell_precision="fp32" if lacks_bf16 and isinstance(config.model, CellSchema) else None,
    )


def _accelerator(asked: str) -> str:
    gpu = Path("/proc/driver/nvidia/version").exists()
    if asked == "gpu" and not gpu:
        raise MachineError("trainer.accelerator=gpu: this machine has no NVIDIA driver.\n  Type: trainer=cpu")
    return ("gpu" if gpu else "cpu") if asked == "auto" else asked


def _precision(asked: str, accelerator: str) -> str:
    """bf16 where the hardware multiplies it: elsewhere it is emulated, tens of times slower than float32."""
    if asked != "auto":
        return asked
    return "bf16" if accelerator == "gpu" or cpu_has_bf16() else "fp32"
