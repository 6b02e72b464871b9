"""From the bytes of a file to the texts of its records. The formats and their suffixes are in FORMATS and SUFFIXES; readers in reading/."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from assay.data.cleaning.decoding import MARKED, MARKING, show_bad
from assay.data.cleaning.drop import Drop
from assay.data.reading.bad_records import texts_of_records
from assay.data.reading.csv_rows import read_rows
from assay.data.reading.json_lines import read_json, read_jsonl
from assay.data.reading.record import Change, ReadRecord
from assay.data.schema import SourceSchema

SUFFIXES = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "txt",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".py": "python",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "xhtml",
    ".xht": "xhtml",
    ".warc": "warc",
    ".wet": "warc",
    ".mbox": "mbox",
    ".eml": "mail",
    ".po": "po",
}
PACKED = (".gz", ".zst", ".bz2")
"""May stand behind any of them."""
BY_LINE = ("lines", "jsonl")
"""Formats in which any run of whole lines can be read on its own."""
FROM_BYTES = ("parquet", "arrow", "html", "xhtml", "warc", "mbox", "mail", "wiki", "po")
"""Formats that are no text, or say themselves how theirs is encoded."""
PAGES = ("html", "xhtml", "warc")
"""Formats whose records are pages, with the fields title and text."""
OF_RECORDS = ("lines", "jsonl", "json", "csv", "tsv")
"""Formats of text in which bad bytes make one record a bad one. In the others they become U+FFFD."""
DATASET_SUFFIXES = frozenset((".parquet", ".arrow", ".jsonl", ".csv"))
"""Files of records in the folder of a Hugging Face data set; the other files are its cards and indexes, and cache-*.arrow what `.map()` left."""
SYSTEM_FILES = frozenset((".ds_store", "thumbs.db", "desktop.ini"))


def format_of(name: str, source: SourceSchema) -> str | None:
    """The declared format, or by `auto` the one its suffix names; None for a file nobody knows how to read."""
    path = PurePosixPath(name.lower())
    suffix = PurePosixPath(path.stem).suffix if path.suffix in PACKED else path.suffix
    if source.format == "dataset":
        return SUFFIXES[suffix] if suffix in DATASET_SUFFIXES and not path.name.startswith("cache-") else None
    if source.format == "html" and SUFFIXES.get(suffix) == "xhtml":
        return "xhtml"
    return SUFFIXES.get(suffix) if source.format == "auto" else source.format


def is_system_file(name: str) -> bool:
    """Whether an operating system made a file for itself: icons, thumbnails, and the attributes that macOS packs beside each file."""
    path = PurePosixPath(name)
    return path.name.startswith("._") or path.name.lower() in SYSTEM_FILES or "__MACOSX" in path.parts


def is_document(name: str, source: SourceSchema) -> bool:
    """False for the files that a saved data set keeps about itself: they are passed over, not counted as unreadable."""
    return source.format != "dataset" or format_of(name, source) is not None


def read_bytes(
    content: bytes, form: str, source: SourceSchema, place: str, changes: list[Change] | None = None, extractor: str = "resiliparse"
) -> Iterator[tuple[str, str | Drop]]:
    """Yield (record, text or why there is none) of a file in one of the formats FROM_BYTES; what a reader repaired is added to `changes`.

    Raises DataError where the file as a whole is not what was declared; a record that can't be read is a Drop. `extractor`: of the text of HTML pages.
    """
    found = _reader(form, extractor)(content, source, place, [] if changes is None else changes)
    if form in PAGES and "text" in source.text_fields:
        found = map(_with_text, found)
    yield from texts_of_records(found, source, f"{place}: record ")


def _with_text(read: ReadRecord) -> ReadRecord:
    """A page without text is dropped, or it would be kept as its URL or title alone."""
    name, record = read
    return (name, Drop("no_text")) if isinstance(record, dict) and not record["text"].strip() else read


def _reader(form: str, extractor: str) -> Callable[[bytes, SourceSchema, str, list[Change]], Iterator[ReadRecord]]:
    """Imported by need: each brings libraries of its own."""
    if form in ("parquet", "arrow"):
        from assay.data.reading.tables import read_arrow, read_parquet

        read = read_parquet if form == "parquet" else read_arrow
        return lambda content, source, place, changes: read(content, source.text_fields, place, source.id_field)
    if form == "wiki":
        from assay.data.reading.wiki import read_wiki

        return lambda content, source, place, changes: read_wiki(content, place, changes)
    if form == "warc":
        from assay.data.reading.warc import read_warc

        return lambda content, source, place, changes: read_warc(content, place, changes, extractor)
    if form in ("mail", "mbox"):
        from assay.data.reading.mail import read_mail, read_mbox

        read_mails = read_mail if form == "mail" else read_mbox
        return lambda content, source, place, changes: read_mails(content, changes)
    if form == "po":
        from assay.data.reading.po import read_po

        return lambda content, source, place, changes: read_po(content, source.text_fields, place, changes)
    from assay.data.html.page import read_page

    return lambda content, source, place, changes: iter([("1", read_page(content, None, extractor, form == "xhtml", "1", changes))])


def read_records(text: str, form: str, source: SourceSchema, place: str, first_line: int = 1) -> Iterator[tuple[str, str | Drop]]:
    """Yield (record, text) of a decoded file. A record's name is its line or row number, from 1; `N.field` where each field is a document.

    Of a marked text in one of the formats OF_RECORDS only the records that hold bad bytes are affected. Raises DataError naming place and
    line when a record does not parse or lacks its fields, unless the source allows a share of bad records.
    """
    if form in ("txt", "python"):
        yield "1", text
    elif form == "lines":
        for number, line in enumerate(split_lines(text), first_line):
            yield str(number), Drop("undecodable", show_bad(line)) if MARKED.search(line) else line
    elif form == "jsonl":
        yield from read_jsonl(text.encode("utf-8", MARKING), first_line, source, place)
    elif form == "json":
        yield from texts_of_records(read_json(text, place), source, f"{place}: record ")
    else:
        yield from texts_of_records(read_rows(text, form, place), source, f"{place}: row ")


def split_lines(text: str) -> list[str]:
    """Lines ended by LF, CRLF or CR. Not str.splitlines, which also cuts at separators that occur inside sentences."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
