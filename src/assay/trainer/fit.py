"""From a config and prepared tokens to a trained, scored model."""

import logging
import math
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from typing import Any

import pytorch_lightning as pl
import torch

from assay.config.build import build
from assay.config.schema import TrainConfig
from assay.data.datamodule import GO_ON, TokenWindows
from assay.data.mixing import SourceShare, mix
from assay.data.order import keyed
from assay.data.prepare import Prepared
from assay.data.tokens import SplitTokens, Tokens
from assay.errors import MachineError, NumericError
from assay.evaluation.split import Score, SplitSources, SplitText
from assay.evaluation.word_sets import WordSets
from assay.files import is_folder_name
from assay.model.checkpoint import TRAINING_WEIGHTS, load_optimizer, load_weights, name_of
from assay.model.huggingface.folder import folder_of
from assay.model.language_model import CountingModel, LanguageModel, WordModel
from assay.objective.objective import Objective, Vocabulary
from assay.objective.schema import ids_needed
from assay.schedule.course import Course
from assay.schedule.shapes import Schedule
from assay.tokenizer.tokenizer import Tokenizer
from assay.tracking.lookup import find_checkpoint
from assay.tracking.run import Run
from assay.trainer.allocator import keep_freed_memory
from assay.trainer.average import WeightAverage
from assay.trainer.plan import Plan
from assay.trainer.progress import TrainingProgress
from assay.trainer.record import StepRecord
from assay.trainer.saving import Checkpoints, load_imported, load_initial, load_own
from assay.trainer.throughput import peak_flops

# Said by Lightning on every run here, for reasons that are choices of ours: windows are cut in the main process (a memory map needs
# no workers), counting models have no optimizer, and the run's length is in steps.
EXPECTED_WARNINGS = (
    ".*does not have many workers.*",
    ".*returned `None`, this fit will run with no optimizer.*",
    ".*`isinstance\\(treespec, LeafSpec\\)` is deprecated.*",
)

BLAMED_DOCUMENTS = 8


