"""Cleaned documents on disk: one parquet file per split, in id order, the same bytes for the same documents."""

from collections.abc import Iterator
from pathlib import Path

from assay.data.document import Document

ROWS_PER_GROUP = 1000
"""A reader holds one group at a time."""
_COLUMNS = ("id", "text", "source", "path", "record", "bytes", "text_hash")


def write_documents(path: Path, documents: list[Document]) -> None:
    """Sorted by id. The writer's version is the only thing in the file that is not the documents'."""
    import pyarrow as arrow  # 0.2 s of CPU, which a look at finished data does not need
    import pyarrow.parquet as parquet

    kinds = [arrow.int64() if name == "bytes" else arrow.string() for name in _COLUMNS]
    schema = arrow.schema([arrow.field(name, kind, nullable=False) for name, kind in zip(_COLUMNS, kinds, strict=True)])
    ordered = sorted(documents, key=lambda document: document.id)
    with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=3, store_schema=False) as writer:
        for start in range(0, len(ordered), ROWS_PER_GROUP):
            columns = _columns(ordered[start : start + ROWS_PER_GROUP])
            arrays = [arrow.array(column, type=kind) for column, kind in zip(columns, kinds, strict=True)]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema), row_group_size=ROWS_PER_GROUP)


def _columns(group: list[Document]) -> list[list[str] | list[int]]:
    sizes = [len(document.text.encode()) for document in group]
    return [sizes if name == "bytes" else [getattr(document, name) for document in group] for name in _COLUMNS]


def read_texts(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    """(id, text) of a split's documents in id order."""
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(folder / f"{split}.parquet")
    for batch in file.iter_batches(ROWS_PER_GROUP, columns=["id", "text"], use_threads=False):
        yield from zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
