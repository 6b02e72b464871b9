"""The texts of JSONL straight into one buffer: the same texts, faults and drops as json_lines.py, without a Python object for each record."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.cleaning.decoding import well_formed
from assay.data.cleaning.drop import Drop
from assay.data.reading.json_lines import check_share, read_line
from assay.data.schema import SourceSchema
from assay.errors import DataError


@dataclass(frozen=True, eq=False)
class JsonTexts:
    """Text i of `batch` is of line `lines[i]`, and of field `fields[i]` of text_fields, -1 where all are joined; both int64 (N)."""

    batch: TextBatch
    lines: NDArray[np.int64]
    fields: NDArray[np.int64]
    text_fields: list[str]
    drops: list[tuple[str, str]] = field(default_factory=list)
    """(record, reason)."""

    def record(self, number: int) -> str:
        """Name of a text's record in its file, as documents are identified by it."""
        line, position = int(self.lines[number]), int(self.fields[number])
        return str(line) if position < 0 else f"{line}.{self.text_fields[position]}"


def read_json_texts(content: bytes, source: SourceSchema, place: str, first_line: int = 1) -> JsonTexts:
    """Texts of JSONL in well-formed UTF-8, and what json_lines.read_jsonl would drop, half surrogate pairs too.

    Raises DataError as that does: at a bad line, or where more than source.bad_records of the lines are.
    """
    from assay.data.reading.kernel_json import read_lines

    content = content.removeprefix(b"\xef\xbb\xbf")
    joined, wanted = source.document == "row", [name.encode() for name in source.text_fields]
    names, name_ends = np.frombuffer(b"".join(wanted), np.uint8), np.cumsum([len(name) for name in wanted], dtype=np.int64)
    texts, ends, lines, left = read_lines(np.frombuffer(content, np.uint8), names, name_ends, joined)
    per_line = 1 if joined else len(wanted)
    fields = np.full(len(ends), -1) if joined else np.tile(np.arange(per_line), len(ends) // per_line)
    plain = _Parts(texts, np.concatenate([[0], ends]), lines + first_line, fields)
    if not len(left):
        return JsonTexts(TextBatch(texts, plain.offsets), plain.lines, fields, list(source.text_fields))
    return _merged(plain, left, content, source, place, first_line, len(ends) // per_line)


@dataclass
class _Parts:
    """What the compiled pass read."""

    texts: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    lines: NDArray[np.int64]
    fields: NDArray[np.int64]

    def between(self, first: int, last: int) -> tuple[Any, Any, Any, Any]:
        start, stop = self.offsets[first], self.offsets[last]
        sizes = np.diff(self.offsets[first : last + 1])
        return self.texts[start:stop], sizes, self.lines[first:last], self.fields[first:last]


def _merged(
    plain: _Parts, left: NDArray[np.int64], content: bytes, source: SourceSchema, place: str, first_line: int, read: int
) -> JsonTexts:
    """With the lines that the strict reader had to look at, each in its place."""
    parts, drops, before = [], [], 0
    bad: list[DataError] = []
    for start, stop, line, texts_before in left.tolist():
        parts.append(plain.between(before, texts_before))
        before = texts_before
        words = content[start:stop].decode()
        if not words.strip():
            continue
        read += 1
        for position, text in _strict(words, line + first_line, source, place, bad):
            if isinstance(text, Drop):
                name = "" if position < 0 or text.reason == "bad_record" else f".{source.text_fields[position]}"
                drops.append((f"{line + first_line}{name}", text.reason))
            else:
                one = np.frombuffer(text.encode(), np.uint8)
                parts.append((one, np.array([len(one)]), np.array([line + first_line]), np.array([position])))
    parts.append(plain.between(before, len(plain.lines)))
    check_share(len(bad), read, source, str(bad[0]) if bad else "")
    texts, sizes, lines, fields = (np.concatenate(column) for column in zip(*parts, strict=True))
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return JsonTexts(TextBatch(texts, offsets), lines, fields, list(source.text_fields), drops)


def _strict(words: str, line: int, source: SourceSchema, place: str, bad: list[DataError]) -> list[tuple[int, str | Drop]]:
    """(field, text or Drop) of a line, as the strict reader has it."""
    try:
        found = list(read_line(words, line, source, place))
    except DataError as error:
        if source.bad_records == 0:
            raise
        bad.append(error)
        return [(-1, Drop("bad_record"))]
    positions = [-1 if source.document == "row" else source.text_fields.index(name.partition(".")[2]) for name, _ in found]
    return [(position, well_formed(text)) for position, (_, text) in zip(positions, found, strict=True)]
