"""The raw files of a corpus as units of work: read in the parent from archives and folders, cleaned anywhere."""

import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assay.data.archive import read_file, read_files
from assay.data.cleaning.decoding import choose_encoding
from assay.data.cleaning.detection import is_utf8
from assay.data.cleaning.drop import Drop
from assay.data.compression import MAGIC_BYTES, is_packed
from assay.data.formats import BY_LINE, format_of, is_document
from assay.data.maps import give_back, map_file
from assay.data.patterns import Patterns
from assay.data.places import LOCAL_FILES, citation, is_download, own_files_key
from assay.data.saved_dataset import files_left_out
from assay.data.schema import DataSchema, SourceSchema
from assay.errors import DataError
from assay.files import MANIFEST, sha256_file, verify_manifest

LINE_END = 0xA
UNIT_BYTES = 4 * 2**20
"""Files made of lines are cut into units near this size, so that one large file occupies every process."""


@dataclass(frozen=True)
class Unit:
    """A file, or whole lines of one. `first_line` counts from 1."""

    source: int
    path: str
    content: bytes
    first_line: int = 1
    encoding: str | None = None


def snapshot_facts(data: DataSchema, folder: Path) -> list[dict[str, str | int]]:
    """Return each source and its hash, without reading it: the declared sha256, or the one in the local copy's manifest."""
    return [{"source": citation(source), "sha256": _source_sha256(data, source, folder)} for source in data.sources]


def own_file_hashes(data: DataSchema, folder: Path) -> dict[str, str]:
    """File of a person's own folder, or of the standard library, as it was copied -> sha256."""
    if all(is_download(source) for source in data.sources):
        return {}
    files = read_local_manifest(data, folder)["files"]
    return {name: str(facts["sha256"]) for name, facts in files.items()}


def _source_sha256(data: DataSchema, source: SourceSchema, folder: Path) -> str:
    if is_download(source):
        return str(source.sha256)
    manifest = read_local_manifest(data, folder)
    return str(manifest["sources"][own_files_key(data, source)]["sha256"])


