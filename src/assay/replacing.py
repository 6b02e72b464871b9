"""A folder that is replaced goes with all it holds, so it may hold nothing but what the same command wrote there before."""

from collections.abc import Collection
from pathlib import Path

from assay.errors import ConfigError, DataError
from assay.files import MANIFEST, read_manifest


def named_in_manifest(folder: Path) -> set[str]:
    """The files of finished data, and the manifest itself; none where there is no manifest."""
    try:
        return {MANIFEST, *read_manifest(folder).get("files", ())}
    except (DataError, NotADirectoryError):
        return set()


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
