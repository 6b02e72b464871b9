"""Copies a person's own folder, or the standard library, into the project, so that later stages read one fixed snapshot."""

import hashlib
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from assay.data.archive import is_archive, read_file
from assay.data.compression import MAGIC_BYTES, MEMBER_LIMIT_BYTES, check_size, is_packed
from assay.data.formats import BY_LINE, format_of, is_document
from assay.data.patterns import Patterns
from assay.data.places import LOCAL_FILES, citation, corpus_name, is_download, own_files_key
from assay.data.schema import DataSchema, SourceSchema
from assay.data.sources import read_local_manifest
from assay.errors import DataError
from assay.files import (
    ROOT,
    canonical_json,
    draft_folder,
    project_path,
    read_manifest,
    sha256_bytes,
    sha256_file,
    write_atomic,
    write_manifest,
)

STDLIB_LEFT_OUT = frozenset(
    {"test", "tests", "idlelib", "idle_test", "lib2to3", "turtledemo", "site-packages", "dist-packages", "__pycache__"}
)
"""Tests and demos repeat themselves; installed packages are not the standard library."""


def own_sources(data: DataSchema) -> list[SourceSchema]:
    return [source for source in data.sources if not is_download(source)]


def origin(source: SourceSchema, root: Path = ROOT) -> Path:
    if source.stdlib:
        return Path(sysconfig.get_paths()["stdlib"])
    return project_path(str(source.folder), root)


def origin_files(source: SourceSchema, root: Path = ROOT) -> list[tuple[str, Path]]:
    """(name relative to the folder, path) of what a source reads, in byte order. Raises DataError for a link that leaves the folder."""
    top = origin(source, root)
    if top.is_file():
        return [(top.name, top)]
    if not top.is_dir():
        raise DataError(f"{citation(source)}: there is no {top}.\n  Correct `folder` in conf/data/.")
    if (root / "data").resolve().is_relative_to(top.resolve()):
        raise DataError(f"{citation(source)} contains the project's own data folder, so it would copy itself.\n  Name a folder below it.")
    patterns = Patterns(source.members)
    named = list(_walk(top, source.stdlib))
    if not named:
        raise DataError(
            f"{top} holds no file; those whose names begin with a dot are left out.\n  Put texts into it, or name another folder."
        )
    found = [(name, path) for name, path in named if patterns.match(name)]
    patterns.check_all_used(str(top))
    return sorted(found, key=lambda pair: pair[0].encode())


def _walk(top: Path, stdlib: bool) -> Iterator[tuple[str, Path]]:
    inside = top.resolve()
    for folder, folders, names in os.walk(top, onerror=_refuse):  # else a folder that may not be read would be left out without a word
        folders[:] = [name for name in folders if not name.startswith(".") and not (stdlib and _left_out(name))]
        for name in [*folders, *names]:
            _check_link(Path(folder, name), top, inside)
        for name in names:
            relative = Path(folder, name).relative_to(top).as_posix()
            if name.startswith(".") or not Path(folder, name).is_file() or (stdlib and _no_library_code(name)):
                continue
            yield _utf8_name(relative, top), Path(folder, name)


def _refuse(error: OSError) -> NoReturn:
    raise error


def _check_link(path: Path, top: Path, inside: Path) -> None:
    if not path.is_symlink():
        return
    if not Path(os.path.realpath(path)).is_relative_to(inside):
        raise DataError(f"{path} is a link that leaves {top}; it is not followed.\n  Copy the file into the folder, or remove the link.")
    if not path.exists():
        raise DataError(f"{path} is a link that leads to no file.\n  Put the file in its place, or remove the link.")


def _left_out(name: str) -> bool:
    return name in STDLIB_LEFT_OUT or name.startswith("config-")


def _no_library_code(name: str) -> bool:
    return not name.endswith(".py") or name.startswith("_sysconfigdata")  # written at the build, full of its paths