def read_local_manifest(data: DataSchema, folder: Path) -> dict[str, Any]:
    """Return what the copy of a corpus's own files was made from. Raises DataError where that is not what the config names."""
    try:
        manifest: dict[str, Any] = json.loads((folder / LOCAL_FILES / MANIFEST).read_bytes())
        copied = {key: (facts["source"], facts["members"]) for key, facts in manifest["sources"].items()}
    except FileNotFoundError:
        raise DataError(f"{folder} holds no copy of the files of {data.name}.\n  Run: {collect_command(data)}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        copied = {}  # cut, edited, or written by another version of this program
    own = [source for source in data.sources if not is_download(source)]
    if copied != {own_files_key(data, source): (citation(source), list(source.members)) for source in own}:
        raise DataError(
            f"{folder} was collected from other sources than conf/data/{data.name}.yaml names now.\n  Run: {collect_command(data)}"
        )
    return manifest


def collect_command(data: DataSchema) -> str:
    return f"python src/collect.py {data.name}"


def find_archive(source: SourceSchema, folder: Path) -> Path | None:
    """The file of a snapshot that has the declared sha256; its name is the registry's affair."""
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.is_file() and sha256_file(path) == source.sha256:
                return path
    return None


def verify_snapshot(data: DataSchema, folder: Path) -> list[Path]:
    """The file or folder of each source, every byte checked. Raises DataError naming what is missing or altered, and the repair."""
    archives = verify_downloads(data, folder)
    if not all(is_download(source) for source in data.sources):
        read_local_manifest(data, folder)
        verify_manifest(folder / LOCAL_FILES, f"make data   (or: {collect_command(data)})")
    own = folder / LOCAL_FILES
    return [archives[str(source.sha256)] if is_download(source) else own / own_files_key(data, source) for source in data.sources]


def verify_downloads(data: DataSchema, folder: Path) -> dict[str, Path]:
    """Declared sha256 -> the file that has it."""
    repair = f"make data   (or: {collect_command(data)})"
    archives: dict[str, Path] = {}
    for source in data.sources:
        if is_download(source) and str(source.sha256) not in archives:
            archives[str(source.sha256)] = _verified_archive(source, folder, repair)
    return archives


def _verified_archive(source: SourceSchema, folder: Path, repair: str) -> Path:
    path = find_archive(source, folder)
    if path is None:
        others = [other.name for other in sorted(folder.iterdir()) if other.is_file()] if folder.is_dir() else []
        found = f"found {', '.join(others)}, altered or of another version" if others else "found nothing"
        raise DataError(
            f"{folder}: expected the file of {citation(source)} with sha256 {str(source.sha256)[:12]}..., {found}.\n  Run: {repair}"
        )
    return path


def units(data: DataSchema, places: list[Path], encodings: list[str]) -> Iterator[Unit]:
    """Every file of every source, in an order that does not matter: documents are sorted by id at the end."""
    for index, (source, place) in enumerate(zip(data.sources, places, strict=True)):
        patterns = Patterns(["*"] if source.stdlib else source.members)
        if place.is_file():
            for path, content in read_files(place, patterns):
                yield from _units_of(index, path, content, source, encodings)
        else:
            yield from _folder_units(index, place, patterns, source, encodings)
        patterns.check_all_used(str(place))


def _folder_units(index: int, folder: Path, patterns: Patterns, source: SourceSchema, encodings: list[str]) -> Iterator[Unit]:
    wanted = Patterns(source.members).match
    left_out = files_left_out(folder, wanted, citation(source)) if source.format == "dataset" else set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or not patterns.match(name) or name in left_out:
            continue
        mapped = _large_lines(path, name, source, encodings)
        if mapped is not None:
            for unit in _lines(index, name, mapped, "utf-8"):
                yield unit
                give_back(mapped)
            continue
        for member, content in read_file(path, name, citation(source)):
            yield from _units_of(index, member, content, source, encodings)


def _large_lines(path: Path, name: str, source: SourceSchema, encodings: list[str]) -> mmap.mmap | None:
    """A large file of lines in UTF-8, mapped: it takes no memory however large it is. None for any other file, which is read whole."""
    if (
        not {"auto", "utf-8"} & set(encodings)
        or path.stat().st_size <= UNIT_BYTES
        or format_of(name, source) not in BY_LINE
        or not is_document(name, source)
    ):
        return None
    mapped = map_file(path)
    return mapped if not is_packed(name, mapped[:MAGIC_BYTES]) and is_utf8(mapped) else None


def _units_of(index: int, path: str, content: bytes, source: SourceSchema, encodings: list[str]) -> Iterator[Unit]:
    if not is_document(path, source):
        return
    if format_of(path, source) in BY_LINE and len(content) > UNIT_BYTES:
        encoding = choose_encoding(content, encodings)
        if encoding == Drop("undecodable") and {"auto", "utf-8"} & set(encodings):
            encoding = "utf-8"  # as in unit.py: each record that is not is a bad one of its own
        if not isinstance(encoding, Drop) and not encoding.startswith(("utf-16", "utf-32")):  # in these a byte 0x0A may end no line
            yield from _lines(index, path, content, encoding)
            return
    yield Unit(index, path, content)


def line_ends(content: bytes) -> int:
    """Line ends of any of the three kinds. Counted by numpy, for bytes.count takes a byte at a time."""
    newlines = int(np.count_nonzero(np.frombuffer(content, dtype=np.uint8) == LINE_END))
    return newlines + content.count(b"\r") - content.count(b"\r\n") if b"\r" in content else newlines


def _lines(index: int, path: str, content: bytes | mmap.mmap, encoding: str) -> Iterator[Unit]:
    start, line = 0, 1
    while start < len(content):
        end = content.find(b"\n", start + UNIT_BYTES) + 1 or len(content)
        part = content[start:end]
        yield Unit(index, path, part, line, encoding)
        line += line_ends(part)
        start = end
