"""Makes the raw snapshot of a corpus: pinned downloads, and copies of files of this machine."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assay.data.download import download
from assay.data.own_files import copy_own_files, own_files_current, own_sources
from assay.data.places import LOCAL_FILES, citation, corpus_name, is_download, snapshot_folder
from assay.data.progress import byte_progress
from assay.data.schema import DataSchema, SourceSchema
from assay.data.sources import find_archive
from assay.data.verified import verify_once
from assay.errors import ConfigError, DataError
from assay.files import ROOT, lock, put_in_place, sha256_file

Say = Callable[[str], None]


def collected(data: DataSchema, root: Path = ROOT) -> bool:
    """Whether the snapshot is there, whole and current. No network; all is judged by its bytes, but what own files hold now by size and time."""
    folder = snapshot_folder(data, root)
    archives = all(find_archive(source, folder) for source in data.sources if is_download(source))
    return archives and (not own_sources(data) or (own_files_current(data, folder, root) and _copy_is_whole(folder, root)))


def _copy_is_whole(folder: Path, root: Path) -> bool:
    with suppress(DataError):
        verify_once(folder / LOCAL_FILES, "", root / "data" / "cache" / "verified")
        return True
    return False


def collect(data: DataSchema, root: Path = ROOT, say: Say = print) -> bool:
    """Bring the snapshot of a corpus into place; True if anything had to be done.

    A file gets its final name only when its sha256 is the declared one, so a kill at any moment leaves none that is partial.
    """
    name, folder = corpus_name(data), snapshot_folder(data, root)
    _check_declared(data)
    with lock(root / "data" / "cache" / f"collect-{name}.lock", lambda holder: say(f"{name}: waiting for {holder}, which collects it")):
        if collected(data, root):
            return False
        for source in _distinct(data):
            if not find_archive(source, folder):
                _fetch(name, source, folder, root, say)
        _remove_undeclared(data, folder, say)
        if own_sources(data):
            started = time.perf_counter()
            files, size_bytes, changed = copy_own_files(data, folder, root)
            outcome = "copied" if changed else "looked at again, unchanged:"
            say(f"{name}: {outcome} {files:,} files, {size_bytes / 1e6:.1f} MB, {time.perf_counter() - started:.1f} s")
    return True


def _check_declared(data: DataSchema) -> None:
    for source in data.sources:
        if is_download(source) and not source.sha256:
            raise ConfigError(f"conf/data/{data.name}.yaml: {citation(source)} needs `sha256`, so that everybody trains on the same bytes.")


def _distinct(data: DataSchema) -> list[SourceSchema]:
    """Downloads, each archive once though several sources may read it."""
    return list({source.sha256: source for source in data.sources if is_download(source)}.values())


def _fetch(name: str, source: SourceSchema, folder: Path, root: Path, say: Say) -> None:
    known = _collected_elsewhere(source, folder, root)
    if known is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _link_or_copy(known, folder / known.name, name, root)
        say(f"{name}: {known.name} is already here for {known.parent.name}, taken from there")
        return
    started = time.perf_counter()
    with _drafts(name, root) as draft, byte_progress(f"{name}: {citation(source)}") as progress:
        path = download(source, draft, progress)
        put_in_place(path, folder / path.name)
    size_bytes = (folder / path.name).stat().st_size
    say(f"{name}: {path.name}, {size_bytes / 1e6:.1f} MB, sha256 verified, {time.perf_counter() - started:.1f} s")


def _collected_elsewhere(source: SourceSchema, folder: Path, root: Path) -> Path | None:
    for path in sorted([*root.glob("data/raw/*/*"), *root.glob("data/local/*/*")]):
        if path.parent != folder and path.is_file() and sha256_file(path) == source.sha256:
            return path
    return None


def _link_or_copy(known: Path, final: Path, name: str, root: Path) -> None:
    final.unlink(missing_ok=True)
    try:
        os.link(known, final)
    except OSError:  # another file system, or one without links
        with _drafts(name, root) as draft:
            shutil.copyfile(known, draft / known.name)
            put_in_place(draft / known.name, final)


@contextmanager
def _drafts(name: str, root: Path) -> Iterator[Path]:
    """An empty folder on the file system of data/, but outside data/raw: what a kill leaves there must not change the pinned snapshot.

    The caller holds the corpus's lock, so what lies there is left over.
    """
    folder = root / "data" / "cache" / "drafts" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_undeclared(data: DataSchema, folder: Path, say: Say) -> None:
    declared = {source.sha256 for source in data.sources if is_download(source)}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_file() and sha256_file(path) not in declared:
            path.unlink()
            say(f"{data.name}: removed {path.name}, which conf/data/{data.name}.yaml no longer declares")