class Session:
    """One training: the model and what is done to it at each evaluation."""

    def __init__(self, config: TrainConfig, plan: Plan, prepared: Prepared, run: Run) -> None:
        self.config, self.plan, self.run = config, plan, run
        self.tokens = Tokens.open(prepared.tokens_folder)
        self.tokenizer = Tokenizer.load(prepared.tokenizer_folder)
        self.word_sets = WordSets.load(config.evaluation.word_similarity)
        prepared.refuse_another()
        torch.set_num_threads(plan.threads)
        self.device = torch.device("cuda" if plan.accelerator == "gpu" else "cpu")
        torch.manual_seed(keyed(config.seed, "initial weights") >> 1)
        self.model: LanguageModel = build(
            config.model,
            "model",
            vocab_size=ids_needed(config.objective, self.tokenizer.vocab_size, self.tokenizer.mask),
            context_tokens=config.data.context_tokens,
        )
        self.counts = isinstance(self.model, CountingModel)
        self.by_gradient = not isinstance(self.model, CountingModel | WordModel)
        self.max_seconds = config.trainer.max_minutes * 60 if config.trainer.max_minutes is not None else None
        self.progress = TrainingProgress(plan.total_steps, config.trainer.print_every_steps)
        self.progress.say(f"numerics: {plan.numerics}")
        self.checkpoints = Checkpoints(run, self.tokenizer.sha256)
        self.restored = None if self.counts else self.checkpoints.find(plan.total_steps, self.progress.say)
        if self.restored is not None:
            load_weights(self.restored.folder, self.model)
        elif config.init is not None:
            self._begin_with(config.init)
        else:
            self._say_missing(load_own(self.model, self.tokenizer), getattr(config.model, "path", ""))
        self.average = WeightAverage(self.model, config.trainer.ema_decay)
        self.record = self._record()
        self.schedule = self._schedule()
        if self.restored is not None:
            self.record.at = self.restored.position
            if self.average.tensors:
                load_weights(self.restored.folder, self.model, TRAINING_WEIGHTS)
        self.run.rewind(self.record.at.steps)
        self.progress.start_at(self.record.at.steps)
        self.module = self._module()
        self.module.begin(self.tokens.split("train").tokens)
        self.val: Score | None = None  # of the newest evaluation; the last step is always evaluated

    def _begin_with(self, init: str) -> None:
        if not is_folder_name(init):
            return load_initial(find_checkpoint(init)[1], self.tokenizer.sha256, self.model)
        self._say_missing(load_imported(folder_of(init), self.tokenizer, self.model), init)

    def _say_missing(self, missing: list[str], folder: str) -> None:
        if missing:
            self.progress.say(f"{folder} has no output layer: {', '.join(missing)} begin untrained")

    def _record(self) -> StepRecord:
        every = self.config.trainer.checkpoint_every_steps
        return StepRecord(
            plan=self.plan,
            seed=self.config.seed,
            work=self,
            average=self.average,
            stop=self.run.stop,
            progress=self.progress,
            peak_flops=peak_flops(self.device, self.plan.precision) if self.by_gradient else 1.0,
            max_seconds=self.max_seconds,
            patience=self.config.trainer.early_stopping_patience,
            save_every_steps=None if every == "auto" else every,
        )

    def _module(self) -> Objective:
        module: Objective = build(
            self.config.objective,
            "objective",
            model=self.model,
            vocabulary=Vocabulary.of(self.tokenizer),
            make_optimizer=self._make_optimizer,
            factor=self.factor,
            first_step=self.record.at.steps,
            clip_norm=self.config.trainer.gradient_clip_norm,
            skip_norm=self.config.trainer.skip_gradient_norm_above,
            compiled=self.config.trainer.compile,
            rate=lambda: self.config.optimizer.learning_rate * self.factor(self.record.at.steps),
        )
        return module

    def _make_optimizer(self, model: LanguageModel) -> torch.optim.Optimizer:
        optimizer: torch.optim.Optimizer = build(self.config.optimizer, "optimizer", model=model)
        if self.restored is not None:
            load_optimizer(self.restored.folder, optimizer)
        return optimizer

    def _schedule(self) -> Schedule:
        """A resumed run keeps its warm-up, and its fall goes on from the rate that it has, whatever the budget is by now."""
        planned = Course.planned(self.plan.total_steps, self.max_seconds, self.plan.warmup_steps)
        begun = self.restored.course if self.restored is not None else None
        schedule: Schedule = build(self.config.schedule, "schedule", course=begun or planned)
        if self.restored is None:
            return schedule
        return schedule.resumed(planned, self.restored.position.steps, self.restored.position.training_seconds)

    def factor(self, step: int) -> float:
        """Factor of the learning rate at update number `step` (from 0)."""
        return self.schedule.factor(step, self.record.elapsed_seconds)

    def fit(self) -> None:
        self.record.make_up_evaluation()
        if not self.record.done:
            data = self._data()
            try:
                with self.run.stop.politely():
                    self._lightning().fit(self.module, datamodule=data)
            except NumericError as error:
                raise NumericError(f"{error}\n  {self._blame(data)}") from None
        self.model.to(self.device)  # Lightning leaves it on the CPU

    def _data(self) -> TokenWindows:
        data: TokenWindows = build(
            self.config.data,
            "data",
            tokens=self.tokens,
            sequences=self.config.trainer.sequences_per_microbatch,
            seed=self.config.seed,
            microbatches=self.plan.total_microbatches,
            first=self.record.at.steps * self.plan.microbatches_per_step,
            workers=self.config.trainer.loader_workers,
        )
        return data

    def _blame(self, data: TokenWindows) -> str:
        """The documents that the step under way, or the one just made, was trained on."""
        step = self.record.at.steps - (not self.record.at.evaluated)
        first = step * self.plan.microbatches_per_step
        microbatches = range(first, first + self.plan.microbatches_per_step)
        ids = dict.fromkeys(name for number in microbatches for name in data.documents(number))
        shown = ", ".join(list(ids)[:BLAMED_DOCUMENTS]) + (
            f" and {len(ids) - BLAMED_DOCUMENTS} more" if len(ids) > BLAMED_DOCUMENTS else ""
        )
        return f"Step {step + 1} is micro-batches {microbatches[0]} to {microbatches[-1]} (from 0), of documents {shown}"

    def _lightning(self) -> pl.Trainer:
        return pl.Trainer(
            accelerator=self.plan.accelerator,
            devices=1,
            precision="bf16-mixed" if self.plan.precision == "bf16" and self.by_gradient else "32-true",
            max_epochs=1,
            accumulate_grad_batches=self.plan.microbatches_per_step if self.by_gradient else 1,
            callbacks=[self.record],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            limit_val_batches=0,
        )

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        self.run.log(step, metrics)

    def evaluate(self, step: int) -> float:
        """Score the validation split and write a sample of text."""
        self.val = score = self.score("val")
        self.run.log(step, score.metrics("val") | self._epochs(), "evaluation")
        if not math.isfinite(score.loss):
            raise NumericError(
                f"step {step}: val/loss is {score.loss}: the weights are beyond use. Try a tenth of optimizer.learning_rate."
            )
        self.progress.say(f"evaluation at step {step}: {score.said('val')}")
        self.run.add_sample(step, "\n\n".join(self._samples()) + "\n")
        return score.loss

    def _epochs(self) -> dict[str, float]:
        return {f"train/{each.name}/epochs": each.epochs for each in self.mix()}

    def save(self) -> None:
        """A counting model is saved where it was scored: to bring its tables up to date anywhere else would change what it predicts next."""
        if not self.counts:
            optimizer = self.module.trainer.optimizers[0] if self.by_gradient else None
            self.checkpoints.save(self.model, optimizer, self.record.at, self.average.tensors, self.schedule.course)
        elif self.record.at.evaluated and self.record.evaluation_is_due:
            self.checkpoints.save(self.model, None, self.record.at)

    def score(self, split: str) -> Score:
        return self.module.score(self._text(split), self._autocast)

    def _text(self, split: str) -> SplitText:
        part, names = self.tokens.split(split), self.tokens.source_names
        return SplitText(
            part.tokens,
            part.utf8_bytes,
            self.config.data.context_tokens,
            self.config.evaluation.sequences_per_batch,
            self.tokens.split("train").tokens,
            self._sources(split, part) if names else None,
            self.word_sets if split == "val" else WordSets(),
            part.lost,
        )

    def _sources(self, split: str, part: SplitTokens) -> SplitSources:
        sizes, lost = self.tokens.counted(split, "utf8_bytes"), self.tokens.lost_by_source(split)
        return SplitSources(self.tokens.source_names, self.tokens.owners(split), part.ends, sizes, lost)

    def mix(self) -> list[SourceShare]:
        """Return what has been read of each source by now; empty where there is one."""
        tokens = self.tokens.counted("train", "tokens")
        windows = self.record.at.steps * self.plan.tokens_per_step // self.config.data.context_tokens
        return mix(self.config.data, tokens, windows) if tokens else []

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16) if self.plan.precision == "bf16" else nullcontext()

    def _samples(self) -> list[str]:
        return self.module.samples(self.tokenizer, self.config.evaluation, self._text("val"), self.config.seed)

    def outcome(self) -> dict[str, Any]:
        """Return the part of result.json that is about the training itself."""
        at, tokens = self.record.at, self.record.at.steps * self.plan.tokens_per_step
        kept = self.record.kept_step
        if kept == at.steps:
            with self.average.in_place():
                val = self.val or self.score("val")  # a run that was stopped after its last checkpoint has only the test left
                test = self.score("test")
        else:
            self.checkpoints.load_kept(kept, self.model)  # which holds the average, if there is one
            val, test = self.score("val"), self.score("test")
        self.run.log(kept, test.metrics("test"), "evaluation")
        return {
            "steps": at.steps,
            "tokens": tokens,
            "training_seconds": round(at.training_seconds, 3),
            "parameters": self.model.count_parameters(),
            **({"mix": [asdict(each) for each in self.mix()]} if self.tokens.source_names else {}),
            "metrics": {
                **val.metrics("val"),
                **test.metrics("test"),
                "speed/tokens_per_second": tokens / at.training_seconds,
            },
            "evaluated": {"val": val.sizes(), "test": test.sizes()},
            "skipped_steps": at.skipped_steps,
            "best_step": at.best_step,
            "best_loss": at.best_loss,
            "stopped_early": self.record.stopped_early,
            "checkpoint": name_of(kept),
            "weights_sha256": self.checkpoints.weights_sha256,
            "losses_sha256": at.losses_sha256,
            "precision": self.plan.precision,
            **({"cell_precision": self.plan.cell_precision} if self.plan.cell_precision else {}),
            "threads": self.plan.threads,
        }


