"""The folder conf/: its roots, its groups, what each file's defaults list says."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from assay.config.report import Problem, did_you_mean, show
from assay.config.yaml_source import Source, read_yaml
from assay.files import ROOT

SELF = "_self_"
SCHEMA = "schema"
EXPERIMENT_GROUP = "experiment"


@dataclass(frozen=True)
class Choice:
    """One entry of a defaults list: `- group: name`; `group` is "" where the entry is a name alone."""

    group: str
    name: str | None
    place: str


@dataclass
class Defaults:
    """A file's defaults list, in order. Without `_self_` the file's own values come last, as in Hydra."""

    entries: list[Choice] = field(default_factory=list)
    overrides: list[Choice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Conf:
    """Files are read once, so that a sweep of a thousand jobs parses each one time."""

    def __init__(self, folder: Path = ROOT / "conf") -> None:
        self.folder = folder
        self._sources: dict[str, Source] = {}
        self._defaults: dict[str, Defaults] = {}

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Group -> the choices it offers, both in the order of their bytes."""
        folders = sorted(path for path in self.folder.iterdir() if path.is_dir()) if self.folder.is_dir() else []
        return {path.name: sorted(file.stem for file in path.glob("*.yaml") if file.is_file()) for path in folders}

    @cached_property
    def roots(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.yaml"))

    def source(self, name: str) -> Source:
        """The file `name` ("train", "model/gpt_nano"), read; it may not exist only where the caller has not looked in `groups`."""
        if name not in self._sources:
            self._sources[name] = read_yaml(self.folder / f"{name}.yaml", f"{self.folder.name}/{name}.yaml")
        return self._sources[name]

    def defaults(self, name: str) -> Defaults:
        if name not in self._defaults:
            self._defaults[name] = _read_defaults(self.source(name))
        return self._defaults[name]

    def missing(self, group: str, name: str) -> str:
        """Why conf/<group>/<name>.yaml cannot be chosen."""
        choices = self.groups.get(group, [])
        stem = name.rpartition("/")[2].removesuffix(".yaml")
        if stem != name and stem in choices:
            return f"{show(name)} is a file; a choice is its name alone: did you mean {group}={stem}?"
        text = f"no {self.folder.name}/{group}/{name}.yaml" if name.isidentifier() else f"{show(name)} is not a choice of {group}"
        return f"{text}{did_you_mean(name, choices)} (choices: {', '.join(choices) or 'none'})"


def _read_defaults(source: Source) -> Defaults:
    found = Defaults()
    listed = source.values.get("defaults", [])
    if not isinstance(listed, list):
        found.problems.append(Problem(source.at(("defaults",)), "defaults must be a list of choices: - group: name"))
        return found
    for number, entry in enumerate(listed):
        place = source.at(("defaults", number))
        if isinstance(entry, str):
            found.entries.append(Choice("", entry, place))
        elif isinstance(entry, dict) and len(entry) == 1:
            _read_pair(*next(iter(entry.items())), place, found)
        else:
            found.problems.append(Problem(place, "a line of defaults is one choice: - group: name"))
    if listed and not any(entry.name == SELF for entry in found.entries):
        found.entries.append(Choice("", SELF, source.place))
    return found


def _read_pair(key: str, name: object, place: str, found: Defaults) -> None:
    if name is not None and not isinstance(name, str):
        found.problems.append(Problem(place, f"a choice is the name of a file, found {show(name)}"))
        return
    if not key.startswith("override "):
        found.entries.append(Choice(key, name, place))
    elif name is None:
        found.problems.append(Problem(place, "override needs the name of a file; leave the line out to keep the choice"))
    else:
        found.overrides.append(Choice(key.removeprefix("override ").strip(), name, place))
