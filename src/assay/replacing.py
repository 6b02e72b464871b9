"""Contents of a folder that a command may replace: nothing but what the same command wrote there before, and for the same run."""

import shlex
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from assay.errors import ConfigError, DataError
from assay.files import MANIFEST, read_manifest


def named_in_manifest(folder: Path, mark: str) -> set[str]:
    """The files of finished data of one kind, and the manifest itself; none where the manifest lacks `mark`, the file that each of that kind has."""
    try:
        files = read_manifest(folder).get("files", ())
    except (DataError, NotADirectoryError):
        return set()
    return {MANIFEST, *files} if mark in files else set()


def refuse_another_run(folder: Path, exported: Mapping[str, Any], run_id: str | None, instead: str, identity: str | None = None) -> None:
    """Raise ConfigError where `folder` holds what another run exported: `exported` has the facts of that run, `instead` is what to type.

    A run with the same identity, made by rerun=true, is the same experiment and may replace it.
    """
    if exported.get("run_id") == run_id or (identity is not None and exported.get("identity") == identity):
        return
    raise ConfigError(
        f"{folder} holds the export of another run, {exported.get('name')} ({exported.get('run_id')}).\n"
        f"  Type: {instead}, or remove that one first: rm -r {shlex.quote(str(folder))}"
    )


def refuse_to_lose(folder: Path, ours: Collection[str], setting: str) -> None:
    """Raise ConfigError where `folder` holds a file that is none of `ours`. `setting`: what named the folder."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{setting}: {folder} is a file.\n  Name a folder that does not exist yet.")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in ours and (path.is_symlink() or not path.is_dir()):
            raise ConfigError(
                f"{setting}: {folder} would be replaced, and {name} in it, which this command did not write, would be lost.\n"
                "  Name a folder that does not exist yet, or move the file."
            )
