"""From a record to the texts of its documents, as `text_fields` and `document` of a source say."""

import json
from collections.abc import Iterator
from typing import Any

from assay.data.schema import SourceSchema
from assay.errors import DataError


def texts_of(record: Any, name: str, source: SourceSchema, place: str) -> Iterator[tuple[str, str]]:
    """(name, text) of a record, or (name.field, text) of each field; the name is that in `id_field` where the source has one.

    Raises DataError naming what is missing or no text.
    """
    if not isinstance(record, dict):
        raise DataError(f"{place}: expected a record with fields {_names(source.text_fields)}, found {type(record).__name__}.")
    if source.id_field is not None:
        name = _own_name(record, source.id_field, place)
    found = {field: value_of(record, field) for field in source.text_fields}
    texts = {field: _text(_spelt(value, field, source), field, place) for field, value in found.items() if value is not None}
    required = source.document == "field" or not texts  # of a joined record one field is enough
    missing = [field for field in source.text_fields if required and field not in texts]
    if missing and all(field in record for field in missing):
        raise DataError(
            f"{place}: {'field' if len(missing) == 1 else 'fields'} {_names(missing)} {'is' if len(missing) == 1 else 'are'} null, expected text.\n"
            "  Correct it, or set `bad_records` in conf/data/ to the share of records that may be dropped."
        )
    if missing:
        raise DataError(
            f"{place}: no field {_names(missing)}; the record has {_names(list(record))}.\n  Correct text_fields in conf/data/.\n"
            '  A folder with files of several formats is several sources, each with its `members: ["*.jsonl"]` and its text_fields.'
        )
    if source.document == "row":
        yield name, "\n".join(texts.values())
        return
    for field, text in texts.items():
        yield f"{name}.{field}", text


def value_of(record: dict[str, Any], field: str) -> Any:
    """Return the value of the field of that name, or where there is none and it has dots, the one that they lead to: `input.1.content`. None: not there."""
    if field in record or "." not in field:
        return record.get(field)
    value: Any = record
    for step in field.split("."):
        if isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _spelt(value: Any, field: str, source: SourceSchema) -> Any:
    """A label may be a number, or true: as JSON writes it."""
    return json.dumps(value) if source.label == f"field:{field}" and isinstance(value, int | float) else value


def _own_name(record: dict[str, Any], field: str, place: str) -> str:
    value = record.get(field)
    if isinstance(value, str | int) and not isinstance(value, bool):
        name = str(value)
        if name and name.encode(errors="replace").decode() == name:  # half a surrogate pair is no text
            return name
    if field in record:
        raise DataError(f"{place}: field {field!r}, the id_field, holds {value!r:.80}, expected text or a whole number.")
    raise DataError(f"{place}: no field {field!r}, the id_field; the record has {_names(list(record))}.\n  Correct id_field in conf/data/.")


def _text(value: Any, field: str, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    raise DataError(f"{place}: field {field!r} holds {type(value).__name__}, expected text or a list of texts.")


def _names(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "") or "none"
