"""Brings the raw text of a corpus up to date before a command reads it: what is missing is collected, changed folders are copied again."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from assay.data.collect import collect
from assay.data.own_files import origin, own_files_current, own_sources
from assay.data.places import LOCAL_FILES, is_download, snapshot_folder
from assay.data.schema import DataSchema, SourceSchema
from assay.data.sources import collect_command, verify_downloads
from assay.data.verified import verify_once
from assay.errors import DataError
from assay.files import MANIFEST, ROOT

Say = Callable[[str], None]
Mode = Literal["auto", "never"]


class DataMissingError(DataError):
    """Raised where what is asked for was never made, or is out of date; nothing is wrong with it otherwise."""


def bring_up_to_date(data: DataSchema, root: Path = ROOT, say: Say = print) -> None:
    """Make the raw snapshot what the config and the user's folders say now. Raises DataError for an altered download."""
    check_snapshot(data, "auto", root, say)
    if any(is_download(source) for source in data.sources) and not _has_files(snapshot_folder(data, root)):
        collect(data, root, say)


def check_snapshot(data: DataSchema, mode: Mode, root: Path, say: Say) -> None:
    """Stop on an altered raw file, and take over what changed in a person's own folder, before anything is called current.

    Downloads that are not here yet are no fault: finished data can come from a DVC remote without them.
    """
    folder = snapshot_folder(data, root)
    own = own_sources(data)
    copied = (folder / LOCAL_FILES / MANIFEST).is_file()
    if own and mode == "never" and not copied:
        raise DataMissingError(f"the files of corpus {data.name} are not collected, and prepare=never.\n  Run: {collect_command(data)}")
    if any(is_download(source) for source in data.sources) and _has_files(folder):
        verify_downloads(data, folder)
    if not own:
        return
    if mode == "auto":
        _take_over_changes(data, own, root, say)
    verify_once(folder / LOCAL_FILES, collect_command(data), root / "data" / "cache" / "verified")


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.iterdir())


def _take_over_changes(data: DataSchema, own: list[SourceSchema], root: Path, say: Say) -> None:
    folder = snapshot_folder(data, root)
    copied = (folder / LOCAL_FILES / MANIFEST).is_file()
    gone = [origin(source, root) for source in own if not origin(source, root).exists()]
    if gone and copied:
        say(f"preparing data: {gone[0]} is not on this machine; using the copy in {folder.relative_to(root)}")
    elif not own_files_current(data, folder, root):
        collect(data, root, say)
