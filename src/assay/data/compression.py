"""Unpacks .gz, .bz2 and .zst within limits, known by their names or their first bytes. All limits on unpacking are here."""

import bz2
import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, Protocol

from assay.data.formats import PACKED
from assay.errors import DataError

MEMBER_LIMIT_BYTES = 2 * 2**30
"""Limit of one unpacked file: it is held in memory."""
STREAM_LIMIT_BYTES = 64 * 2**30
"""Limit of a whole compressed tar, unpacked: all of it is read to find its members."""
RATIO_LIMIT = 200
"""Unpacked to packed bytes. Text packs 3 to 20 times, logs up to 100; a bomb about 1,000."""
RATIO_FREE_BYTES = 64 * 2**20
"""Below this size any ratio is allowed, since it does no harm."""
CHUNK_BYTES = 2**20
ZIP_MAGIC = b"PK\x03\x04"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
WINDOW_LIMIT_BYTES = 2**27
"""Limit of a zstd frame's window: what its decoder takes by default."""
MAGIC_BYTES = 4
_MAGIC = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", ZSTD_MAGIC: ".zst"}
_NAMES = {".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd"}
_DAMAGED = (EOFError, OSError, ValueError, zlib.error, tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def packing_of(name: str, content: bytes) -> str | None:
    """.gz, .bz2 or .zst by the name, else by the first bytes: no text begins with them."""
    suffix = PurePosixPath(name.lower()).suffix
    if suffix in PACKED:
        return suffix
    return next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)


def is_packed(name: str, first_bytes: bytes) -> bool:
    """Whether a file is none to be read as it lies: by its name or its first MAGIC_BYTES."""
    return packing_of(name, first_bytes) is not None or first_bytes.startswith(ZIP_MAGIC)


def unpack(content: bytes, name: str, place: str) -> bytes:
    """The content of a packed file, or `content` itself where it is none. Raises DataError for damage, bombs and packing inside packing."""
    kind = packing_of(name, content)
    if kind is None:
        return content
    if not content:
        raise DataError(
            f"{place}: {name} is damaged: a {kind} of no bytes.\n  Repair it or take it away, then type the same command again."
        )
    if kind == ".zst":
        _check_window(content, f"{place}: {name}")
    with named_damage(f"{place}: {name}", _NAMES[kind]):
        stream = LimitedStream(_opened(kind, content), len(content), MEMBER_LIMIT_BYTES, f"{place}: {name}")
        unpacked = stream.read()
    if packing_of("", unpacked) or unpacked.startswith(ZIP_MAGIC):
        raise DataError(f"{place}: {name} holds another compressed file.\n  Unpack it once, so that one {kind} holds one text file.")
    return unpacked


def _check_window(content: bytes, place: str) -> None:
    """Refuse a zstd frame that needs more memory than the decoder takes (RFC 8878, section 3.1.1.1)."""
    if len(content) < 6 or not content.startswith(ZSTD_MAGIC):
        return
    single_segment = content[4] & 0x20
    if single_segment:  # the window is as large as the content
        field = {0: 1, 1: 2, 2: 4, 3: 8}[content[4] >> 6]
        start = 5 + (0, 1, 2, 4)[content[4] & 3]
        window_bytes = int.from_bytes(content[start : start + field], "little") + (256 if field == 2 else 0)
    else:
        base = 1 << (10 + (content[5] >> 3))
        window_bytes = base + base // 8 * (content[5] & 7)
    if window_bytes > WINDOW_LIMIT_BYTES:
        raise DataError(
            f"{place} was compressed with a window of {window_bytes / 2**20:,.0f} MiB, as by `zstd --long=31`; at most "
            f"{WINDOW_LIMIT_BYTES // 2**20} MiB is read.\n  Pack it again: zstd -d --long=31 FILE.zst && zstd FILE"
        )


def _opened(kind: str, content: bytes) -> _Readable:
    if kind == ".gz":
        return gzip.GzipFile(fileobj=io.BytesIO(content))
    if kind == ".bz2":
        return bz2.BZ2File(io.BytesIO(content))
    import pyarrow as arrow

    stream: _Readable = arrow.CompressedInputStream(arrow.BufferReader(content), "zstd")
    return stream


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
        while part := self._count(self._stream.read(CHUNK_BYTES)):
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


def check_size(size_bytes: int, place: str) -> None:
    if size_bytes > MEMBER_LIMIT_BYTES:
        raise DataError(
            f"{place} holds {size_bytes:,} bytes; at most {MEMBER_LIMIT_BYTES:,} are read from one file.\n  Cut it into smaller files."
        )


@contextmanager
def named_damage(place: str, kind: str) -> Iterator[None]:
    """Turn a library's word about damage into one that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise
    except _DAMAGED as error:
        raise DataError(
            f"{place} is damaged or is no {kind} file ({error}).\n  Repair it or take it away, then type the same command again."
        ) from None
