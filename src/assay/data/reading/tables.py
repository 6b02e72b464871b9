"""Tables of Arrow: parquet files, and the .arrow files in which Hugging Face's `datasets` saves a set. Only the columns of text are read."""

import io
from collections.abc import Iterator
from typing import Any

from assay.data.reading.bad_records import TO_DROP
from assay.data.reading.record import ReadRecord
from assay.errors import DataError

ROWS_AT_ONCE = 1000


def read_parquet(content: bytes, columns: list[str], place: str, beside: str | None = None) -> Iterator[ReadRecord]:
    """Rows as {column: value}, numbered from 1; with the column `beside` if it is there. A row with invalid UTF-8 is a DataError.

    Raises DataError for a damaged file and where none of the columns is there.
    """
    yield from _rows(_parquet_batches(content, columns, place, beside), place, "parquet")


def read_arrow(content: bytes, columns: list[str], place: str, beside: str | None = None) -> Iterator[ReadRecord]:
    """The same for an Arrow stream, or for a file in Arrow's random-access form."""
    yield from _rows(_arrow_batches(content, columns, place, beside), place, "arrow")


def _rows(batches: Iterator[Any], place: str, kind: str) -> Iterator[ReadRecord]:
    import pyarrow as arrow

    number = 0
    try:
        for batch in batches:
            for row in _values(batch, f"{place}: row ", number + 1):
                number += 1
                yield str(number), row
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: names of columns
        raise DataError(f"{place} is no {kind} file ({error}).") from None


def _values(batch: Any, place: str, first: int) -> list[Any]:
    try:
        rows: list[Any] = batch.to_pylist()
    except UnicodeDecodeError:
        return [_row(batch.slice(number, 1), f"{place}{first + number}") for number in range(batch.num_rows)]
    return rows


def _row(one: Any, place: str) -> dict[str, Any] | DataError:
    """The only row of a batch."""
    row: dict[str, Any] = {}
    for name, column in zip(one.schema.names, one.columns, strict=True):
        try:
            [row[name]] = column.to_pylist()
        except UnicodeDecodeError as error:
            around = error.object[max(0, error.start - 40) : error.start + 40].decode("utf-8", "backslashreplace")
            return DataError(f"{place}: column {name!r} holds bytes that are not UTF-8.\n  Found: {around}\n{TO_DROP}")
    return row


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
        _check_offsets(batch)
        chosen = batch.select(present)
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            yield chosen.slice(start, ROWS_AT_ONCE)


def _check_offsets(batch: Any) -> None:
    """Raises ArrowInvalid where offsets of a damaged file would reach outside its memory. Invalid UTF-8 is told of for each row, later."""
    import pyarrow as arrow

    try:
        batch.validate(full=True)
    except arrow.ArrowInvalid:
        binary = {arrow.string(): arrow.binary(), arrow.large_string(): arrow.large_binary()}
        for column in batch.columns:
            (column.view(binary[column.type]) if column.type in binary else column).validate(full=True)


def _present(columns: list[str], names: list[str], place: str, beside: str | None) -> list[str]:
    """The columns to read: those named, or of a name with dots that is none the column that it begins with."""
    wanted = [name if name in names else name.partition(".")[0] for name in columns]
    present = list(dict.fromkeys(name for name in wanted if name in names))
    if not present:
        raise DataError(
            f"{place}: no column {', '.join(map(repr, columns))}; it has {', '.join(map(repr, names[:12]))}.\n  Correct text_fields."
        )
    if beside in names and beside not in present:
        present.append(beside)
    if twice := [name for name in present if names.count(name) > 1]:
        raise DataError(
            f"{place}: column {twice[0]!r} occurs {names.count(twice[0])} times.\n  Write the table again with one column of that name."
        )
    return present
