"""Cleaned documents on disk: one parquet file per split, in id order, the same bytes for the same documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch

ROWS_PER_GROUP = 1000
"""The reader holds one group at a time, and so does the writer."""
SOURCES_SUFFIX = ".sources"
"""Suffix of the file beside a split with the source of each document, uint16, where a corpus has several."""
COLUMNS = ("id", "text", "source", "path", "record", "bytes", "text_hash")


def write_documents(path: Path, tables: Iterable[Any]) -> None:
    """pyarrow tables of COLUMNS, in id order, each but the last of a multiple of ROWS_PER_GROUP rows.

    The writer's version is all in the file that is not theirs.
    """
    import pyarrow as arrow  # 0.2 s of CPU, which a look at finished data does not need
    import pyarrow.parquet as parquet

    kinds = [arrow.int64() if name == "bytes" else arrow.string() for name in COLUMNS]
    schema = arrow.schema([arrow.field(name, kind, nullable=False) for name, kind in zip(COLUMNS, kinds, strict=True)])
    with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=3, store_schema=False) as writer:
        for table in tables:
            writer.write_table(table.cast(schema), row_group_size=ROWS_PER_GROUP)


def read_texts(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    """(id, text) of a split's documents in id order."""
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(folder / f"{split}.parquet")
    for number in range(file.num_row_groups):
        ids, texts = _columns(file, number, "id", "text")
        yield from zip(ids.to_pylist(), texts.to_pylist(), strict=True)


@dataclass(frozen=True)
class Span:
    """Row groups `first` to `last`, without it, of a file of documents: those from number `start` to `end`, without it.

    A name for work: the texts are read where it is done.
    """

    path: Path
    first: int
    last: int
    start: int
    end: int
    text_bytes: int


def spans(folder: Path, split: str, size_bytes: int) -> Iterator[Span]:
    """Consecutive spans of whole row groups, of at least `size_bytes` of text each but the last."""
    import pyarrow.parquet as parquet

    path = folder / f"{split}.parquet"
    facts = parquet.ParquetFile(path).metadata
    first = start = end = found_bytes = 0
    for number in range(facts.num_row_groups):
        group = facts.row_group(number)
        found_bytes += group.column(COLUMNS.index("text")).total_uncompressed_size
        end += group.num_rows
        if found_bytes >= size_bytes or number == facts.num_row_groups - 1:
            yield Span(path, first, number + 1, start, end, found_bytes)
            first, start, found_bytes = number + 1, end, 0


@lru_cache(maxsize=1)
def _opened(path: Path, state: tuple[int, ...]) -> Any:
    """For one span after the other: to read what a file holds takes 2 ms, as long as to read a row group. `state` tells a new file."""
    import pyarrow.parquet as parquet

    return parquet.ParquetFile(path)


def read_span(span: Span, wanted: NDArray[np.bool_]) -> Iterator[TextBatch]:
    """The wanted texts of a span (span.end - span.start,) in id order, ROWS_PER_GROUP at a time, without a Python object for each."""
    facts = span.path.stat()
    file, start = _opened(span.path, (facts.st_ino, facts.st_size, facts.st_mtime_ns)), 0
    for number in range(span.first, span.last):
        here = wanted[start : start + file.metadata.row_group(number).num_rows]
        start += len(here)
        if here.any():
            (texts,) = _columns(file, number, "text")
            batch = TextBatch.from_arrow(texts)
            yield batch if here.all() else batch.take(np.flatnonzero(here))


@dataclass(frozen=True, eq=False)
class Names:
    """Names of some documents in a row: their ids, the bytes of their texts (N,), and the two halves of the texts' hashes (N, 2)."""

    ids: list[str]
    sizes: NDArray[np.int64]
    hashes: NDArray[np.uint64]


def read_names(folder: Path, split: str) -> Iterator[Names]:
    """Yield the names of all documents of a split in id order, without their texts, ROWS_PER_GROUP at a time."""
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(folder / f"{split}.parquet")
    for number in range(file.num_row_groups):
        ids, sizes, hashes = _columns(file, number, "id", "bytes", "text_hash")
        digits = TextBatch.from_arrow(hashes)
        halves = bytes.fromhex(digits.content[digits.offsets[0] : digits.offsets[-1]].tobytes().decode("ascii"))
        yield Names(ids.to_pylist(), sizes.to_numpy(), np.frombuffer(halves, dtype=">u8").astype(np.uint64).reshape(-1, 2))


def read_sizes(folder: Path, split: str) -> NDArray[np.int64]:
    """Bytes of each document of a split, in id order."""
    import pyarrow.parquet as parquet

    sizes: NDArray[np.int64] = parquet.read_table(folder / f"{split}.parquet", columns=["bytes"]).column("bytes").to_numpy()
    return sizes


def _columns(file: Any, group: int, *names: str) -> tuple[Any, ...]:
    """Group by group: pyarrow's iter_batches (25.0) keeps 0.7 MB of each until the last."""
    table = file.read_row_group(group, columns=list(names), use_threads=False).combine_chunks()
    return tuple(column.chunk(0) for column in table.columns)
