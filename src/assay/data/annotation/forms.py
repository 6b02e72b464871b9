"""The forms in which a sample goes to a person: a page to label in, a table for a spreadsheet, lines for a program."""

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.annotation.page import page
from assay.data.annotation.sample import Sampled
from assay.files import canonical_json

if TYPE_CHECKING:
    from assay.config.schema import AnnotateCommand

Form = Callable[[list[Sampled], "AnnotateCommand"], bytes]
COLUMNS = ("id", "text_hash", "label", "annotator", "source", "text")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins so, whoever wrote the document."""


def form_of(path: Path) -> Form:
    forms: dict[str, Form] = {".csv": table, ".jsonl": lines, ".html": page}
    return forms[path.suffix]


def lines(documents: list[Sampled], config: "AnnotateCommand") -> bytes:
    return b"".join(
        canonical_json({**asdict(document), "label": "", "annotator": config.annotator or ""}) + b"\n" for document in documents
    )


def table(documents: list[Sampled], config: "AnnotateCommand") -> bytes:
    """CSV with the mark by which Excel knows UTF-8. The text is for the person alone: what is imported is found by its id."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for document in documents:
        more = f" [... {document.more_characters:,} more characters]" if document.more_characters else ""
        text = document.text.replace("\0", "\ufffd") + more
        shown = [_cell(document.source), _cell(text)]
        writer.writerow([document.id, document.text_hash, "", config.annotator or "", *shown])
    return stream.getvalue().encode("utf-8-sig")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
