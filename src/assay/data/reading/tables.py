"""Tables of Arrow: parquet files, and the .arrow files in which Hugging Face's `datasets` saves a set. Only the columns of text are read."""

import io
from collections.abc import Iterator
from typing import Any

from assay.data.reading.record import Record
from assay.errors import DataError

ROWS_AT_ONCE = 1000


def read_parquet(content: bytes, columns: list[str], place: str, beside: str | None = None) -> Iterator[Record]:
    """Rows as {column: value}, numbered from 1; with the column `beside` if it is there.

    Raises DataError for a damaged file and where none of the columns is there.
    """
    yield from _rows(_parquet_batches(content, columns, place, beside), place, "parquet")


def read_arrow(content: bytes, columns: list[str], place: str, beside: str | None = None) -> Iterator[Record]:
    """The same of an Arrow stream, or of a file in Arrow's random-access form."""
    yield from _rows(_arrow_batches(content, columns, place, beside), place, "arrow")


def _rows(batches: Iterator[Any], place: str, kind: str) -> Iterator[Record]:
    import pyarrow as arrow

    number = 0
    try:
        for batch in batches:
            for row in batch.to_pylist():
                number += 1
                yield str(number), row
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{place} is no {kind} file ({error}).") from None


def _parquet_batches(content: bytes, columns: list[str], place: str, beside: str | None) -> Iterator[Any]:
    import pyarrow.parquet as parquet

    table = parquet.ParquetFile(io.BytesIO(content))
    yield from table.iter_batches(ROWS_AT_ONCE, columns=_present(columns, table.schema_arrow.names, place, beside))


def _arrow_batches(content: bytes, columns: list[str], place: str, beside: str | None) -> Iterator[Any]:
    import pyarrow as arrow

    if content.startswith(b"ARROW1"):
        file = arrow.ipc.open_file(arrow.py_buffer(content))
        batches = (file.get_batch(number) for number in range(file.num_record_batches))
        names = file.schema.names
    else:
        stream = arrow.ipc.open_stream(arrow.py_buffer(content))
        batches, names = iter(stream), stream.schema.names
    present = _present(columns, names, place, beside)
    for batch in batches:
        batch.validate(full=True)  # offsets of a damaged file would reach outside its memory
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            yield batch.select(present).slice(start, ROWS_AT_ONCE)


def _present(columns: list[str], names: list[str], place: str, beside: str | None) -> list[str]:
    present = [name for name in columns if name in names]
    if not present:
        raise DataError(
            f"{place}: no column {', '.join(map(repr, columns))}; it has {', '.join(map(repr, names[:12]))}.\n  Correct text_fields."
        )
    return [*present, beside] if beside in names and beside not in present else present
