"""The checkpoints of a run: which one to go on from, and the writing of the next."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import MappingProxyType
from typing import Any, cast

import torch
from safetensors import SafetensorError
from torch import Tensor

from assay.errors import ConfigError, DataError, MachineError
from assay.model.checkpoint import (
    WEIGHTS,
    drop_after,
    keep_newest_and_best,
    load_weights,
    name_of,
    newest_verified,
    read_state,
    save_checkpoint,
    verify,
)
from assay.model.huggingface.folder import CONFIG, read_json
from assay.model.huggingface.importing import load_folder
from assay.model.language_model import LanguageModel
from assay.model.schema import HuggingFaceSchema
from assay.schedule.course import Course
from assay.tokenizer.alphabet import MASKS
from assay.tokenizer.tokenizer import TOKENIZER_FILE, Tokenizer
from assay.tracking.run import Run
from assay.trainer.position import Position

SENTINELS = 100  # of T5, and as many of span corruption


@dataclass(frozen=True)
class Restored:
    """A verified checkpoint of this run. `course`: what its learning rate went by; None in one of an older version."""

    folder: Path
    position: Position
    course: Course | None


class Checkpoints:
    """Checkpoints of one run, in its folder."""

    def __init__(self, run: Run, tokenizer_sha256: str) -> None:
        self.run = run
        self.folder = run.folder / "checkpoints"
        self.facts = {"run_id": run.run_id, "tokenizer_sha256": tokenizer_sha256}
        self.weights_sha256 = ""  # of the newest

    def find(self, total_steps: int | None, say: Callable[[str], None]) -> Restored | None:
        """The newest checkpoint whose every byte is right; None for a run that begins. Says which ones it passed over, and why."""
        found, passed = (self.run.checkpoint, list[str]()) if self.run.checkpoint else newest_verified(self.folder)
        for reason in passed:
            say(f"checkpoint passed over: {reason}")
            self.run.note("checkpoint_passed_over", reason=reason)
        if found is None:
            return None
        self.weights_sha256 = verify(found)["files"][WEIGHTS]["sha256"]
        state = read_state(found)
        self._refuse_foreign(found, state)
        position = Position(**state["position"])
        if total_steps is not None and position.steps > total_steps:
            raise ConfigError(f"run {self.run.run_id} is at step {position.steps} already; the budget is {total_steps} steps.")
        say(f"going on from step {position.steps} of run {self.run.run_id}")
        return Restored(found, position, Course.of(state["course"]) if "course" in state else None)

    def _refuse_foreign(self, checkpoint: Path, state: dict[str, Any]) -> None:
        others = [f"{name} {state.get(name)}, here {mine}" for name, mine in self.facts.items() if state.get(name) != mine]
        if others:
            raise DataError(f"{checkpoint} belongs to another run:\n  " + "\n  ".join(others))

    def load_kept(self, step: int, model: LanguageModel) -> None:
        """Put the weights of an earlier checkpoint of this run into the model, as those that are kept."""
        folder = self.folder / name_of(step)
        load_weights(folder, model)
        self.weights_sha256 = verify(folder)["files"][WEIGHTS]["sha256"]

    def save(
        self,
        model: LanguageModel,
        optimizer: torch.optim.Optimizer | None,
        at: Position,
        average: Mapping[str, Tensor] = MappingProxyType({}),
        course: Course | None = None,
    ) -> None:
        started = time.perf_counter()
        state = {**self.facts, "position": at.to_json(), **({"course": course.to_json()} if course else {})}
        self.run.sync()  # no checkpoint is ahead of the journal
        try:
            self.weights_sha256 = save_checkpoint(self.folder, at.steps, model, optimizer, state, average)
        except (OSError, SafetensorError) as error:
            copies = (1 if optimizer is None else 3) + bool(average)
            needed = sum(p.numel() * p.element_size() for p in model.parameters()) * copies
            raise MachineError(
                f"{self.folder / name_of(at.steps)} can't be saved: {error}. It takes about {needed / 1e6:.1f} MB; "
                f"{shutil.disk_usage(self.folder).free / 1e6:.1f} MB are free. The checkpoints before it are as they were.\n"
                "  Make room, then type the same command again."
            ) from None
        drop_after(self.folder, at.steps)  # passed over, or of a course that was left
        keep_newest_and_best(self.folder, at.best_step)
        self.run.log(at.steps, {"speed/checkpoint_seconds": time.perf_counter() - started}, "checkpoint")


def load_initial(checkpoint: Path, tokenizer_sha256: str, model: LanguageModel) -> None:
    """Weights of another run, whose tokens must mean the same."""
    verify(checkpoint)
    found = read_state(checkpoint).get("tokenizer_sha256")
    if found != tokenizer_sha256:
        raise DataError(
            f"{checkpoint} was trained with another tokenizer: {found}, here {tokenizer_sha256}.\n  Choose the data and tokenizer of that run."
        )
    load_weights(checkpoint, model)


def load_imported(folder: Path, tokenizer: Tokenizer, model: LanguageModel) -> list[str]:
    """Weights of a model of transformers, whose ids must mean the same. Returns the names of tensors that it lacks.

    The end of a document, [MASK] and sentinels begin as what stands for them there where they are ids of ours.
    """
    return load_folder(folder, model, _copies(folder, tokenizer, _ids_in(folder)))


def load_own(model: LanguageModel, tokenizer: Tokenizer) -> list[str]:
    """Weights of the folder that the model itself names, if it is one of transformers; else nothing is done. As load_imported."""
    config = getattr(model, "config", None)
    if not isinstance(config, HuggingFaceSchema) or not config.pretrained:
        return []
    from assay.model.huggingface.choice import files_of, pretrained_ids_fit
    from assay.model.huggingface.theirs import Theirs

    folder = files_of(config)
    ids = _ids_in(folder)
    pretrained_ids_fit(config, ids)
    return cast(Theirs, model).load_folder(folder, _copies(folder, tokenizer, ids))


def _copies(folder: Path, tokenizer: Tokenizer, ids: dict[str, int]) -> dict[int, int]:
    """Id of ours that the folder lacks -> what it begins as. Raises DataError where an id means another token there."""
    mine = [tokenizer.token(number) for number in range(tokenizer.vocab_size)]
    other = next((token for number, token in enumerate(mine) if ids.get(token, number) != number), None)
    if other is not None or not set(mine) & set(ids):
        raise DataError(
            f"{folder} was trained with another tokenizer than this run's"
            + (f": {other!r} is token {ids[other]} there, {mine.index(other)} here" if other is not None else "")
            + f".\n  Type: tokenizer=pretrained {quote(f'tokenizer.path={folder}')}"
        )
    end = read_json(folder / CONFIG).get("eos_token_id")
    ends = [end] if isinstance(end, int) else [*(end if isinstance(end, list) else []), ids.get("[SEP]")]
    wanted = {tokenizer.end_of_document: next((each for each in ends if each is not None), None)}
    wanted |= {len(mine) + i: ids[name] for i in range(SENTINELS) if (name := f"<extra_id_{i}>") in ids}
    masks = [ids[name] for name in MASKS if name in ids]
    wanted |= {len(mine): each for each in masks[:1]}
    return {new: old for new, old in wanted.items() if old is not None}


def _ids_in(folder: Path) -> dict[str, int]:
    import tokenizers

    try:
        found: dict[str, int] = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER_FILE)).get_vocab(with_added_tokens=True)
    except Exception as error:  # the library raises bare Exception
        raise DataError(f"{folder / TOKENIZER_FILE} is missing or no tokenizer: {error}. What its ids mean is not known.") from None
    return found
