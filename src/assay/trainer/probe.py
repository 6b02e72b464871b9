"""The cost of a planned run on this machine, measured on two of its micro-batches."""

import resource
import time
from dataclasses import dataclass

import numpy as np
import torch

from assay.config.build import build
from assay.config.schema import TrainConfig
from assay.model.language_model import CountingModel, LanguageModel, WordModel
from assay.objective.objective import Objective, Vocabulary
from assay.objective.schema import ids_needed
from assay.trainer.allocator import keep_freed_memory
from assay.trainer.plan import Plan


@dataclass(frozen=True)
class Cost:
    """`seconds_per_step` and `peak_memory_megabytes` are None where nothing is trained by gradient."""

    parameters: int
    flops_per_token: float
    seconds_per_step: float | None
    peak_memory_megabytes: float | None


def measure_cost(config: TrainConfig, plan: Plan, vocab_size: int, own_mask: int | None = None) -> Cost:
    """Time one forward and backward pass and one optimizer step on random tokens, after one to warm up. Nothing is written.

    `own_mask`: the tokenizer's id of [MASK], if it has one.
    """
    torch.set_num_threads(plan.threads)
    keep_freed_memory()
    ids = ids_needed(config.objective, vocab_size, own_mask)
    model: LanguageModel = build(config.model, "model", vocab_size=ids, context_tokens=config.data.context_tokens)
    if isinstance(model, CountingModel):
        return Cost(0, 0.0, None, None)
    device = torch.device("cuda" if plan.accelerator == "gpu" else "cpu")
    model.to(device)
    objective = _objective(config, model, vocab_size, own_mask)
    batch = torch.randint(0, vocab_size, (config.trainer.sequences_per_microbatch, config.data.context_tokens + 1), device=device)
    batch_seconds, update_seconds = (
        _time_update(objective, batch) if isinstance(model, WordModel) else _time_step(config, plan, objective, batch)
    )
    peak = torch.cuda.max_memory_allocated() / 1e6 if device.type == "cuda" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    flops = objective.flops_per_token(config.data.context_tokens)
    return Cost(model.count_parameters(), flops, batch_seconds * plan.microbatches_per_step + update_seconds, peak)


def _time_update(objective: Objective, batch: torch.Tensor) -> tuple[float, float]:
    """Seconds of a micro-batch, the second of two: the first loads the kernel. A model updated in place has no step besides."""
    for _ in range(2):
        started = time.perf_counter()
        objective.update(batch, 0.0)
    return time.perf_counter() - started, 0.0


def _time_step(config: TrainConfig, plan: Plan, objective: Objective, batch: torch.Tensor) -> tuple[float, float]:
    """Seconds of a micro-batch and of an update, the second of two."""
    optimizer = objective.make_optimizer(objective.model)
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        with torch.autocast(batch.device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
            loss = objective.loss(batch)
        torch.autograd.backward(loss.mean)
        passed = time.perf_counter()
        optimizer.step()
        optimizer.zero_grad()
        seconds.append((passed - started, time.perf_counter() - passed))
    return seconds[-1]


def _objective(config: TrainConfig, model: LanguageModel, vocab_size: int, own_mask: int | None) -> Objective:
    spellings = [b" %d" % number for number in range(vocab_size - 1)] + [b""]
    made: Objective = build(
        config.objective,
        "objective",
        model=model,
        vocabulary=Vocabulary(vocab_size, vocab_size - 1, np.ones(vocab_size, dtype=np.bool_), spellings, own_mask),
        make_optimizer=lambda model: build(config.optimizer, "optimizer", model=model),
        factor=lambda step: 1.0,
        first_step=0,
        clip_norm=None,
        skip_norm=None,
        compiled=False,
    )
    made.begin(np.repeat(np.arange(vocab_size), getattr(config.objective, "min_count", 1)))
    return made
