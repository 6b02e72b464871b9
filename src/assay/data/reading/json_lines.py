"""JSON and JSONL, strictly: a key that occurs twice, a number where text belongs, a broken line are faults, not guesses.

orjson reads a line first. It takes the last of two equal keys and large integers as floats, so lines in which that may matter, and all
that orjson refuses, are read again by Python's json: NaN and half surrogate pairs are accepted there, and errors name their place.
"""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from assay.data.cleaning.decoding import MARKED, MARKING, around_bad, well_formed
from assay.data.cleaning.drop import Drop
from assay.data.reading.bad_records import BadRecords, not_text
from assay.data.reading.fields import texts_of, value_of
from assay.data.reading.record import ReadRecord
from assay.data.schema import SourceSchema
from assay.errors import DataError


def parse_json(text: str, place: str) -> Any:
    """Raises DataError for what is not JSON, for keys that occur twice and for numbers of thousands of digits."""
    try:
        return json.loads(text, object_pairs_hook=_no_repeated_keys)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON ({error}).\n  Found: {text[:80]!r}") from None


def read_json(text: str, place: str) -> Iterator[ReadRecord]:
    """The records of a list, or the only one. Of a marked text those that hold bad bytes are bad records."""
    value = parse_json(text, place)
    marked = MARKED.search(text) is not None
    for number, record in enumerate(value if isinstance(value, list) else [value], 1):
        around = around_bad(json.dumps(record, ensure_ascii=False)) if marked else None
        yield str(number), record if around is None else not_text(f"{place}: record {number}", around)


def _no_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key occurs twice in one record")
    return record


def read_jsonl(content: bytes, first_line: int, source: SourceSchema, place: str) -> Iterator[tuple[str, str | Drop]]:
    """The texts of all lines but empty ones. A bad line stops it, or is a Drop where the source allows a share of them.

    `content` is UTF-8. Lines that are not valid UTF-8, or hold a NUL, are bad ones.
    """
    bad, read = BadRecords(source), 0
    wanted = [*source.text_fields, *([source.id_field] if source.id_field else [])]
    only = wanted[0] if len(wanted) == 1 and source.document == "row" and "." not in wanted[0] else None
    for number, line in enumerate(_lines(content), first_line):
        if not line or line.isspace():
            continue
        record = _quickly(line)
        if only is not None and record is not None and type(text := record.get(only)) is str:
            read += 1
            yield str(number), text
            continue
        where = f"{place}:{number}"
        try:
            found = _carefully(record, line, str(number), source, wanted, where)
        except DataError as error:
            read += 1
            yield str(number), bad.drop(error)
            continue
        read += bool(found)
        yield from found
    bad.check(read)


def _lines(content: bytes) -> list[bytes]:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content.split(b"\n")


def _quickly(line: bytes) -> dict[str, Any] | None:
    """The record as orjson reads it, if it is an object that surely holds no key twice."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if type(record) is dict and not may_repeat_keys(line, record) else None


def may_repeat_keys(line: bytes, record: dict[str, Any]) -> bool:
    """Whether a line of valid JSON holds more strings than what was read of it. A key that was read over is a string too.

    Each string has two quotation marks; those inside have a backslash before them. After an escaped backslash that can't be told.
    """
    marks = 2 * _strings(record)
    written = line.count(b'"')
    return written != marks and (written - line.count(b'\\"') != marks or b'\\\\"' in line)


def _strings(record: dict[str, Any]) -> int:
    """Keys and values of all objects and lists in a record that are strings."""
    found, todo = 0, [record]
    while todo:
        values: Any = todo.pop()
        if type(values) is dict:
            found += len(values)
            values = values.values()
        for value in values:
            kind = type(value)
            if kind is str:
                found += 1
            elif kind is dict or kind is list:
                todo.append(value)
    return found


def _carefully(
    record: dict[str, Any] | None, line: bytes, name: str, source: SourceSchema, wanted: list[str], where: str
) -> list[tuple[str, str | Drop]]:
    """The texts of a line; none of a blank one. Read again by Python's json unless no wanted value can differ."""
    if record is None or any(isinstance(value_of(record, field), float) for field in wanted):
        text = line.decode("utf-8", MARKING)
        if not text.strip():
            return []
        if (around := around_bad(text)) is not None:
            raise not_text(where, around)
        record = parse_json(text, where)
    return [(name, well_formed(text)) for name, text in texts_of(record, name, source, where)]
