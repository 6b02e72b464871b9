"""From a config and prepared tokens to a trained, scored model."""

import logging
import platform
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from assay.config.build import build
from assay.config.schema import TrainConfig
from assay.data.order import keyed
from assay.data.prepare import Prepared
from assay.data.tokens import Tokens
from assay.evaluation.language_model import SplitScore, score_split
from assay.inference.sampling import generate_tokens
from assay.inference.schema import GenerateConfig
from assay.tokenizer.tokenizer import Tokenizer
from assay.tracking.run import Run
from assay.model.checkpoint import keep_newest_and_best, name_of, save_checkpoint
from assay.trainer.plan import Plan
from assay.trainer.progress import TrainingProgress
from assay.trainer.record import StepRecord
from assay.trainer.throughput import peak_flops

# Said by Lightning on every run here, for reasons that are choices of ours: windows are cut in the main process (a memory map needs
# no workers), counting models have no optimizer, and the run's length is in steps.
EXPECTED_WARNINGS = (
    ".*does not have many workers.*",
    ".*returned `None`, this fit will run with no optimizer.*",
    ".*`isinstance\\(treespec, LeafSpec\\)` is deprecated.*",
)


class Session:
    """One training: the model and what is done to it at each evaluation."""

    def __init__(self, config: TrainConfig, plan: Plan, prepared: Prepared, run: Run) -> None:
        self.config, self.plan, self.run = config, plan, run
        self.tokens = Tokens.open(prepared.tokens_folder)
        self.tokenizer = Tokenizer.load(prepared.tokenizer_folder)
        self.tokenizer_sha256 = prepared.versions()["tokenizer"]
        torch.set_num_threads(plan.threads)
        torch.manual_seed(keyed(config.seed, "initial weights") >> 1)
        self.model: nn.Module = build(
            config.model, "model", vocab_size=self.tokenizer.vocab_size, context_tokens=config.data.context_tokens
        )
        self.data = build(
            config.data,
            "data",
            tokens=self.tokens,
            sequences=config.trainer.sequences_per_microbatch,
            seed=config.seed,
            microbatches=plan.total_microbatches,
        )
        self.schedule = build(config.schedule, "schedule", warmup_steps=plan.warmup_steps)
        self.progress = TrainingProgress(plan.total_steps, config.trainer.print_every_steps)
        self.device = torch.device("cuda" if plan.accelerator == "gpu" else "cpu")
        self.max_seconds = config.trainer.max_minutes * 60 if config.trainer.max_minutes is not None else None
        self.weights_sha256 = ""
        self.val: SplitScore  # of the newest evaluation; the last step is always evaluated
        self.record = self._record()

    def _record(self) -> StepRecord:
        flops = self.model.flops_per_token(self.config.data.context_tokens)
        return StepRecord(
            plan=self.plan,
            log=self.run.log,
            evaluate=self.evaluate,
            progress=self.progress,
            learning_rate=lambda step: self.config.optimizer.learning_rate * self.factor(step),
            flops_per_token=flops,
            peak_flops=peak_flops(self.device, self.plan.precision) if flops else 1.0,
            max_seconds=self.max_seconds,
            patience=self.config.trainer.early_stopping_patience,
        )

    def factor(self, step: int) -> float:
        """Of the learning rate; a run by the clock measures its progress by the clock."""
        if self.plan.total_steps is not None:
            return self.schedule.factor(step, step / self.plan.total_steps, self.plan.warmup_steps / self.plan.total_steps)
        seconds = self.record.training_seconds if hasattr(self, "record") else 0.0
        return self.schedule.factor(step, seconds / (self.max_seconds or 1.0), 0.0)

    def autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16) if self.plan.precision == "bf16" else nullcontext()

    def score(self, split: str) -> SplitScore:
        part = self.tokens.split(split)
        if not self.model.learns_by_gradient:
            self.model.count()
        return score_split(
            self.model,
            part.tokens,
            self.tokenizer.end_of_document,
            part.utf8_bytes,
            context_tokens=self.config.data.context_tokens,
            sequences_per_batch=self.config.evaluation.sequences_per_batch,
            autocast=self.autocast,
        )

    def evaluate(self, step: int) -> float:
        """Score the validation split, write a sample of text, save a checkpoint."""
        self.val = score = self.score("val")
        self.run.log(step, score.metrics("val"), "evaluation")
        self.progress.say(
            f"evaluation at step {step}: val/loss {score.loss:.4f} nats per token  val/perplexity {score.perplexity:.2f}"
            f"  val/bits_per_byte {score.bits_per_byte:.4f}  val/accuracy {score.accuracy:.4f}"
        )
        self.run.add_sample(step, "\n\n".join(self.samples()) + "\n")
        self.save(step, score)
        return score.loss

    def save(self, step: int, score: SplitScore) -> None:
        folder = self.run.folder / "checkpoints"
        optimizer = self.module.optimizers(use_pl_optimizer=False) if self.module.automatic_optimization else None
        state = {
            "run_id": self.run.run_id,
            "identity": self.run.identity.sha256,
            "tokenizer_sha256": self.tokenizer_sha256,
            "val_loss": score.loss,
            "losses_sha256": self.record.losses_sha256,
        }
        self.weights_sha256 = save_checkpoint(folder, step, self.model, optimizer, state)
        best = self.record.best_step if score.loss >= self.record.best_loss else step
        keep_newest_and_best(folder, best)

    def samples(self) -> list[str]:
        """A continuation of each prompt, with the prompt; drawn by a generator of their own, so training's randomness is untouched."""
        prompts = self.config.evaluation.sample_prompts or [self.tokenizer.decode(self.tokens.split("val").tokens[:12].tolist())]
        drawing = GenerateConfig(max_new_tokens=self.config.evaluation.sample_tokens, seed=self.config.seed)
        written = []
        for prompt in prompts:
            ids = self.tokenizer.encode(prompt)
            new = list(generate_tokens(self.model, ids, drawing, self.tokenizer.end_of_document, self.tokenizer.vocab_size))
            written.append(self.tokenizer.decode(ids + new))
        return written

    def lightning(self) -> pl.Trainer:
        counts = not self.model.learns_by_gradient
        return pl.Trainer(
            accelerator=self.plan.accelerator,
            devices=self.config.trainer.devices,
            strategy=self.config.trainer.strategy,
            precision="bf16-mixed" if self.plan.precision == "bf16" and not counts else "32-true",
            max_epochs=1,
            accumulate_grad_batches=1 if counts else self.plan.microbatches_per_step,
            callbacks=[self.record],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            limit_val_batches=0,
        )

    def fit(self) -> None:
        config = self.config
        make_optimizer: Callable[[nn.Module], torch.optim.Optimizer] = lambda model: build(config.optimizer, "optimizer", model=model)  # noqa: E731
        self.module = build(
            config.objective,
            "objective",
            model=self.model,
            make_optimizer=make_optimizer,
            factor=self.factor,
            clip_norm=config.trainer.gradient_clip_norm,
        )
        if config.trainer.compile:
            self.model.compile()
        torch.manual_seed(keyed(config.seed, "dropout") >> 1)
        self.lightning().fit(self.module, datamodule=self.data)


