"""The default name of a run: what it trains, then what the command line chose otherwise, so that the jobs of a sweep differ in it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from hydra.core.override_parser.types import Override

from assay.config.check import hints, options
from assay.config.presets import EXPERIMENT_GROUP
from assay.config.schema import TRAINER_WITHOUT_EFFECT, WITHOUT_EFFECT
from assay.config.tree import Tree
from assay.files import sha256_bytes

MOST_CHARACTERS = 100  # of tracking.run_name


def default_run_name(tree: Tree, overrides: Sequence[Override], schema: type[Any]) -> str | None:
    """The experiment, or model and corpus, then the overrides that shape the result, as `gpt_nano_mine seed=2 learning_rate=0.01`.

    None where there is neither an experiment nor such an override, or where a name in it is wrong, which is told elsewhere. A setting
    is named without its group where the schema has only one of that name.
    """
    experiment = tree.choices.get(EXPERIMENT_GROUP)
    names = [tree.values[group].get("name") if isinstance(tree.values.get(group), dict) else None for group in ("model", "data")]
    in_base = {EXPERIMENT_GROUP} if experiment else {"model", "data"}
    chosen = {each.key_or_group: each for each in overrides if not _left_out(each.key_or_group, in_base)}
    base = experiment or "_".join(str(name) for name in names)
    if not chosen or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*", base):
        return experiment
    holders = _holders(schema)
    return _joined(base, [(_short(key, holders), _value(override)) for key, override in chosen.items()])


def _left_out(key: str, in_base: set[str]) -> bool:
    group, _, name = key.partition(".")
    return group in WITHOUT_EFFECT or key in in_base or name == "name" or (group == "trainer" and name in TRAINER_WITHOUT_EFFECT)


def _holders(schema: type[Any]) -> Counter[str]:
    """Name of a setting -> how many groups have one, the config itself being one of them."""
    found = Counter(list(hints(schema)))
    for hint in hints(schema).values():
        found.update({each.name for member in options(hint) if is_dataclass(member) for each in fields(member)})
    return found


def _short(key: str, holders: Mapping[str, int]) -> str:
    name = key.partition(".")[2]
    return name if holders.get(name) == 1 else key


def _value(override: Override) -> str:
    if override.is_delete():
        return "default"
    if override.is_sweep_override():  # without --multirun, which is refused
        return str(override.input_line).partition("=")[2]
    return str(override.get_value_element_as_str())


def _joined(base: str, chosen: Sequence[tuple[str, str]]) -> str:
    """Whole words while they fit. A hash stands for what was left out, or holds characters that a name can't."""
    words = [f"{_allowed(key)}={_allowed(value)}" for key, value in chosen]
    exact = all(_allowed(text) == text for pair in chosen for text in pair)
    whole = " ".join([base, *words])
    if exact and len(whole) <= MOST_CHARACTERS:
        return whole
    digest = sha256_bytes(repr((base, chosen)).encode())[:6]
    for kept in range(len(words), -1, -1):
        more = [f"and {len(words) - kept} more"] if kept < len(words) else []
        name = " ".join([base, *words[:kept], *more, digest])
        if len(name) <= MOST_CHARACTERS:
            return name
    return f"{base[: MOST_CHARACTERS - len(digest) - 1]} {digest}"


def _allowed(text: str) -> str:
    """With one `-` for each stretch of characters that a run's name can't have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)
