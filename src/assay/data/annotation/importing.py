"""Labels come back from a person: every row is held against the corpus, then all are stored, or none is."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assay.config.report import did_you_mean
from assay.data.annotation.labels import (
    NOBODY,
    Label,
    json_object,
    labels_file,
    misnamed,
    read_labels,
    refuse,
    texts_of,
    utf8,
    write_labels,
)
from assay.data.annotation.sample import rows_of, text_hashes
from assay.data.annotation.status import describe
from assay.data.clean import measured_corpus
from assay.data.measured import Measured
from assay.data.places import corpus_name
from assay.data.snapshot import bring_up_to_date
from assay.files import ROOT, lock, project_path

if TYPE_CHECKING:
    from assay.config.schema import AnnotateCommand

NEEDED = ("id", "text_hash", "label")
SEPARATORS = (",", ";", "\t")
"""A spreadsheet writes the one of its country."""
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file, as it stands there: `place` is the file and the line."""

    place: str
    id: str
    text_hash: str
    label: str
    annotator: str


def import_labels(config: "AnnotateCommand", root: Path = ROOT, say: Callable[[str], None] = print) -> None:
    """Add the labels of config.import_labels to labels/<name>.jsonl. Raises DataError, with file and line, for all rows that are wrong."""
    path = project_path(str(config.import_labels), root)
    rows, problems = read_rows(path)
    rows = [replace(row, annotator=row.annotator or config.annotator or NOBODY) for row in rows]
    given = [row for row in rows if row.label]
    bring_up_to_date(config.data, root, say)
    measured, _ = measured_corpus(config, root, say)
    target = labels_file(config.name or corpus_name(config.data), root)
    with lock(root / "data" / "cache" / f"labels-{target.stem}.lock"):
        before = {(label.text_hash, label.annotator): label for label in read_labels(target)} if target.exists() else {}
        problems += _wrong(given, config, measured) + _repeated(given)
        problems += [] if config.replace else _contradicting(given, before, target)
        refuse(problems, f"in {path.name}")
        new = {(label.text_hash, label.annotator): label for label in _labels(given, config, measured)}
        write_labels(target, (before | new).values())
    altered = sum(before[key].label != new[key].label for key in before.keys() & new.keys())
    unlabelled = f"; {len(rows) - len(given):,} rows have no label yet" if len(given) < len(rows) else ""
    replaced = f", {altered:,} of them in place of another" if altered else ""
    say(f"{len(new.keys() - before.keys()) + altered:,} new labels{replaced}, {len(before | new):,} in all: {target}{unlabelled}")
    say(describe(list((before | new).values())))


def read_rows(path: Path) -> tuple[list[Row], list[str]]:
    """The rows of a file, and what is wrong with those that are none."""
    rows: list[Row] = []
    problems: list[str] = []
    for number, found in (_json_rows if path.suffix == ".jsonl" else _table_rows)(utf8(path)):
        values = found if isinstance(found, str) else texts_of(found, (*NEEDED, "annotator"))
        if isinstance(values, str):
            problems.append(f"{path}:{number}: {values}")
        else:
            rows.append(Row(f"{path}:{number}", **{name: value.strip() for name, value in values.items()}))
    return rows, problems


def _json_rows(content: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            row = json_object(line)
            lacking = [name for name in NEEDED if name not in row] if isinstance(row, dict) else []
            yield number, f"it lacks {lacking[0]}" if lacking else row


def _table_rows(content: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    head = content.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    csv.field_size_limit(sys.maxsize)  # 131,072 characters otherwise
    reader = csv.DictReader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    lacking = [name for name in NEEDED if name not in (reader.fieldnames or [])]
    if lacking:
        yield 1, f"the head of the table lacks {lacking[0]}; expected {', '.join(NEEDED)}"
        return
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield number, f"it is no row of a table ({error})"
            return
        if row is None:
            return
        yield number, dict(row) if None not in row else "it has more cells than the head of the table"


def _wrong(rows: list[Row], config: "AnnotateCommand", measured: Measured) -> list[str]:
    """Labels that are none, documents that are none, texts that are no longer those that were labelled."""
    found = rows_of(measured, (row.id for row in rows))
    places = np.array([found[row.id] for row in rows if row.id in found], dtype=np.int64)
    hashes = dict(zip((row.id for row in rows if row.id in found), text_hashes(measured, places), strict=True))
    problems = []
    for row in rows:
        if row.label not in config.labels:
            known = ", ".join(config.labels)
            problems.append(f"{row.place}: label {row.label!r} is none of {known}{did_you_mean(row.label, config.labels)}")
        if problem := misnamed(row.annotator):
            problems.append(f"{row.place}: annotator: {problem}")
        if row.id not in hashes:
            problems.append(f"{row.place}: corpus {config.data.name} has no document {row.id!r}")
        elif row.text_hash != hashes[row.id]:
            problems.append(
                f"{row.place}: the text of {row.id} is not the one that was exported (text_hash {row.text_hash or 'missing'}, "
                f"now {hashes[row.id]}): the corpus or the recipe changed; give the recipe of the export, or label a new one"
            )
    return problems


def _repeated(rows: list[Row]) -> list[str]:
    """Rows by which one person labels one text in two ways, be it in two documents."""
    first: dict[Key, Row] = {}
    return [
        f"{row.place}: {row.annotator} labels {row.id} {row.label!r} here and {before.label!r} at {before.place}"
        for row in rows
        if (before := first.setdefault((row.text_hash or row.id, row.annotator), row)).label != row.label
    ]


def _contradicting(rows: list[Row], before: dict[Key, Label], target: Path) -> list[str]:
    return [
        f"{row.place}: {row.annotator} labelled {row.id} {known.label!r} before ({target.name}), {row.label!r} here; "
        "replace=true takes the new one, annotator=NAME says that it is another person"
        for row in rows
        if (known := before.get((row.text_hash, row.annotator))) is not None and known.label != row.label
    ]


def _labels(rows: list[Row], config: "AnnotateCommand", measured: Measured) -> list[Label]:
    """With the whole text, which a sample may hold the beginning of only."""
    places = rows_of(measured, (row.id for row in rows))
    documents = measured.documents(np.array([places[row.id] for row in rows], dtype=np.int64))
    corpus = corpus_name(config.data)
    return [
        Label(row.text_hash, row.annotator, row.label, document.text, document.id, corpus, document.source)
        for row, document in zip(rows, documents, strict=True)
    ]
