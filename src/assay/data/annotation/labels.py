"""Labels that people gave: labels/<name>.jsonl, a line for each label of a text by one person, with the text that was judged.

It is a person's work, so it lies outside of data/, where git keeps it. The text is in it since a label is about a text: it stays true when
the corpus is cleaned in another way. A line needs `text` and `label` alone, so a file of another program will do.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from assay.config.report import printable
from assay.data.document import text_hash
from assay.errors import DataError
from assay.files import ROOT, canonical_json, write_atomic

NOBODY = "unnamed"
"""Who labelled, where nobody says so."""
LONGEST_NAME = 64
PROBLEMS_SHOWN = 50
FIELDS = ("text", "label", "annotator", "corpus", "id", "source", "text_hash")


@dataclass(frozen=True, slots=True)
class Label:
    """`id`, `corpus` and `source` are empty for a text of no corpus of this project."""

    text_hash: str
    annotator: str
    label: str
    text: str
    id: str = ""
    corpus: str = ""
    source: str = ""


def labels_file(name: str, root: Path = ROOT) -> Path:
    return root / "labels" / f"{name}.jsonl"


def named_labels(root: Path = ROOT) -> list[str]:
    return sorted(path.stem for path in (root / "labels").glob("*.jsonl"))


def read_labels(path: Path) -> list[Label]:
    """Raises DataError with all that is wrong in the file: it may have been edited, or merged, by hand."""
    found: dict[tuple[str, str], Label] = {}
    places: dict[tuple[str, str], int] = {}
    problems = []
    for number, line in enumerate(utf8(path).split("\n"), 1):
        if not line.strip():
            continue
        label = _label(line)
        if isinstance(label, str):
            problems.append(f"{path}:{number}: {label}")
            continue
        key = (label.text_hash, label.annotator)
        before = found.setdefault(key, label)
        if before.label != label.label:
            problems.append(
                f"{path}:{number}: {label.annotator} labelled this text {label.label!r} here and {before.label!r} in line {places[key]}"
            )
        places.setdefault(key, number)
    refuse(problems, f"in {path.name}")
    return list(found.values())


def _label(line: str) -> Label | str:
    """The label of a line, or what is wrong with it."""
    row = json_object(line)
    values = row if isinstance(row, str) else texts_of(row, FIELDS)
    if isinstance(values, str):
        return values
    if not values["text"] or not values["label"]:
        return f"it lacks {'label' if values['text'] else 'text'}"
    if problem := misnamed(values["label"]) or misnamed(values["annotator"]):
        return problem
    digest = text_hash(values["text"])
    if values["text_hash"] not in ("", digest):
        return "its text is no longer the one that was labelled: it does not match text_hash"
    return Label(**{**values, "text_hash": digest, "annotator": values["annotator"] or NOBODY})


def texts_of(row: dict[str, object], names: Iterable[str]) -> dict[str, str] | str:
    """Some fields of a row, "" for one that is not there or null; else what is wrong with them."""
    found = {}
    for name in names:
        value = row.get(name)
        if not isinstance(value, str | None):
            return f"{name} must be text"
        found[name] = value or ""
    return found


def json_object(line: str) -> dict[str, object] | str:
    """Parse one line as a JSON object; else say what is wrong with it."""
    try:
        row = json.loads(line)
    except ValueError as error:
        return f"it is no JSON ({error})"
    except RecursionError:
        return "it is no JSON of a label: it nests too deep"
    return row if isinstance(row, dict) else "it is no JSON object"


def misnamed(word: str) -> str | None:
    """Say what is wrong with a label or a person's name, which reports and cards show."""
    return (
        None
        if word.isprintable() and len(word) <= LONGEST_NAME
        else f"{printable(word)!r} is no name of one line and {LONGEST_NAME} characters"
    )


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    """In an order of their own, so that git merges the work of two people."""
    ordered = sorted(labels, key=lambda label: (label.text_hash, label.annotator))
    write_atomic(path, b"".join(canonical_json(asdict(label)) + b"\n" for label in ordered))


def utf8(path: Path) -> str:
    """The text of a file of labels. Raises DataError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; expected a file of labels.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DataError(f"{path}:{line}: it is not UTF-8.\n  In a spreadsheet choose: save as CSV UTF-8") from None


def refuse(problems: list[str], where: str) -> None:
    """Raises DataError with all of them."""
    if not problems:
        return
    shown = [*problems[:PROBLEMS_SHOWN], *([f"and {len(problems) - PROBLEMS_SHOWN:,} more"] if len(problems) > PROBLEMS_SHOWN else [])]
    count = "1 mistake" if len(problems) == 1 else f"{len(problems):,} mistakes"
    raise DataError("\n  ".join([f"{count} {where}; nothing was changed", *map(_on_one_line, shown)]))


def _on_one_line(text: str) -> str:
    """Return the text without control characters, so that a file cannot steer the terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