def train(config: TrainConfig, plan: Plan, prepared: Prepared, run: Run) -> dict[str, Any]:
    """Train as planned; returns what goes into result.json besides the run's own facts."""
    started = time.monotonic()
    for name in ("pytorch_lightning", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)  # its notes on devices it did not find, and advertisements
    with warnings.catch_warnings():
        for message in EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        session = Session(config, plan, prepared, run)
        try:
            session.fit()
        finally:
            session.progress.close()
        val, test = session.val, session.score("test")
    record = session.record
    run.log(record.steps, test.metrics("test"), "evaluation")
    return {
        "steps": record.steps,
        "tokens": record.steps * plan.tokens_per_step,
        "seconds": round(time.monotonic() - started, 3),
        "training_seconds": round(record.training_seconds, 3),
        "parameters": session.model.count_parameters(),
        "metrics": {
            **val.metrics("val"),
            **test.metrics("test"),
            "speed/tokens_per_second": record.steps * plan.tokens_per_step / record.training_seconds,
        },
        "evaluated": {name: {"tokens": s.tokens, "document_end_tokens": s.document_end_tokens, "utf8_bytes": s.utf8_bytes} for name, s in (("val", val), ("test", test))},
        "best_step": record.best_step,
        "checkpoint": name_of(record.steps),
        "weights_sha256": session.weights_sha256,
        "losses_sha256": record.losses_sha256,
        "precision": plan.precision,
        "threads": plan.threads,
        "cpu": platform.machine(),
    }
