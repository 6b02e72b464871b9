"""Cleaned documents on disk: one parquet file per split, in id order, the same bytes for the same documents."""

from collections.abc import Iterable, Iterator
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
    for ids, texts in _groups(folder, split):
        yield from zip(ids.to_pylist(), texts.to_pylist(), strict=True)


def read_batches(folder: Path, split: str) -> Iterator[tuple[list[str], TextBatch]]:
    """The ids and texts of a split's documents in id order, ROWS_PER_GROUP at a time, the texts without a Python object for each."""
    for ids, texts in _groups(folder, split):
        yield ids.to_pylist(), TextBatch.from_arrow(texts)


def read_sizes(folder: Path, split: str) -> NDArray[np.int64]:
    """Bytes of each document of a split, in id order."""
    import pyarrow.parquet as parquet

    sizes: NDArray[np.int64] = parquet.read_table(folder / f"{split}.parquet", columns=["bytes"]).column("bytes").to_numpy()
    return sizes


def _groups(folder: Path, split: str) -> Iterator[tuple[Any, Any]]:
    """Group by group: pyarrow's iter_batches (25.0) keeps 0.7 MB of each until the last."""
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(folder / f"{split}.parquet")
    for number in range(file.num_row_groups):
        group = file.read_row_group(number, columns=["id", "text"], use_threads=False).combine_chunks()
        yield tuple(column.chunk(0) for column in group.columns)
