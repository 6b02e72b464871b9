"""Files mapped into memory. What was read of a map counts as this process's memory until it is given back, be the file larger than all of it."""

import mmap
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

IN_MEMORY_BYTES = 2**26
"""Rows that take more lie in a file without a name, which goes when this process does."""


def map_file(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def give_back(mapped: mmap.mmap | NDArray[Any]) -> None:
    """Of a file's map, or an array in one: the pages are the kernel's again, and are read again when they are asked for. Else nothing."""
    base: Any = mapped
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


class Parts:
    """One array in several, each mapped into memory: (N, ...) in all. Too much to be joined."""

    def __init__(self, parts: Sequence[NDArray[Any]], scratch: Path) -> None:
        self.parts = parts
        self.scratch = scratch
        self.starts = np.cumsum([0, *(len(part) for part in parts)])

    def rows(self, wanted: NDArray[np.int64]) -> NDArray[Any]:
        """The rows at ascending places, in memory or in a file in the folder `scratch`."""
        first = self.parts[0]
        shape = (len(wanted), *first.shape[1:])
        size_bytes = first.dtype.itemsize * int(np.prod(shape))
        if size_bytes <= IN_MEMORY_BYTES:
            found: NDArray[Any] = np.empty(shape, first.dtype)
        else:
            with tempfile.TemporaryFile(dir=self.scratch) as file:
                file.truncate(size_bytes)
                found = np.memmap(file, dtype=first.dtype, mode="r+", shape=shape)
        bounds = np.searchsorted(wanted, self.starts)
        for part, start, low, high in zip(self.parts, self.starts[:-1], bounds[:-1], bounds[1:], strict=True):
            found[low:high] = part[wanted[low:high] - start]
            give_back(part)
            give_back(found)
        return found
