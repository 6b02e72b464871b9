"""From the bytes of a file to the texts of its records: txt, lines, jsonl, json, csv, tsv, parquet, python."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from assay.data.schema import SourceSchema
from assay.errors import DataError

SUFFIXES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".py": "python",
}
BY_LINE = ("lines", "jsonl")
"""Formats in which any run of whole lines can be read on its own."""
CSV_FIELD_LIMIT_CHARACTERS = 2**30


def format_of(name: str, source: SourceSchema) -> str | None:
    """The declared format, or by `auto` the one its suffix names; None for a file nobody knows how to read."""
    if source.format != "auto":
        return source.format
    path = PurePosixPath(name.lower())
    return SUFFIXES.get(PurePosixPath(path.stem).suffix if path.suffix == ".gz" else path.suffix)


def read_records(text: str, form: str, source: SourceSchema, place: str, first_line: int = 1) -> Iterator[tuple[str, str]]:
    """Yield (record, text) of a decoded file. A record's name is its line or row number, from 1; `N.field` where each field is a document.

    Raises DataError naming place and line when a record does not parse or lacks its fields: a file that is not what was declared.
    """
    if form in ("txt", "python"):
        yield "1", text
    elif form == "lines":
        for number, line in enumerate(split_lines(text), first_line):
            yield str(number), line
    elif form == "jsonl":
        for number, line in enumerate(split_lines(text), first_line):
            if line.strip():
                yield from _texts_of(_parse_json(line, f"{place}:{number}"), str(number), source, f"{place}:{number}")
    elif form == "json":
        value = _parse_json(text, place)
        for number, record in enumerate(value if isinstance(value, list) else [value], 1):
            yield from _texts_of(record, str(number), source, f"{place}: record {number}")
    else:
        for number, record in _rows(text, form, place):
            yield from _texts_of(record, str(number), source, f"{place}: row {number}")


def read_parquet(content: bytes, source: SourceSchema, place: str) -> Iterator[tuple[str, str]]:
    """Yield (record, text) of a parquet file, reading only the columns that hold text."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        table = parquet.ParquetFile(io.BytesIO(content))
        present = [name for name in source.text_fields if name in table.schema_arrow.names]
        if not present:
            raise DataError(
                f"{place}: no column {_names(source.text_fields)}; it has {_names(table.schema_arrow.names)}.\n  Correct text_fields."
            )
        number = 0
        for batch in table.iter_batches(1000, columns=present):
            for record in batch.to_pylist():
                number += 1
                yield from _texts_of(record, str(number), source, f"{place}: row {number}")
    except arrow.ArrowException as error:
        raise DataError(f"{place} is no parquet file ({error}).") from None


def split_lines(text: str) -> list[str]:
    """Lines ended by LF, CRLF or CR. Not str.splitlines, which also cuts at separators that occur inside sentences."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _parse_json(text: str, place: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_repeated_keys)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON ({error}).\n  Found: {text[:80]!r}") from None


def _no_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key occurs twice in one record")
    return record


def _rows(text: str, form: str, place: str) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(CSV_FIELD_LIMIT_CHARACTERS)
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect="excel-tab" if form == "tsv" else "excel", strict=True)
    try:
        for number, row in enumerate(reader, 1):
            if None in row or None in row.values():
                raise DataError(
                    f"{place}:{reader.line_num}: expected {len(reader.fieldnames or [])} fields as in the header, found another number."
                )
            yield number, row
    except csv.Error as error:
        raise DataError(f"{place}:{reader.line_num}: not {form} ({error}).") from None


def _texts_of(record: Any, name: str, source: SourceSchema, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(record, dict):
        raise DataError(f"{place}: expected a record with fields {_names(source.text_fields)}, found {type(record).__name__}.")
    texts = {field: _text(record[field], field, place) for field in source.text_fields if record.get(field) is not None}
    required = source.document == "field" or not texts  # of a joined record one field is enough
    missing = [field for field in source.text_fields if required and field not in texts]
    if missing:
        raise DataError(
            f"{place}: no field {_names(missing)}; the record has {_names(list(record))}.\n  Correct text_fields in conf/data/."
        )
    if source.document == "row":
        yield name, "\n".join(texts.values())
        return
    for field, text in texts.items():
        yield f"{name}.{field}", text


def _text(value: Any, field: str, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    raise DataError(f"{place}: field {field!r} holds {type(value).__name__}, expected text or a list of texts.")


def _names(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "") or "none"
