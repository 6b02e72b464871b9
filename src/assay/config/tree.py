"""Merged values that remember who set each of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from assay.config.presets import Choice
from assay.config.report import Problem, dotted, show
from assay.config.yaml_source import Keys, Source

# How specific a source is. The values follow Hydra's order; the budget of a run follows this one (budget.py).
DEFAULT_PRESET, ROOT_FILE, CORPUS, EXPERIMENT_PRESET, EXPERIMENT, COMMAND_PRESET, COMMAND = range(7)

Rank = tuple[int, int]
"""Layer, then the order of merging: of two files in one layer, the one that builds on the other comes later."""


@dataclass(frozen=True)
class Origin:
    """Who set a value. Values of equal rank come from one file, or from the command line."""

    place: str
    rank: Rank
    value: Any


@dataclass(frozen=True)
class _Writer:
    at: Callable[[Keys], str]
    rank: Rank


@dataclass
class CorpusRecipe:
    """The cleaning recipe in the file of a corpus and the files it builds on (corpus_recipe.py). `place` is empty if there is none."""

    place: str = ""
    base: Choice | None = None
    fields: list[Source] = field(default_factory=list)


@dataclass
class Tree:
    """The merged values of one config, with everything found wrong on the way."""

    root: str
    values: dict[str, Any] = field(default_factory=dict)
    history: dict[Keys, list[Origin]] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    choice_places: dict[str, str] = field(default_factory=dict)
    chosen_at: dict[str, tuple[str, int]] = field(default_factory=dict)  # group -> where its file was chosen, with that layer
    recipe: CorpusRecipe = field(default_factory=CorpusRecipe)
    removed: dict[Keys, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    guessed: set[str] = field(default_factory=set)  # groups whose choice is wrong: another stands in, to find further mistakes

    def place(self, keys: Keys) -> str:
        """Where the value at `keys` was set. Where none was, the file that ought to hold it."""
        if keys in self.removed:
            return self.removed[keys]
        if keys in self.history:
            return self.history[keys][-1].place
        if len(keys) > 2:
            return self.place(keys[:-1])
        return self.choice_places.get(str(keys[0]) if keys else "", self.root_place)

    @property
    def root_place(self) -> str:
        return f"conf/{self.root}.yaml"

    def merge_file(self, source: Source, layer: int, package: Keys = ()) -> None:
        self.files += 1
        writer = _Writer(lambda keys: source.at(keys[len(package) :]), (layer, self.files))
        holder = self.values
        for key in package:
            inner = holder.get(str(key))
            holder = inner if isinstance(inner, dict) else holder.setdefault(str(key), {})
        for key, value in source.values.items():
            if key != "defaults":
                self._put(holder, (*package, key), value, writer)

    def set(self, keys: Keys, value: Any, place: str) -> None:
        """Apply one value of the command line. A wrong name is stored like a right one: the check finds it, with its place."""
        holder: Any = self.values
        for depth, key in enumerate(keys):
            if isinstance(holder, list):
                if not str(key).isdecimal() or int(key) >= len(holder):
                    self.problems.append(
                        Problem(place, f"{dotted(keys[:depth])} holds {len(holder)} elements, numbered from 0; {show(key)} is none of them")
                    )
                    return
                keys = (*keys[:depth], int(key), *keys[depth + 1 :])
            if depth == len(keys) - 1:
                break
            if isinstance(holder, dict) and key not in holder:
                holder[str(key)] = {}
                self.history[keys[: depth + 1]] = [Origin(place, (COMMAND, 0), {})]
            holder = holder[keys[depth]]
            if not isinstance(holder, (dict, list)):
                self.problems.append(
                    Problem(place, f"{dotted(keys[: depth + 1])} is {show(holder)}, so it has no {dotted(keys[depth + 1 :])}")
                )
                return
        self.removed.pop(keys, None)
        self._put(holder, keys, value, _Writer(lambda _: place, (COMMAND, 0)))

    def remove(self, keys: Keys, value: Any, place: str) -> None:
        """Take a value away, so that the schema's default stands. With a `value` only if it is that one."""
        holder: Any = self.values
        for key in keys[:-1]:
            holder = holder.get(key) if isinstance(holder, dict) else None
        found = holder.pop(str(keys[-1]), None) if isinstance(holder, dict) else None
        if value is not None and found != value:
            self.problems.append(Problem(place, f"{dotted(keys)} is {show(found)}, so it is not taken away"))
        self._forget(keys)
        self.history.pop(keys, None)
        self.removed[keys] = place

    def _put(self, holder: Any, keys: Keys, value: Any, writer: _Writer) -> None:
        """Mappings merge, everything else replaces, as in OmegaConf."""
        old = holder.get(keys[-1]) if isinstance(holder, dict) else holder[keys[-1]]
        if isinstance(value, dict) and isinstance(old, dict):
            for key, inner in value.items():
                self._put(old, (*keys, key), inner, writer)
            return
        if isinstance(old, (dict, list)):
            self._forget(keys)
        holder[keys[-1]] = _copied(value)
        self._remember(keys, value, writer)

    def _forget(self, keys: Keys) -> None:
        for known in [known for known in self.history if len(known) > len(keys) and known[: len(keys)] == keys]:
            del self.history[known]

    def _remember(self, keys: Keys, value: Any, writer: _Writer) -> None:
        self.history.setdefault(keys, []).append(Origin(writer.at(keys), writer.rank, value))
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in inner:
            self._remember((*keys, key), item, writer)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
