"""Reads files straight from an archive, within limits. Nothing is ever unpacked to disk, so no name in it can reach a path."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from assay.data.compression import CHUNK_BYTES, STREAM_LIMIT_BYTES, ZIP_MAGIC, LimitedStream, check_size, named_damage, unpack
from assay.data.formats import SUFFIXES, is_system_file
from assay.data.patterns import Patterns
from assay.errors import DataError

ZIP_SUFFIXES = (".zip", ".whl")
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz")
ENCRYPTED = 0x1
"""The flag of a member of a zip archive."""


def is_archive(name: str) -> bool:
    return name.lower().endswith((*ZIP_SUFFIXES, *TAR_SUFFIXES))


def read_files(path: Path, patterns: Patterns, place: str | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the files in an archive that match; a file that is no archive is its own only member.

    A packed file (.gz, .bz2, .zst by name or first bytes) is yielded unpacked, under its full name; of a .zip in an archive its files, as
    `a.zip/name`. Raises DataError for links, names that leave the archive, damage and sizes beyond the limits, naming archive and member.
    """
    name, place = path.name.lower(), str(path) if place is None else place
    if name.endswith(ZIP_SUFFIXES):
        with path.open("rb") as stream:
            yield from _unpacked(_zip_files(stream, place, patterns), place)
    elif name.endswith(TAR_SUFFIXES):
        yield from _unpacked(_tar_files(path, place, patterns), place)
    elif patterns.match(path.name):
        yield from read_file(path, path.name)


def read_file(path: Path, name: str, place: str | None = None) -> Iterator[tuple[str, bytes]]:
    """The same of one file, under `name`: of an archive all its files, as `name/member`. `place`: where a person finds it, for messages."""
    place = str(path.parent) if place is None else place
    if is_archive(name):
        for member, content in read_files(path, Patterns(["*"]), f"{place}: {name}"):
            yield f"{name}/{member}", content
        return
    check_size(path.stat().st_size, f"{place}: {name}")
    yield from _unpacked(iter([(name, path.read_bytes())]), place)


def _unpacked(files: Iterator[tuple[str, bytes]], place: str) -> Iterator[tuple[str, bytes]]:
    for name, content in files:
        if is_system_file(name):  # as it is: ._a.gz is none of gzip
            yield name, content
        elif _is_zip(name, content):
            inner = _zip_files(io.BytesIO(content), f"{place}: {name}", Patterns(["*"]))
            for member, unpacked in inner:
                if is_system_file(member):
                    yield f"{name}/{member}", unpacked
                    continue
                if _is_zip(member, unpacked):
                    raise DataError(f"{place}: {name}: {member} holds another compressed file.\n  Unpack it once.")
                yield f"{name}/{member}", unpack(unpacked, member, f"{place}: {name}")
        else:
            yield name, unpack(content, name, place)


def _is_zip(name: str, content: bytes) -> bool:
    """Whether a file is a zip archive: by its name; or by the first bytes where the name says plain text.

    Documents of office programs are zip files too, and no text.
    """
    suffix = PurePosixPath(name.lower()).suffix
    return suffix == ".zip" or (content.startswith(ZIP_MAGIC) and suffix in SUFFIXES)


def _zip_files(stream: IO[bytes], place: str, patterns: Patterns) -> Iterator[tuple[str, bytes]]:
    with named_damage(place, "zip"), zipfile.ZipFile(stream) as archive:
        for entry in archive.infolist():
            if entry.is_dir() or not patterns.match(entry.filename):
                continue
            where = f"{place}: {entry.filename}"
            _check_name(entry.filename, where)
            if (entry.external_attr >> 16) & 0o170000 == 0o120000:
                raise DataError(f"{where} is a link; only plain files are read.")
            _check_readable(entry, where)
            check_size(entry.file_size, where)
            with archive.open(entry) as member:
                yield entry.filename, LimitedStream(member, entry.compress_size, entry.file_size, where).read()


def _check_readable(entry: zipfile.ZipInfo, place: str) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise DataError(f"{place} is encrypted; no password is asked for.\n  Unpack the archive with its password, and name the folder.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        raise DataError(
            f"{place} is compressed by method {entry.compress_type}, which Python's zipfile does not know.\n"
            "  Unpack the archive with the program that made it, and name the folder."
        )


def _tar_files(path: Path, place: str, patterns: Patterns) -> Iterator[tuple[str, bytes]]:
    with named_damage(place, "tar"), path.open("rb") as packed:
        magic = packed.read(2)
        packed.seek(0)
        inner: Any = gzip.GzipFile(fileobj=packed) if magic == b"\x1f\x8b" else packed
        stream = LimitedStream(inner, path.stat().st_size, STREAM_LIMIT_BYTES, place)
        with tarfile.open(fileobj=io.BufferedReader(stream, CHUNK_BYTES), mode="r|") as archive:
            for entry in archive:
                if entry.isdir() or not patterns.match(entry.name):
                    continue
                where = f"{place}: {entry.name}"
                _check_name(entry.name, where)
                member = archive.extractfile(entry) if entry.isreg() else None
                if member is None:
                    raise DataError(f"{where} is a link or a device; only plain files are read.")
                check_size(entry.size, where)
                yield entry.name, member.read()


def _check_name(name: str, place: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or "\0" in name:
        raise DataError(f"{place}: the name leaves the archive; it is refused.")
