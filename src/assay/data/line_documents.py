"""Plain-text files that look as if each line were a document: as `txt` they are cut into passages of many lines, which nobody asked for."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assay.data.cleaning.decoding import decode
from assay.data.cleaning.drop import Drop
from assay.data.formats import format_of
from assay.data.own_files import own_sources
from assay.data.places import LOCAL_FILES, OUTSIDE, own_files_key, snapshot_folder
from assay.data.schema import DataSchema
from assay.files import ROOT

HEAD_BYTES = 2**18
"""Read of a file: its first lines are like the others."""
MOST_FILES = 200
FEWEST_LINES = 50
MOST_EMPTY_LINES = 0.02
UNEVEN = 1.3
"""Ratio of the 90th percentile of the lengths of lines to the median: lines of wrapped prose are nearly all as long as fits."""
SENTENCE_ENDS = "\u3002\uff01\uff1f!?.\u2026\u201d\"'\uff09)~\uff5e"


def line_documents_note(data: DataSchema, root: Path = ROOT) -> str | None:
    """One line about the first such file of the user's own folders whose format nobody declared; None where there is none."""
    found = [(name, *facts) for name, path in _plain_files(data, root) if (facts := _lines(path)) is not None]
    if not found:
        return None
    name, lines, characters = found[0]
    more = f" (and {len(found) - 1} more files)" if len(found) > 1 else ""
    file = f"conf/data/{data.name}.yaml, beside its folder: format: lines"
    if str(data.name).startswith(OUTSIDE):
        file = "a file of conf/data/ of its own, as a source: {folder: ..., format: lines}"
    return (
        f"note: {name}{more} holds {lines} lines of about {characters} characters and hardly an empty one; as plain text it is cut into "
        f"passages. If each line is a document, write in {file}"
    )


def _plain_files(data: DataSchema, root: Path) -> Iterator[tuple[str, Path]]:
    count = 0
    for source in own_sources(data):
        top = snapshot_folder(data, root) / LOCAL_FILES / own_files_key(data, source)
        for path in sorted(top.rglob("*")) if source.format == "auto" and not source.stdlib else ():
            if path.is_file() and path.suffix.lower() in (".txt", ".text") and format_of(path.name, source) == "txt":
                yield path.relative_to(top).as_posix(), path
                count += 1
                if count == MOST_FILES:
                    return


def _lines(path: Path) -> tuple[str, int] | None:
    """(how many lines, their median of characters) where each looks like a document."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    whole = len(head) < HEAD_BYTES
    found = decode(head if whole else head[: head.rfind(b"\n") + 1], ["auto"])
    if isinstance(found, Drop):
        return None
    lines = found.text.splitlines()
    full = [line.strip() for line in lines if line.strip()]
    if len(lines) < FEWEST_LINES or len(lines) - len(full) > MOST_EMPTY_LINES * len(lines):
        return None
    lengths = np.array([len(line) for line in full])
    median = int(np.median(lengths))
    ended = sum(line[-1] in SENTENCE_ENDS for line in full) / len(full)
    if np.percentile(lengths, 90) < UNEVEN * median and ended < 0.5:
        return None
    return f"{len(lines):,}" if whole else f"more than {len(lines):,}", median
