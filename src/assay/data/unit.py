"""Cleans one unit of raw data: the part of `clean` that runs in worker processes."""

from collections.abc import Iterator

from assay.data.cleaning.decoding import decode
from assay.data.cleaning.drop import Drop
from assay.data.cleaning.gutenberg import without_gutenberg_frame
from assay.data.cleaning.passages import passages
from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.steps import filters, repairs
from assay.data.document import Document, Outcome, document_id, text_hash
from assay.data.formats import format_of, read_parquet, read_records
from assay.data.places import citation
from assay.data.schema import SourceSchema
from assay.data.sources import Unit


def clean_unit(unit: Unit, source: SourceSchema, cleaning: CleaningSchema) -> Outcome:
    """Documents, drops and counts of a unit. A file that can't be read as a whole counts as one document, dropped."""
    outcome = Outcome(read_bytes=len(unit.content))
    form = format_of(unit.path, source)
    whole = Document(document_id(citation(source), unit.path, ""), "", citation(source), unit.path, "", "")
    records = _records(unit, form, source, cleaning, outcome)
    if isinstance(records, Drop):
        outcome.read_documents = 1
        outcome.drop(whole, records.reason)
        return outcome
    for record, text in records:
        _clean_record(record, text, whole, form, source, cleaning, outcome)
    outcome.trim()
    return outcome


def _records(
    unit: Unit, form: str | None, source: SourceSchema, cleaning: CleaningSchema, outcome: Outcome
) -> Iterator[tuple[str, str]] | Drop:
    place = f"{citation(source)}: {unit.path}"
    if form is None:
        return Drop("unknown_format")
    if form == "parquet":
        return read_parquet(unit.content, source, place)
    if unit.encoding:
        text, encoding = unit.content.decode(unit.encoding).removeprefix("\ufeff"), unit.encoding
    else:
        found = decode(unit.content, list(cleaning.encodings))
        if isinstance(found, Drop):
            return found
        text, encoding = found
    if encoding != "utf-8" and unit.first_line == 1:
        outcome.changed[f"decoded_from_{encoding}"] += 1
    return read_records(text, form, source, place, unit.first_line)


def _clean_record(
    record: str, text: str, whole: Document, form: str | None, source: SourceSchema, cleaning: CleaningSchema, outcome: Outcome
) -> None:
    if source.boilerplate == "gutenberg":
        bare = without_gutenberg_frame(text)
        outcome.changed["boilerplate"] += bare != text
        outcome.removed_characters["boilerplate"] += len(text) - len(bare)
        text = bare
    repaired = _repair(text, cleaning, outcome)
    if isinstance(repaired, Drop):
        outcome.read_documents += 1
        outcome.drop(_document(text, whole, record), repaired.reason)
        return
    limit_bytes = cleaning.passage_bytes if form == "txt" else None
    pieces = [repaired] if limit_bytes is None else passages(repaired, limit_bytes) or [repaired]
    for number, piece in enumerate(pieces, 1):
        outcome.read_documents += 1
        if limit_bytes is not None and cleaning.whitespace == "normalise":
            piece = piece.strip("\n")  # the empty lines at which it was cut
        _keep_or_drop(_document(piece, whole, record if limit_bytes is None else f"{record}.{number}"), cleaning, outcome)


def _repair(text: str, cleaning: CleaningSchema, outcome: Outcome) -> str | Drop:
    for name, step in repairs(cleaning):
        found = step(text)
        if isinstance(found, Drop):
            return found
        outcome.changed[name] += found.strip("\n") != text.strip("\n")  # the line end of a file's last line is no change to report
        text = found
    return text


def _document(text: str, whole: Document, record: str) -> Document:
    return Document(document_id(whole.source, whole.path, record), text, whole.source, whole.path, record, "")


def _keep_or_drop(document: Document, cleaning: CleaningSchema, outcome: Outcome) -> None:
    for _, step in filters(cleaning):
        found = step(document.text)
        if isinstance(found, Drop):
            outcome.drop(document, found.reason)
            return
    outcome.kept.append(Document(document.id, document.text, document.source, document.path, document.record, text_hash(document.text)))
