"""Which files of a folder saved by Hugging Face's `datasets` belong to the data set. Others are caches of `.map()` and `.shuffle()`."""

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from assay.data.formats import DATASET_SUFFIXES
from assay.errors import DataError

STATE, SPLITS = "state.json", "dataset_dict.json"


def files_left_out(folder: Path, read: Callable[[str], bool], place: str) -> set[str]:
    """Names below `folder` of tables that its state.json and dataset_dict.json do not list.

    `read`: whether a source reads a file of that name. Raises DataError for a listed file that it would read and that is not there, and
    for a data set whose rows are chosen by a file of indices.
    """
    tables = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in DATASET_SUFFIXES and path.is_file()}
    left_out: set[str] = set()
    for state in sorted(folder.rglob(STATE)):
        inside = PurePosixPath(state.relative_to(folder).parent.as_posix())
        listed = {(inside / name).as_posix() for name in _listed(state, f"{place}: {inside / STATE}")}
        _check_there(listed - tables, read, f"{place}: {inside / STATE}")
        left_out |= {name for name in tables - listed if PurePosixPath(name).parent == inside}
    for splits in sorted(folder.rglob(SPLITS)):
        inside = PurePosixPath(splits.relative_to(folder).parent.as_posix())
        names = _value(splits, "splits", f"{place}: {inside / SPLITS}")
        others = {state.parent.name for state in splits.parent.glob(f"*/{STATE}")} - set(names)
        left_out |= {name for name in tables if PurePosixPath(name).is_relative_to(inside) and _part(name, inside) in others}
    return left_out


def _listed(state: Path, place: str) -> list[str]:
    if _value(state, "_indices_data_files", place):
        raise DataError(
            f"{place}: the rows of this data set are chosen by a file of indices.\n  Save it again: dataset.flatten_indices().save_to_disk(FOLDER)"
        )
    return [str(entry["filename"]) for entry in _value(state, "_data_files", place) if isinstance(entry, dict) and "filename" in entry]


def _value(path: Path, key: str, place: str) -> list[Any]:
    try:
        value = json.loads(path.read_bytes()).get(key) or []
    except (ValueError, AttributeError, RecursionError) as error:
        raise DataError(f"{place} is damaged ({error}).\n  Save the data set again.") from None
    if not isinstance(value, list):
        raise DataError(f"{place}: {key} is {type(value).__name__}, expected a list.\n  Save the data set again.")
    return value


def _check_there(missing: set[str], read: Callable[[str], bool], place: str) -> None:
    wanted = sorted(name for name in missing if read(name))
    if wanted:
        raise DataError(f"{place} names {wanted[0]}, which is not there.\n  Copy the whole folder, or save the data set again.")


def _part(name: str, inside: PurePosixPath) -> str:
    return PurePosixPath(name).relative_to(inside).parts[0]
