"""From a config and prepared tokens to a trained, scored model."""

import logging
import math
import time
import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import Any

import pytorch_lightning as pl
import torch

from assay.config.build import build
from assay.config.schema import TrainConfig
from assay.data.order import keyed
from assay.data.prepare import Prepared
from assay.data.tokens import Tokens
from assay.errors import NumericError
from assay.evaluation.language_model import SplitScore, score_split
from assay.inference.sampling import generate_tokens
from assay.inference.schema import GenerateConfig
from assay.model.checkpoint import keep_newest_and_best, name_of, save_checkpoint
from assay.model.language_model import CountingModel, LanguageModel
from assay.objective.causal_lm import CausalLM
from assay.tokenizer.tokenizer import Tokenizer
from assay.tracking.run import Run
from assay.trainer.allocator import keep_freed_memory
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
        torch.set_num_threads(plan.threads)
        self.device = torch.device("cuda" if plan.accelerator == "gpu" else "cpu")
        torch.manual_seed(keyed(config.seed, "initial weights") >> 1)
        self.model: LanguageModel = build(
            config.model, "model", vocab_size=self.tokenizer.vocab_size, context_tokens=config.data.context_tokens
        )
        self.counts = isinstance(self.model, CountingModel)
        self.schedule = build(config.schedule, "schedule", warmup_steps=plan.warmup_steps)
        self.max_seconds = config.trainer.max_minutes * 60 if config.trainer.max_minutes is not None else None
        self.progress = TrainingProgress(plan.total_steps, config.trainer.print_every_steps)
        self.record = self._record()
        self.module = self._module()
        self.weights_sha256 = ""
        self.val: SplitScore  # of the newest evaluation; the last step is always evaluated

    def _record(self) -> StepRecord:
        flops = self.model.flops_per_token(self.config.data.context_tokens)
        return StepRecord(
            plan=self.plan,
            log=self.run.log,
            evaluate=self.evaluate,
            progress=self.progress,
            flops_per_token=flops,
            peak_flops=peak_flops(self.device, self.plan.precision) if flops else 1.0,
            max_seconds=self.max_seconds,
            patience=self.config.trainer.early_stopping_patience,
        )

    def _module(self) -> CausalLM:
        module: CausalLM = build(
            self.config.objective,
            "objective",
            model=self.model,
            make_optimizer=lambda model: build(self.config.optimizer, "optimizer", model=model),
            factor=self.factor,
            clip_norm=self.config.trainer.gradient_clip_norm,
            compiled=self.config.trainer.compile,
        )
        return module

    def factor(self, step: int) -> float:
        """Of the learning rate; a run by the clock measures its progress by the clock."""
        total = self.plan.total_steps
        if total is not None:
            return float(self.schedule.factor(step, step / total, self.plan.warmup_steps / total))
        return float(self.schedule.factor(step, self.record.training_seconds / (self.max_seconds or math.inf), 0.0))

    def fit(self) -> None:
        data = build(
            self.config.data,
            "data",
            tokens=self.tokens,
            sequences=self.config.trainer.sequences_per_microbatch,
            seed=self.config.seed,
            microbatches=self.plan.total_microbatches,
        )
        torch.manual_seed(keyed(self.config.seed, "dropout") >> 1)
        self._lightning().fit(self.module, datamodule=data)
        self.model.to(self.device)  # Lightning leaves it on the CPU

    def _lightning(self) -> pl.Trainer:
        return pl.Trainer(
            accelerator=self.plan.accelerator,
            devices=self.config.trainer.devices,
            strategy=self.config.trainer.strategy,
            precision="bf16-mixed" if self.plan.precision == "bf16" and not self.counts else "32-true",
            max_epochs=1,
            accumulate_grad_batches=1 if self.counts else self.plan.microbatches_per_step,
            callbacks=[self.record],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            limit_val_batches=0,
        )

    def evaluate(self, step: int) -> float:
        """Score the validation split, write a sample of text, save a checkpoint."""
        self.val = score = self.score("val")
        self.run.log(step, score.metrics("val"), "evaluation")
        if not math.isfinite(score.loss):
            raise NumericError(
                f"step {step}: val/loss is {score.loss}: the weights are beyond use. Try a tenth of optimizer.learning_rate."
            )
        self.progress.say(
            f"evaluation at step {step}: val/loss {score.loss:.4f} nats per token  val/perplexity {score.perplexity:.6g}"
            f"  val/bits_per_byte {score.bits_per_byte:.4f}  val/accuracy {score.accuracy:.4f}"
        )
        self.run.add_sample(step, "\n\n".join(self.samples()) + "\n")
        self.save(step, score)
        return score.loss

    def score(self, split: str) -> SplitScore:
        part = self.tokens.split(split)
        if isinstance(self.model, CountingModel):
            self.model.count()
        return score_split(
            self.model,
            part.tokens,
            self.tokenizer.end_of_document,
            part.utf8_bytes,
            context_tokens=self.config.data.context_tokens,
            sequences_per_batch=self.config.evaluation.sequences_per_batch,
            autocast=self._autocast,
        )

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16) if self.plan.precision == "bf16" else nullcontext()

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

    def save(self, step: int, score: SplitScore) -> None:
        folder = self.run.folder / "checkpoints"
        optimizer = None if self.counts else self.module.trainer.optimizers[0]
        state = {
            "run_id": self.run.run_id,
            "identity": self.run.identity.sha256,
            "tokenizer_sha256": self.tokenizer.sha256,
            "val_loss": score.loss,
            "losses_sha256": self.record.losses_sha256,
        }
        self.run.sync()
        self.weights_sha256 = save_checkpoint(folder, step, self.model, optimizer, state)
        best = self.record.best_step if score.loss >= self.record.best_loss else step
        keep_newest_and_best(folder, best)

    def outcome(self, test: SplitScore) -> dict[str, Any]:
        """What goes into result.json about the training itself."""
        record, tokens = self.record, self.record.steps * self.plan.tokens_per_step
        return {
            "steps": record.steps,
            "tokens": tokens,
            "training_seconds": round(record.training_seconds, 3),
            "parameters": self.model.count_parameters(),
            "metrics": {
                **self.val.metrics("val"),
                **test.metrics("test"),
                "speed/tokens_per_second": tokens / record.training_seconds,
            },
            "evaluated": {"val": _sizes(self.val), "test": _sizes(test)},
            "best_step": record.best_step,
            "checkpoint": name_of(record.steps),
            "weights_sha256": self.weights_sha256,
            "losses_sha256": record.losses_sha256,
            "precision": self.plan.precision,
            "threads": self.plan.threads,
        }


def _sizes(score: SplitScore) -> dict[str, int]:
    return {name: value for name, value in asdict(score).items() if name in ("tokens", "document_end_tokens", "utf8_bytes")}


def train(config: TrainConfig, plan: Plan, prepared: Prepared, run: Run) -> dict[str, Any]:
    """Train as planned; returns what goes into result.json besides the run's own facts."""
    started = time.monotonic()
    keep_freed_memory()
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
        test = session.score("test")
    run.log(session.record.steps, test.metrics("test"), "evaluation")
    return {**session.outcome(test), "seconds": round(time.monotonic() - started, 3)}
