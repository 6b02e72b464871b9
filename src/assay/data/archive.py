"""Reads files straight from an archive, within limits. Nothing is ever unpacked to disk, so no name in it can reach a path."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from assay.data.patterns import Patterns
from assay.errors import DataError

MEMBER_LIMIT_BYTES = 2 * 2**30
"""Of one file, unpacked: it is held in memory."""
STREAM_LIMIT_BYTES = 64 * 2**30
"""Of a whole compressed tar, unpacked: all of it is read to find its members."""
RATIO_LIMIT = 200
"""Unpacked to packed bytes. Text packs 3 to 20 times, logs up to 100; a bomb about 1,000."""
RATIO_FREE_BYTES = 64 * 2**20
"""Below this size any ratio is allowed, since it does no harm."""
NESTED_MAGIC = (b"\x1f\x8b", b"PK\x03\x04")
_CHUNK_BYTES = 2**20
_DAMAGED = (EOFError, OSError, zlib.error, tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def read_files(path: Path, patterns: Patterns) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the files in an archive that match; a file that is no archive is its own only member.

    A name ending in .gz is yielded unpacked, under its full name. Raises DataError for links, names that leave the archive, damage and
    sizes beyond the limits, naming archive and member.
    """
    name = path.name.lower()
    if name.endswith((".zip", ".whl")):
        found = _zip_files(path, patterns)
    elif name.endswith((".tar", ".tar.gz", ".tgz")):
        found = _tar_files(path, patterns)
    else:
        found = _plain_file(path, patterns)
    for member, content in found:
        yield member, unpack(content, member, str(path)) if member.lower().endswith(".gz") else content


def unpack(content: bytes, name: str, place: str) -> bytes:
    """The content of a .gz file, by its limits."""
    if not content:
        raise DataError(f"{place}: {name} is damaged: a .gz of no bytes.")
    stream = LimitedStream(gzip.GzipFile(fileobj=io.BytesIO(content)), len(content), MEMBER_LIMIT_BYTES, f"{place}: {name}")
    with _named(f"{place}: {name}", "gzip"):
        unpacked = stream.read()
    if unpacked[:4].startswith(NESTED_MAGIC):
        raise DataError(f"{place}: {name} holds another compressed file.\n  Unpack it once, so that one .gz holds one text file.")
    return unpacked


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class LimitedStream(io.RawIOBase):
    """A stream that stops with DataError once it has given more bytes than allowed, in all or for each packed byte."""

    def __init__(self, stream: _Readable, packed_bytes: int, limit_bytes: int, place: str) -> None:
        self._stream, self._packed_bytes, self._limit_bytes, self._place = stream, packed_bytes, limit_bytes, place
        self._given_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._count(self._stream.read(len(buffer)))
        buffer[: len(part)] = part
        return len(part)

    def readall(self) -> bytes:
        parts = []
        while part := self._count(self._stream.read(_CHUNK_BYTES)):
            parts.append(part)
        return b"".join(parts)

    def _count(self, part: bytes) -> bytes:
        self._given_bytes += len(part)
        if self._given_bytes > self._limit_bytes:
            raise DataError(f"{self._place} unpacks to more than {self._limit_bytes:,} bytes.\n  Cut it into smaller files.")
        if self._given_bytes > max(RATIO_FREE_BYTES, RATIO_LIMIT * self._packed_bytes):
            raise DataError(
                f"{self._place} unpacks to more than {RATIO_LIMIT} times its {self._packed_bytes:,} bytes, as an archive bomb does."
            )
        return part


def _plain_file(path: Path, patterns: Patterns) -> Iterator[tuple[str, bytes]]:
    if patterns.match(path.name):
        _check_size(path.stat().st_size, str(path))
        yield path.name, path.read_bytes()


def _zip_files(path: Path, patterns: Patterns) -> Iterator[tuple[str, bytes]]:
    with _named(str(path), "zip"), zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.is_dir() or not patterns.match(entry.filename):
                continue
            place = f"{path}: {entry.filename}"
            _check_name(entry.filename, place)
            if (entry.external_attr >> 16) & 0o170000 == 0o120000:
                raise DataError(f"{place} is a link; only plain files are read.")
            _check_size(entry.file_size, place)
            with archive.open(entry) as member:
                yield entry.filename, LimitedStream(member, entry.compress_size, MEMBER_LIMIT_BYTES, place).read()


def _tar_files(path: Path, patterns: Patterns) -> Iterator[tuple[str, bytes]]:
    with _named(str(path), "tar"), path.open("rb") as packed:
        magic = packed.read(2)
        packed.seek(0)
        inner: _Readable = gzip.GzipFile(fileobj=packed) if magic == b"\x1f\x8b" else packed
        stream = LimitedStream(inner, path.stat().st_size, STREAM_LIMIT_BYTES, str(path))
        with tarfile.open(fileobj=io.BufferedReader(stream, _CHUNK_BYTES), mode="r|") as archive:
            for entry in archive:
                if entry.isdir() or not patterns.match(entry.name):
                    continue
                place = f"{path}: {entry.name}"
                _check_name(entry.name, place)
                member = archive.extractfile(entry) if entry.isreg() else None
                if member is None:
                    raise DataError(f"{place} is a link or a device; only plain files are read.")
                _check_size(entry.size, place)
                yield entry.name, member.read()


def _check_name(name: str, place: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or "\0" in name:
        raise DataError(f"{place}: the name leaves the archive; it is refused.")


def _check_size(size_bytes: int, place: str) -> None:
    if size_bytes > MEMBER_LIMIT_BYTES:
        raise DataError(
            f"{place} holds {size_bytes:,} bytes; at most {MEMBER_LIMIT_BYTES:,} are read from one file.\n  Cut it into smaller files."
        )


@contextmanager
def _named(place: str, kind: str) -> Iterator[None]:
    """Turn a library's word about damage into one that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise
    except _DAMAGED as error:
        raise DataError(f"{place} is damaged or is no {kind} file ({error}).") from None