def train(config: TrainConfig, plan: Plan, prepared: Prepared, run: Run) -> dict[str, Any]:
    """Train as planned; returns what goes into result.json besides the run's own facts."""
    started = time.monotonic()
    keep_freed_memory()
    for name in ("pytorch_lightning", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)  # its notes on devices it did not find, and advertisements
    with warnings.catch_warnings(), _machine_said(config):
        for message in EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        session = Session(config, plan, prepared, run)
        try:
            session.fit()
        finally:
            session.progress.close()
        outcome = session.outcome()
    return {**outcome, "seconds": round(time.monotonic() - started, 3)}


@contextmanager
def _machine_said(config: TrainConfig) -> Iterator[None]:
    """Torch's words for what the machine did to it name no setting to change."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error):
            sequences = config.trainer.sequences_per_microbatch
            raise MachineError(
                f"out of memory with micro-batches of {sequences} sequences of {config.data.context_tokens} tokens. The last checkpoint is whole.\n"
                f"  Type: trainer.sequences_per_microbatch={max(1, sequences // 2)}   (the same tokens and the same loss a step, in more micro-batches)"
            ) from None
        if str(error).startswith("DataLoader worker"):  # torch says so the moment one dies, wherever this process is
            raise MachineError(f"{str(error).splitlines()[0].strip(' .')}. {GO_ON}") from None
        raise
