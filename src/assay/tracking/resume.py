"""Going on with a named run: by its own config, in which only what does not belie its past may change."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from assay.config.plain import read_config
from assay.config.schema import TrainConfig
from assay.errors import ConfigError, DataError
from assay.files import canonical_json, is_folder_name, sha256_bytes
from assay.model.schema import HuggingFaceSchema
from assay.tracking.identity import Identity, of_parts
from assay.tracking.journal import read_journal
from assay.tracking.lookup import RunEntry, find_checkpoint, find_run

CHANGEABLE = (
    *("max_steps", "max_tokens", "max_minutes", "evaluate_every_steps", "early_stopping_patience"),
    *("checkpoint_every_steps", "print_every_steps", "loader_workers"),
)
"""Fields of the trainer that may change on resume: how long, what is evaluated on the way, and the number of loader workers."""
OF_THE_COMMAND = ("dry_run", "rerun", "resume", "prepare", "export", "engine", "tracking")


def resumed(config: TrainConfig, typed: Sequence[str] | None = None) -> TrainConfig:
    """The config of the run that `config.resume` names, with the budget and intervals that were typed (words of the command line).

    Raises ConfigError listing every other typed setting that the run was not begun with.
    """
    if config.init is not None:
        _look_at(config.init, config)
    if config.resume == "auto":
        return _settled(config)
    entry = find_run(config.resume.partition("/")[0], finished_first=False)
    if entry.finished:
        raise ConfigError(
            f"run {entry.run_id} is finished; there is nothing to resume.\n  To train on from its weights: init={entry.run_id}"
        )
    stored = read_config(entry.folder / "config.yaml", TrainConfig)
    config = _settled(config, stored)
    words = [word for word in (sys.argv[1:] if typed is None else typed) if "=" in word]
    keys = [word.partition("=")[0].lstrip("+~") for word in words]
    if "experiment" in keys:  # it sets what it likes
        keys += [each.name for each in fields(config) if each.name not in (*OF_THE_COMMAND, "init")]
    changes = {key.partition(".")[2] for key in keys if key.startswith("trainer.")} & set(CHANGEABLE)
    budget = {"max_steps", "max_tokens", "max_minutes"}
    if changes & budget:
        changes |= budget  # one replaces another
    trainer = replace(stored.trainer, **{name: getattr(config.trainer, name) for name in changes})
    wanted = replace(stored, trainer=trainer, **{name: getattr(config, name) for name in OF_THE_COMMAND})
    if "tracking.run_name" not in keys:  # the default name is made of this command's words, the run has its own
        wanted = replace(wanted, tracking=replace(wanted.tracking, run_name=stored.tracking.run_name))
    others = [line for key in keys for line in _differences(key, config, wanted)]
    if others:
        raise ConfigError(
            f"run {entry.run_id} can't go on with other settings than it was begun with:\n  "
            + "\n  ".join(others)
            + f"\n  What may change: {', '.join('trainer.' + name for name in CHANGEABLE)}. Else begin a new one: init={entry.run_id}"
        )
    return wanted


def _settled(config: TrainConfig, stored: TrainConfig | None = None) -> TrainConfig:
    """With what the folder of a model of transformers says, now or, of a stored run, then."""
    if not isinstance(config.model, HuggingFaceSchema):
        return config
    from assay.model.huggingface.choice import as_settled, settled

    model = settled(config.model, config.data.context_tokens) if stored is None else as_settled(config.model, stored.model)
    return replace(config, model=model)


def _look_at(init: str, config: TrainConfig) -> None:
    """A mistake in its name, or a model of another form, is said before data is prepared."""
    if not is_folder_name(init):
        find_checkpoint(init)
        return
    from assay.model.huggingface.importing import refuse_another_form

    refuse_another_form(init, config.model, config.data.context_tokens)


def changes_since(entry: RunEntry, config: TrainConfig, last: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Setting -> its value until now and from now on. `last` has those that were changed before; the others are as the run was begun."""
    stored = read_config(entry.folder / "config.yaml", TrainConfig)
    names = [name for name in CHANGEABLE if name not in ("checkpoint_every_steps", "print_every_steps", "loader_workers")]
    began = {f"trainer.{name}": getattr(stored.trainer, name) for name in names}
    pairs = {f"trainer.{name}": getattr(config.trainer, name) for name in names}
    return {key: [was, pairs[key]] for key, was in {**began, **last}.items() if key in pairs and was != pairs[key]}


def going_on(config: TrainConfig, identity: Identity) -> tuple[RunEntry, Path | None, Identity, dict[str, Any]]:
    """The run to go on with, the checkpoint if one was named, the identity of what comes out, and what changed meanwhile.

    Other tokens or another tokenizer are refused: the weights would be trained on noise. Other code, or another machine, is recorded.
    """
    name, _, step = config.resume.partition("/")
    entry = find_run(name, finished_first=False)
    earlier = [line["changes"] for line in read_journal(entry.folder / "journal.jsonl") if line["kind"] == "changed"]
    last = {key: now for changes in earlier for key, (_, now) in changes.items()}
    began = {part: last.get(part, was) for part, was in entry.parts.items()}
    moved = {part: [was, identity.parts.get(part)] for part, was in began.items() if identity.parts.get(part) != was}
    foreign = [f"{part}: {was} in the run, {now} here" for part, (was, now) in moved.items() if part in ("tokens", "tokenizer")]
    if foreign:
        raise DataError(f"run {entry.run_id} was begun with other data:\n  " + "\n  ".join(foreign))
    changes: dict[str, Any] = {
        **changes_since(entry, config, last),
        **{part: pair for part, pair in moved.items() if part in ("code", "environment")},
    }
    course = [*earlier, changes] if changes else earlier
    if course:  # also one that has come back to what it was begun with
        past = sha256_bytes(canonical_json([entry.identity, *course]))
        identity = of_parts({**identity.parts, "past": past}, {**identity.inputs, "past": past})
    return entry, find_checkpoint(f"{entry.run_id}/{step}")[1] if step else None, identity, changes


def _differences(key: str, config: TrainConfig, wanted: TrainConfig) -> list[str]:
    """A line for each setting under a typed key in which the two configs differ."""
    group, _, name = key.partition(".")
    mine, theirs = getattr(config, group, None), getattr(wanted, group, None)
    if not is_dataclass(mine):
        return [] if mine == theirs else [f"{group}: {theirs!r} in the run, {mine!r} here"]
    names = [name.partition(".")[0].partition("[")[0]] if name else [each.name for each in fields(mine)]
    pairs = [(each, getattr(theirs, each, None), getattr(mine, each, None)) for each in names]
    return [f"{group}.{each}: {was!r} in the run, {now!r} here" for each, was, now in pairs if was != now]
