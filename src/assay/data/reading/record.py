"""The result of a reader for each record of a file: its name in the file, and its fields or why it can't be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from assay.data.cleaning.decoding import MARKED, decode_marked, replace_bad, show_bad
from assay.data.cleaning.detection import codec_named
from assay.data.cleaning.drop import Drop
from assay.data.document import EXCERPT_CHARACTERS
from assay.errors import DataError

Record: TypeAlias = tuple[str, dict[str, Any] | Drop]
ReadRecord: TypeAlias = tuple[str, Any | Drop | DataError]
"""DataError: a bad record, which stops the run or is dropped as the source's `bad_records` says."""


@dataclass(frozen=True)
class Change:
    """A repair that a reader made in a record: counted on the card under `step`, and shown there as the text before and after it."""

    record: str
    step: str
    before: str
    after: str = ""
    removed: int | None = None
    """Characters, or bytes that could not be decoded; None: as many as the text is shorter."""


def undecodable(record: str, marked: str) -> Change:
    """The repair of a marked text (decode_marked), by replace_bad."""
    found = MARKED.findall(marked)
    start = max(0, marked.index(found[0]) - EXCERPT_CHARACTERS // 4)
    part = marked[start : start + EXCERPT_CHARACTERS]
    return Change(record, "undecodable_bytes", show_bad(part), replace_bad(part), sum(map(len, found)))


def decode_record(content: bytes, encodings: Sequence[str], declared: Sequence[str], record: str, changes: list[Change]) -> str | Drop:
    """The text of a record of its own encoding. Bad bytes, and an encoding that is neither UTF-8 nor declared, are added to `changes`."""
    found = decode_marked(content, encodings, declared)
    if isinstance(found, Drop):
        return found
    if found.bad_bytes:
        changes.append(undecodable(record, found.text))
    if found.encoding not in ("utf-8", *map(codec_named, declared)):
        part = content[:EXCERPT_CHARACTERS]
        changes.append(Change(record, f"decoded_from_{found.encoding}", part.decode("latin-1"), part.decode(found.encoding, "replace"), 0))
    return replace_bad(found.text) if found.bad_bytes else found.text
