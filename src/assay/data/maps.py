"""Files mapped into memory. What was read of a map counts as this process's memory until it is given back, be the file larger than all of it."""

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

IN_MEMORY_BYTES = 2**26
"""Rows that take more lie in a file without a name, which goes when this process does."""


def map_file(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def give_back(mapped: mmap.mmap | NDArray[Any]) -> None:
    """Release the memory of a file's map, or of an array in one: the pages are the kernel's again, and are read again when they are asked for. Else nothing."""
    base: Any = mapped
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


def release_freed() -> None:
    """To the kernel, what was freed and lies between what is still in use: arrays of one size for each document come and go by the dozen."""
    import pyarrow as arrow  # 0.2 s of CPU, which a look at finished data does not need

    arrow.set_memory_pool(arrow.system_memory_pool())  # malloc, as numpy uses it: Arrow's own keeps what it had, for itself alone
    arrow.default_memory_pool().release_unused()


class StoredRows:
    """Rows (N, ...) in a file, read when they are asked for. `file` may be closed, and its name removed, by whoever made it.

    Not mapped: of a map a row of 512 bytes brings up to 2 MiB into this process's memory, as much as the kernel holds in one piece.
    """

    def __init__(self, file: IO[bytes], dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
        self.dtype, self.shape = dtype, shape
        self.handle = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.handle)
        self.row_bytes = dtype.itemsize * int(np.prod(shape[1:]))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, run: slice) -> NDArray[Any]:
        """Rows that follow each other."""
        start, end, _ = run.indices(len(self))
        found = self._room(max(0, end - start))
        self._fill(found, start)
        return found

    def take(self, rows: NDArray[np.int64], axis: int = 0) -> NDArray[Any]:
        """Rows at any places, as numpy's arrays give them."""
        found = self._room(len(rows))
        for place, row in enumerate(rows.tolist()):
            self._fill(found[place : place + 1], row)
        return found

    def _room(self, count: int) -> NDArray[Any]:
        return np.empty((count, *self.shape[1:]), self.dtype)

    def _fill(self, room: NDArray[Any], start: int) -> None:
        view, offset = room.reshape(-1).view(np.uint8).data, start * self.row_bytes
        while view:  # a read of gigabytes may give less than was asked for
            count = os.preadv(self.handle, [view], offset)
            if not count:
                raise OSError("a file of stored rows ended early")
            view, offset = view[count:], offset + count


Rows = NDArray[Any] | StoredRows


class Parts:
    """One array in several, each mapped into memory: (N, ...) in all. Too much to be joined."""

    def __init__(self, parts: Sequence[NDArray[Any]], scratch: Path) -> None:
        self.parts = parts
        self.scratch = scratch
        self.starts = np.cumsum([0, *(len(part) for part in parts)])

    def rows(self, wanted: NDArray[np.int64]) -> Rows:
        """The rows at ascending places, in memory or in a file in the folder `scratch`."""
        first = self.parts[0]
        shape = (len(wanted), *first.shape[1:])
        if first.dtype.itemsize * int(np.prod(shape)) > IN_MEMORY_BYTES:
            with tempfile.TemporaryFile(dir=self.scratch) as file:
                for rows in self._pieces(wanted):
                    file.write(rows.tobytes())
                file.flush()
                return StoredRows(file, first.dtype, shape)
        return np.concatenate([np.empty((0, *shape[1:]), first.dtype), *self._pieces(wanted)])

    def _pieces(self, wanted: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
        bounds = np.searchsorted(wanted, self.starts)
        for part, start, low, high in zip(self.parts, self.starts[:-1], bounds[:-1], bounds[1:], strict=True):
            yield np.ascontiguousarray(part[wanted[low:high] - start])
            give_back(part)
