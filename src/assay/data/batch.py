"""Many texts in one buffer, as Arrow keeps them: what compiled kernels read, without a Python object for each text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

PIECE_BYTES = 2**16
FIRST_BYTE = -64
"""The first byte of a character is at least this as a signed byte; continuation bytes are below."""


@dataclass(frozen=True, eq=False)
class TextBatch:
    """Text i is content[offsets[i] : offsets[i + 1]], well-formed UTF-8.

    `content` uint8 (bytes); `offsets` int64 (N + 1), ascending. Neither is written to: both may lie in a memory map.
    """

    content: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Read-only throughout: numba compiles a kernel anew for arrays that may be written to, for seconds at a time."""
        self.content.flags.writeable = self.offsets.flags.writeable = False

    @classmethod
    def of(cls, texts: Iterable[str]) -> "TextBatch":
        parts = [text.encode() for text in texts]
        offsets = np.zeros(len(parts) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in parts], out=offsets[1:])
        return cls(np.frombuffer(b"".join(parts), dtype=np.uint8), offsets)

    @classmethod
    def from_arrow(cls, column: Any) -> "TextBatch":
        """Make a batch of a pyarrow string or large_string array without nulls; nothing is copied but the offsets of a short one."""
        _, positions, content = column.buffers()
        width = np.int64 if "large" in str(column.type) else np.int32
        offsets = np.frombuffer(positions, dtype=width)[column.offset : column.offset + len(column) + 1].astype(np.int64)
        return cls(np.frombuffer(content, dtype=np.uint8) if content is not None else np.empty(0, dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, places: NDArray[np.int64]) -> "TextBatch":
        """The texts at some places, in that order."""
        offsets = np.zeros(len(places) + 1, dtype=np.int64)
        np.cumsum(np.diff(self.offsets)[places], out=offsets[1:])
        starts, ends = self.offsets[:-1][places].tolist(), self.offsets[1:][places].tolist()
        parts = [self.content[start:end] for start, end in zip(starts, ends, strict=True)]
        return TextBatch(np.concatenate([np.empty(0, dtype=np.uint8), *parts]), offsets)

    @classmethod
    def joined(cls, batches: "Sequence[TextBatch]") -> "TextBatch":
        """The texts of all, one batch after the other."""
        contents = [batch.content[batch.offsets[0] : batch.offsets[-1]] for batch in batches]
        sizes = [np.diff(batch.offsets) for batch in batches]
        return cls(np.concatenate(contents), np.concatenate([[0], np.cumsum(np.concatenate(sizes))]))

    def differing(self, other: "TextBatch") -> NDArray[np.int64]:
        """Places at which as many other texts are not the same."""
        sizes = np.diff(self.offsets)
        same = sizes == np.diff(other.offsets)
        for place in np.flatnonzero(same).tolist():
            own, its = self.offsets[place], other.offsets[place]
            same[place] = np.array_equal(self.content[own : own + sizes[place]], other.content[its : its + sizes[place]])
        return np.flatnonzero(~same)

    @property
    def characters(self) -> int:
        """The number of characters of all texts together."""
        content = self.content[self.offsets[0] : self.offsets[-1]].view(np.int8)
        pieces = range(0, len(content), PIECE_BYTES)  # so that what is compared stays in the processor's cache
        return sum(int(np.count_nonzero(content[start : start + PIECE_BYTES] >= FIRST_BYTE)) for start in pieces)

    def text(self, number: int) -> str:
        return self.content[self.offsets[number] : self.offsets[number + 1]].tobytes().decode()

    def pieces(self, size_bytes: int) -> "Iterator[TextBatch]":
        """Consecutive texts of at most so many bytes together, or one longer text."""
        start = 0
        while start < len(self):
            end = int(np.searchsorted(self.offsets, self.offsets[start] + size_bytes, side="right")) - 1
            end = max(end, start + 1)
            yield TextBatch(self.content, self.offsets[start : end + 1])
            start = end

    def contents(self) -> Iterator[memoryview]:
        """The bytes of each text, not copied."""
        content, offsets = self.content.data, self.offsets.tolist()
        return (content[start:end] for start, end in pairwise(offsets))

    def texts(self) -> Iterator[str]:
        return map(self.text, range(len(self)))
