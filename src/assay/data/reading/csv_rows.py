"""Rows of .csv and .tsv files, each under its number from 1 without the header. Messages name the line in which a row begins."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assay.data.cleaning.decoding import around_bad
from assay.data.reading.bad_records import TO_DROP, not_text
from assay.data.reading.record import ReadRecord
from assay.errors import DataError

FIELD_LIMIT_CHARACTERS = 2**30


@dataclass(frozen=True, slots=True)
class _Row:
    """A row, or what is wrong with it. Lines are counted from 1."""

    first_line: int
    last_line: int
    fields: list[str] | str


def read_rows(text: str, form: str, place: str) -> Iterator[ReadRecord]:
    """{column: value} of each row, or a DataError for one that can't be read."""
    csv.field_size_limit(FIELD_LIMIT_CHARACTERS)
    lines = list(io.StringIO(text, newline=""))
    found = _rows(lines, form)
    if form == "tsv" and '"' in text:
        found = _unquoted(list(found), lines)
    header = next(found, None)
    if header is None:
        return
    if isinstance(header.fields, str):
        raise DataError(f"{place}:{header.first_line}: not {form} ({header.fields}).")
    for number, row in enumerate(found, 1):
        yield str(number), _record(row, header.fields, form, f"{place}:{row.first_line}")


def _record(row: _Row, header: list[str], form: str, place: str) -> dict[str, str] | DataError:
    if isinstance(row.fields, str):
        return DataError(f"{place}: not {form} ({row.fields}).\n{TO_DROP}")
    if len(row.fields) != len(header):
        return DataError(f"{place}: expected {len(header)} fields as in the header, found {len(row.fields)}.\n{TO_DROP}")
    around = next((around for field in row.fields if (around := around_bad(field)) is not None), None)
    return not_text(place, around) if around is not None else dict(zip(header, row.fields, strict=True))


def _rows(lines: list[str], form: str, quoted: bool = True) -> Iterator[_Row]:
    """All rows but empty ones. After a row that can't be read comes the one in the line after its first."""
    dialect: type[csv.Dialect] = csv.excel_tab if form == "tsv" else csv.excel
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    start = 0
    while start < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), dialect=dialect, strict=True, quoting=quoting)
        first = start
        try:
            for fields in reader:
                if fields:
                    yield _Row(first + 1, start + reader.line_num, fields)
                first = start + reader.line_num
            return
        except csv.Error as error:
            yield _Row(first + 1, first + 1, str(error))
            start = first + 1


def _unquoted(rows: list[_Row], lines: list[str]) -> Iterator[_Row]:
    """The rows of a .tsv file by the rule that fits it: quotation marks around fields as in .csv files, or plain text without quoting.

    It is plain text if a quotation mark is not closed where a field ends, or a quoted field goes over line ends though each of its lines
    is a row of as many fields as the header has: rows would be joined.
    """
    plain = list(_rows(lines, "tsv", quoted=False))
    width = len(plain[0].fields) if plain else 0
    widths = {row.first_line: len(row.fields) for row in plain}
    broken = any(isinstance(row.fields, str) for row in rows)
    joined = any(
        row.last_line > row.first_line and all(widths.get(line, width) == width for line in range(row.first_line, row.last_line + 1))
        for row in rows
    )
    even = all(length == width for length in widths.values())
    return iter(plain if joined or (broken and even) else rows)