def _utf8_name(name: str, top: Path) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise DataError(
            f"{top}: the file name {os.fsencode(name)!r} is not UTF-8.\n  Rename it: documents are named after their files."
        ) from None
    return name


def own_files_current(data: DataSchema, folder: Path, root: Path = ROOT) -> bool:
    """Whether the copy was made from what the folders hold now, judged by names, sizes and modification times."""
    try:
        read_local_manifest(data, folder)
        known = json.loads(_seen_path(data, root).read_bytes())
    except (DataError, FileNotFoundError, ValueError):
        return False
    return bool(known == _looks(data, root))


def copy_own_files(data: DataSchema, folder: Path, root: Path = ROOT) -> tuple[int, int, bool]:
    """Copy what the sources name to `folder`/files. Returns files, bytes and whether anything differs from before.

    Modification times only say that a look is due: if the bytes are the same, the old copy stays as it is.
    """
    looks = _looks(data, root)
    _check_sizes(data, root)
    final = folder / LOCAL_FILES
    try:
        before = read_manifest(final).get("content_sha256")
    except DataError:
        before = None
    with draft_folder(final) as draft:
        facts = {own_files_key(data, source): _copy_source(data, source, draft, root) for source in own_sources(data)}
        manifest = write_manifest(draft, sources=facts, corpus=corpus_name(data))
    write_atomic(_seen_path(data, root), canonical_json(looks))
    sizes = [entry["bytes"] for entry in manifest["files"].values()]
    return len(sizes), sum(sizes), manifest["content_sha256"] != before


def _check_sizes(data: DataSchema, root: Path) -> None:
    """Refuse a file that is too large to be read before it is copied. Archives, and plain files of lines, are read a part at a time."""
    for source in own_sources(data):
        for name, path in origin_files(source, root):
            size_bytes = path.stat().st_size
            if size_bytes <= MEMBER_LIMIT_BYTES or is_archive(name) or not is_document(name, source):
                continue
            with path.open("rb") as stream:
                packed = is_packed(name, stream.read(MAGIC_BYTES))
            if packed or format_of(name, source) not in BY_LINE:
                check_size(size_bytes, f"{citation(source)}: {name}")


def _copy_source(data: DataSchema, source: SourceSchema, draft: Path, root: Path) -> dict[str, Any]:
    top = draft / own_files_key(data, source)
    top.mkdir()
    digests: dict[str, str] = {}
    for name, path in origin_files(source, root):
        target = top / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        digests[name] = sha256_file(target)
    python = {"python": sys.version.split()[0]} if source.stdlib else {}
    named = source.id_field is not None and all(format_of(name, source) == "jsonl" for name in digests)
    sha256 = _records_sha256([top / name for name in digests]) if named else sha256_bytes(canonical_json(digests))
    return {"source": citation(source), "members": list(source.members), "sha256": sha256, **python}


def _records_sha256(files: list[Path]) -> str:
    """Hash JSONL whose records have names of their own: the same in whatever files, and in whatever order, they lie."""
    lines = (line.strip() for file in files for line in _lines(file))
    return sha256_bytes(b"".join(sorted(hashlib.sha256(line).digest() for line in lines if line)))


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        packed = is_packed(file.name, stream.read(MAGIC_BYTES))
        stream.seek(0)
        if not packed:  # however large it is
            yield from stream
    if packed:
        for _, content in read_file(file, file.name):
            yield from content.splitlines()


def _looks(data: DataSchema, root: Path) -> dict[str, str]:
    """Per source a hash over names, sizes and modification times: what a change of the folder would alter."""
    seen = {}
    for source in own_sources(data):
        files = [(name, path.stat()) for name, path in origin_files(source, root)]
        rows = [[name, facts.st_size, facts.st_mtime_ns] for name, facts in files]
        seen[own_files_key(data, source)] = sha256_bytes(canonical_json([citation(source), source.members, rows]))
    return seen


def _seen_path(data: DataSchema, root: Path) -> Path:
    return root / "data" / "cache" / "collected" / f"{corpus_name(data)}.json"
