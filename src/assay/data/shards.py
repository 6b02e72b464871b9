"""Cleaned documents on disk: one parquet file per split, in id order, the same bytes for the same documents."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from assay.data.batch import TextBatch

ROWS_PER_GROUP = 1000
"""The reader holds one group at a time, and so does the writer."""
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
    for batch in file.iter_batches(ROWS_PER_GROUP, columns=["id", "text"], use_threads=False):
        yield from zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)


def read_batches(folder: Path, split: str, documents: int = ROWS_PER_GROUP) -> Iterator[tuple[list[str], TextBatch]]:
    """The ids and texts of a split's documents in id order, the texts without a Python object for each."""
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(folder / f"{split}.parquet")
    for batch in file.iter_batches(documents, columns=["id", "text"], use_threads=False):
        yield batch.column(0).to_pylist(), TextBatch.from_arrow(batch.column(1))
