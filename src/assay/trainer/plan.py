"""What a config amounts to on this machine: steps, batches, threads, precision. No torch, so a dry run and a look-up are quick."""

import os
from dataclasses import dataclass
from pathlib import Path

from assay.config.schema import TrainConfig
from assay.errors import MachineError
from assay.evaluation.word_sets import WordSets
from assay.model.schema import WORD_VECTORS

CLOCKED_STEPS = 1000  # stands in for the steps of a run by the clock, which are not known: evaluation every 200, warm-up over 50


@dataclass(frozen=True)
class Plan:
    """`total_steps` is None for a budget in minutes."""

    total_steps: int | None
    microbatches_per_step: int
    tokens_per_step: int
    warmup_steps: int
    evaluate_every_steps: int
    accelerator: str
    precision: str
    threads: int

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
    per_microbatch = trainer.sequences_per_microbatch * config.data.context_tokens * trainer.devices
    return Plan(
        total_steps=steps,
        microbatches_per_step=trainer.tokens_per_step // per_microbatch,
        tokens_per_step=trainer.tokens_per_step,
        warmup_steps=(steps or CLOCKED_STEPS) // 20 if warmup == "auto" else warmup,
        evaluate_every_steps=evaluate if evaluate != "auto" else -(-(steps or CLOCKED_STEPS) // 5),
        accelerator=accelerator,
        precision="fp32" if of_words else _precision(trainer.precision, accelerator),
        threads=trainer.threads if trainer.threads != "auto" else len(os.sched_getaffinity(0)),
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
    return "bf16" if accelerator == "gpu" or {"avx512_bf16", "amx_bf16"} & set(cpu_features()) else "fp32"


def cpu_features() -> list[str]:
    """Instruction sets the CPU reports, sorted: they choose kernels, and so the last bits of a result."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return []
    line = next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), ":")
    return sorted(set(line.partition(":")[2].split()))
