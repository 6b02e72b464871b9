"""Cleans one unit of raw data: the part of `clean` that runs in worker processes."""

from collections.abc import Iterator
from dataclasses import replace

from assay.data.batch import TextBatch
from assay.data.cleaning.decoding import choose_encoding, read_marked, replace_bad
from assay.data.cleaning.detection import coding_cookie
from assay.data.cleaning.drop import Drop
from assay.data.cleaning.gutenberg import without_gutenberg_frame
from assay.data.cleaning.passages import passages
from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.steps import Step, repairs
from assay.data.cleaning.unicode_form import unstable_characters
from assay.data.document import EXCERPT_CHARACTERS, Document, Outcome, document_id
from assay.data.formats import FROM_BYTES, OF_RECORDS, format_of, is_system_file, read_bytes, read_records
from assay.data.kernel import NOT_ASCII, UNTIDY, any_in_class, untidy
from assay.data.places import citation
from assay.data.reading.json_lines import read_jsonl
from assay.data.reading.record import Change, undecodable
from assay.data.schema import SourceSchema
from assay.data.sources import Unit

BROKEN, UNSTABLE, OTHER = 4, 8, 16
EVERYTHING = NOT_ASCII | UNTIDY | BROKEN | UNSTABLE | OTHER
GATES = {"well_formed": BROKEN, "unicode_form": UNSTABLE, "whitespace": UNTIDY}
"""Conditions on a text for a step to change it. A step that is not here sees every text, and so does each after a change."""


def clean_unit(unit: Unit, source: SourceSchema, cleaning: CleaningSchema) -> Outcome:
    """Documents, drops and counts of a unit. A file that can't be read as a whole counts as one document, dropped."""
    outcome = Outcome(read_bytes=len(unit.content))
    form = format_of(unit.path, source)
    whole = Document(document_id(citation(source), unit.path, ""), "", citation(source), unit.path, "")
    changes: list[Change] = []
    records = _records(unit, form, source, cleaning, outcome, changes)
    if isinstance(records, Drop):
        outcome.read_documents = 1
        outcome.drop(replace(whole, text=_excerpt(unit.content)), records.reason)
        return outcome
    found: list[tuple[str, str]] = []
    for record, text in records:
        if isinstance(text, Drop):
            outcome.read_documents += 1
            outcome.drop(_document(text.excerpt, whole, record), text.reason)
        else:
            found.append((record, text))
    for change in changes:
        outcome.change(_document("", whole, change.record), change.step, change.before, change.after, change.removed)
    steps = [*_frame(source), *repairs(cleaning)]
    limit_bytes = cleaning.passage_bytes if form == "txt" else None
    cited = whole if source.id_field is None else replace(whole, path="")  # the same record in another file is the same document
    for (record, text), flags in zip(found, _flags([text for _, text in found], cleaning), strict=True):
        document = _document(text, cited, record)
        repaired = _repair(document, flags, steps, outcome)
        if isinstance(repaired, Drop):
            outcome.read_documents += 1
            outcome.drop(document, repaired.reason)
        elif limit_bytes is None:
            _keep(document if repaired is text else replace(document, text=repaired), outcome)
        else:
            for piece in _pieces(replace(document, text=repaired), limit_bytes, cleaning):
                _keep(piece, outcome)
    outcome.trim()
    return outcome


def _records(
    unit: Unit, form: str | None, source: SourceSchema, cleaning: CleaningSchema, outcome: Outcome, changes: list[Change]
) -> Iterator[tuple[str, str | Drop]] | Drop:
    place = f"{citation(source)}: {unit.path}"
    if is_system_file(unit.path):
        return Drop("system_file")
    if form is None:
        return Drop("unknown_format")
    if form in FROM_BYTES:
        return read_bytes(unit.content, form, source, place, changes, cleaning.html)
    encoding = unit.encoding or _encoding(unit.content, form, cleaning)
    if isinstance(encoding, Drop):
        return encoding
    if encoding != "utf-8" and unit.first_line == 1:
        outcome.changed[f"decoded_from_{encoding}"] += 1
    if form == "jsonl" and encoding == "utf-8":  # read without decoding the whole
        return read_jsonl(unit.content, unit.first_line, source, place)
    text, _, bad_bytes = read_marked(unit.content, encoding)
    if bad_bytes and form not in OF_RECORDS:
        changes.append(undecodable("", text))
        text = replace_bad(text)
    return read_records(text, form, source, place, unit.first_line)


def _encoding(content: bytes, form: str, cleaning: CleaningSchema) -> str | Drop:
    declared = coding_cookie(content) if form == "python" else None
    found = choose_encoding(content, cleaning.encodings, [declared] if declared else [])
    if found == Drop("undecodable") and form in OF_RECORDS and {"utf-8", "auto"} & set(cleaning.encodings):
        return "utf-8"  # each record that is not is a bad one of its own
    return found


def _frame(source: SourceSchema) -> list[Step]:
    return [("boilerplate", without_gutenberg_frame)] if source.boilerplate == "gutenberg" else []


def _flags(texts: list[str], cleaning: CleaningSchema) -> list[int]:
    """Per text what it has of GATES; everything, for all, where one holds half a surrogate pair, which no buffer can."""
    try:
        batch = TextBatch.of(texts)
    except UnicodeEncodeError:
        return [EVERYTHING] * len(texts)
    flags = untidy(batch.content, batch.offsets)
    if cleaning.unicode_form != "none" and (flags & NOT_ASCII).any():
        flags[any_in_class(batch.content, batch.offsets, unstable_characters(cleaning.unicode_form))] |= UNSTABLE
    found: list[int] = (flags | OTHER).tolist()
    return found


def _repair(document: Document, flags: int, steps: list[Step], outcome: Outcome) -> str | Drop:
    text = document.text
    for name, step in steps:
        if not flags & GATES.get(name, EVERYTHING):
            continue
        found = step(text)
        if isinstance(found, Drop):
            return found
        if found != text:
            if found.strip("\n") != text.strip("\n"):  # the line end of a file's last line is no change to report
                outcome.change(document, name, text, found)
            text, flags = found, EVERYTHING
    return text


def _pieces(document: Document, limit_bytes: int, cleaning: CleaningSchema) -> Iterator[Document]:
    for number, piece in enumerate(passages(document.text, limit_bytes) or [document.text], 1):
        text = piece.strip("\n") if cleaning.whitespace == "normalise" else piece  # the empty lines at which it was cut
        record = f"{document.record}.{number}"
        yield Document(document_id(document.source, document.path, record), text, document.source, document.path, record)


def _keep(document: Document, outcome: Outcome) -> None:
    outcome.read_documents += 1
    if document.text and not document.text.isspace():
        outcome.kept.append(document)
    else:
        outcome.drop(document, "empty")


def _excerpt(content: bytes) -> str:
    """The start of a file that can't be read, bytes outside ASCII as \\xff."""
    return content[:EXCERPT_CHARACTERS].decode("ascii", "backslashreplace").replace("\0", "\\x00")


def _document(text: str, whole: Document, record: str) -> Document:
    return Document(document_id(whole.source, whole.path, record), text, whole.source, whole.path, record)
