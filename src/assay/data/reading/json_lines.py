"""JSON and JSONL, strictly: a key that occurs twice, a number where text belongs, a broken line are faults, not guesses."""

import json
from collections.abc import Iterator
from typing import Any

from assay.data.cleaning.drop import Drop
from assay.data.reading.fields import texts_of
from assay.data.schema import SourceSchema
from assay.errors import DataError


def parse_json(text: str, place: str) -> Any:
    """Raises DataError for what is not JSON, for keys that occur twice and for numbers of thousands of digits."""
    try:
        return json.loads(text, object_pairs_hook=_no_repeated_keys)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON ({error}).\n  Found: {text[:80]!r}") from None


def _no_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key occurs twice in one record")
    return record


def read_line(line: str, number: int, source: SourceSchema, place: str) -> Iterator[tuple[str, str]]:
    """The texts of one line. Raises DataError naming the line."""
    where = f"{place}:{number}"
    yield from texts_of(parse_json(line, where), str(number), source, where)


def read_jsonl(lines: list[str], first_line: int, source: SourceSchema, place: str) -> Iterator[tuple[str, str | Drop]]:
    """The texts of all lines but empty ones. A bad line stops it, or is a Drop where the source allows a share of them."""
    bad: list[DataError] = []
    read = 0
    for number, line in enumerate(lines, first_line):
        if not line.strip():
            continue
        read += 1
        try:
            yield from list(read_line(line, number, source, place))  # whole: of a bad line no field is kept
        except DataError as error:
            if source.bad_records == 0:
                raise
            bad.append(error)
            yield str(number), Drop("bad_record")
    check_share(len(bad), read, source, str(bad[0]) if bad else "")


def check_share(bad: int, read: int, source: SourceSchema, first: str) -> None:
    """Raise DataError where more than the allowed share of a file's records is bad."""
    if bad and bad > source.bad_records * read:
        raise DataError(
            f"{first}\n  {bad:,} of {read:,} records are bad, more than `bad_records: {source.bad_records}` allows. "
            "Correct the file, text_fields or bad_records in conf/data/."
        )
