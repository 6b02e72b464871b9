"""Cleaned documents on disk: one parquet file per split, in id order, the same bytes for the same documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch

ROWS_PER_GROUP = 1000
"""The reader holds one group at a time, and so does the writer."""
SOURCES_SUFFIX = ".sources"
"""Of the file beside a split that says of which source each document is, uint16, where a corpus has several."""
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
    for ids, texts in _groups(folder / f"{split}.parquet"):
        yield from zip(ids.to_pylist(), texts.to_pylist(), strict=True)


@dataclass(frozen=True)
class Span:
    """Row groups `first` to `last`, without it, of a file of documents. A name for work: the texts are read where it is done."""

    path: Path
    first: int
    last: int
    text_bytes: int


def spans(folder: Path, split: str, size_bytes: int) -> Iterator[Span]:
    """Consecutive spans of whole row groups, of at least `size_bytes` of text each but the last."""
    import pyarrow.parquet as parquet

    path = folder / f"{split}.parquet"
    facts = parquet.ParquetFile(path).metadata
    first = found_bytes = 0
    for number in range(facts.num_row_groups):
        found_bytes += facts.row_group(number).column(COLUMNS.index("text")).total_uncompressed_size
        if found_bytes >= size_bytes or number == facts.num_row_groups - 1:
            yield Span(path, first, number + 1, found_bytes)
            first, found_bytes = number + 1, 0


def read_span(span: Span) -> Iterator[tuple[list[str], TextBatch]]:
    """The ids and texts of a span in id order, ROWS_PER_GROUP at a time, the texts without a Python object for each."""
    for ids, texts in _groups(span.path, range(span.first, span.last)):
        yield ids.to_pylist(), TextBatch.from_arrow(texts)


def read_sizes(folder: Path, split: str) -> NDArray[np.int64]:
    """Bytes of each document of a split, in id order."""
    import pyarrow.parquet as parquet

    sizes: NDArray[np.int64] = parquet.read_table(folder / f"{split}.parquet", columns=["bytes"]).column("bytes").to_numpy()
    return sizes


def _groups(path: Path, numbers: range | None = None) -> Iterator[tuple[Any, Any]]:
    """Group by group: pyarrow's iter_batches (25.0) keeps 0.7 MB of each until the last."""
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(path)
    for number in range(file.num_row_groups) if numbers is None else numbers:
        group = file.read_row_group(number, columns=["id", "text"], use_threads=False).combine_chunks()
        yield tuple(column.chunk(0) for column in group.columns)
