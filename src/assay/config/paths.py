"""One rule for relative paths: typed on the command line they begin at the current folder, written in a file of conf/ at the project.

Configs hold the second kind only, so that a run's record means the same wherever it is read: what is typed is rewritten here.
"""

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from assay.config.check import hints, options
from assay.config.fields import FOLDER, FOLDER_OR_NAME, Range
from assay.config.tree import COMMAND, Origin, Tree
from assay.config.yaml_source import Keys
from assay.files import ROOT, is_folder_name


def place_paths(tree: Tree, schema: type[Any]) -> dict[Keys, Any]:
    """Rewrite the relative paths of the command line to begin at the project; return the values this changed."""
    changed: dict[Keys, Any] = {}
    for keys, history in tree.history.items():
        words = history[-1].value
        if history[-1].rank[0] != COMMAND or not isinstance(words, str):
            continue
        kind = next((limits.path for limits in _ranges(schema, keys) if limits.path), "")
        if kind == FOLDER or (kind == FOLDER_OR_NAME and is_folder_name(words)):
            placed = from_project(words)
            if kind == FOLDER_OR_NAME and "/" not in placed:
                placed = f"./{placed}"  # without a slash it would be a name
            if placed != words:
                changed[keys] = placed
    for keys, placed in changed.items():
        _put(tree.values, keys, placed)
        last = tree.history[keys][-1]
        tree.history[keys].append(Origin(last.place, last.rank, placed))
    return changed


def from_project(words: str) -> str:
    """A path typed at the current folder, as one that begins at the project; absolute where it leads out of it."""
    if not words or words.startswith(("/", "~")) or "\0" in words:
        return words
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the folder was removed under the shell
        return words
    if here == ROOT:
        return words
    path = os.path.normpath(here / words)
    return os.path.relpath(path, ROOT) if Path(path).is_relative_to(ROOT) else path


def _ranges(schema: Any, keys: Keys) -> Iterator[Range]:
    """Yield the range of the field in each schema that it may belong to."""
    if not is_dataclass(schema) or not keys:
        return
    for each in fields(schema):
        if each.name != keys[0]:
            continue
        if len(keys) == 1:
            yield each.metadata.get("range", Range())
            continue
        for member in options(hints(schema)[each.name]):  # type: ignore[arg-type]
            inside_list = get_origin(member) is list and isinstance(keys[1], int)
            yield from _ranges(get_args(member)[0], keys[2:]) if inside_list else _ranges(member, keys[1:])


def _put(values: Any, keys: Keys, value: str) -> None:
    for key in keys[:-1]:
        values = values[key]
    values[keys[-1]] = value
