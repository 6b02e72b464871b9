"""One document's story: where it came from, what was measured of it, and why it was kept or dropped."""

import re
from typing import TYPE_CHECKING

import numpy as np

from assay.data.batch import TextBatch
from assay.data.classifier.settings import PARTS, QualityClassifierSettings
from assay.data.decide import Decisions, Layers
from assay.data.document import Document, Outcome
from assay.data.linguistics.view import View
from assay.data.measured import NUMBERS, Measured
from assay.data.split import SPLITS
from assay.errors import DataError

if TYPE_CHECKING:
    from assay.config.schema import CleanConfig

EXCERPT_CHARACTERS = 600
PAIRS_SHOWN = 5


def story(config: "CleanConfig", asked: str, measured: Measured, decisions: Decisions, layers: Layers) -> str:
    """Return the history of the document whose id begins with `asked`. Raises DataError where none does, or several do."""
    row = _row(config, asked, measured)
    if row is None:
        return _before_it_was_measured(config, asked, measured)
    (document,) = measured.documents(np.array([row]))
    code = int(decisions.codes[row])
    fate = f"dropped: {decisions.reasons[code - 1]}" if code else f"kept, in {SPLITS[int(decisions.splits[row])]}"
    values = measured.take(np.array([row]), list(NUMBERS[5:]))
    lines = [
        f"document {document.id}",
        f"  from      {document.source}, {document.path}, record {document.record}",
        f"  fate      {fate}",
        *(f"  {name:<9} {found[0]:,}" for name, found in values.items()),
        *_score(row, config.cleaning.quality_classifier, layers),
        *_twins(row, measured, decisions),
        *_near(row, measured, decisions),
        *_changes(document.id, measured.outcome()),
        *(_on_words(document, config) if not code else []),
        "  text",
        *(f"    {_printable(line)}" for line in document.text[:EXCERPT_CHARACTERS].splitlines()),
    ]
    return "\n".join(lines)


def _printable(line: str) -> str:
    """A document may hold what a terminal takes for a command."""
    return "".join(character if character.isprintable() or character == "\t" else "\ufffd" for character in line)


def _row(config: "CleanConfig", asked: str, measured: Measured) -> int | None:
    if not re.fullmatch(r"[0-9a-f]{4,32}", asked):
        raise DataError(f"why={asked}: expected an id, or its first 4 digits or more, as the report and drops.jsonl show it.")
    padded = (int(asked.ljust(32, "0"), 16), int(asked.ljust(32, "f"), 16))
    high = measured.numbers("id_high")
    candidates = np.flatnonzero((high >= np.uint64(padded[0] >> 64)) & (high <= np.uint64(padded[1] >> 64)))
    rows = [int(row) for row in candidates if measured.documents(np.array([row]))[0].id.startswith(asked)]
    if len(rows) > 1:
        shown = ", ".join(sorted(document.id for document in measured.documents(np.array(rows[:5]))))
        raise DataError(f"why={asked}: {len(rows)} documents of {config.data.name} begin so: {shown}.\n  Give more of the id.")
    return rows[0] if rows else None


def _before_it_was_measured(config: "CleanConfig", asked: str, measured: Measured) -> str:
    """A file or record that never became a document has an id too; the first of each reason are known."""
    for reason, rows in measured.outcome().shown.items():
        for row in rows:
            if row.id.startswith(asked):
                lines = [
                    f"document {row.id}",
                    f"  from      {row.source}, {row.path}, record {row.record}",
                    f"  fate      dropped: {reason}",
                ]
                return "\n".join([*lines, "  text", f"    {row.excerpt!r}"])
    raise DataError(
        f"why={asked}: {config.data.name} has no such document among {len(measured):,}.\n"
        "  Ids are in report.html and drops.jsonl of the corpus; of those that were dropped while reading, only the first of each reason are kept."
    )


def _score(row: int, settings: QualityClassifierSettings | None, layers: Layers) -> list[str]:
    if settings is None:
        return []
    return [
        f"  scored    {layers['quality_classifier'][row] / PARTS:.4f} by classifier {settings.name}; at least {settings.at_least} stays"
    ]


def _twins(row: int, measured: Measured, decisions: Decisions) -> list[str]:
    high, low = measured.numbers("text_high"), measured.numbers("text_low")
    same = np.flatnonzero((high == high[row]) & (low == low[row]) & (np.arange(len(measured)) != row))
    kept = [document.id for document in measured.documents(same[decisions.kept[same]])]
    if not len(same):
        return []
    return [f"  repeats   {len(same):,} other(s) with the same text; kept of them: {', '.join(kept) or 'none'}"]


def _near(row: int, measured: Measured, decisions: Decisions) -> list[str]:
    """The pairs that were counted, nearest first."""
    if decisions.near is None:
        return []
    similar, rows = decisions.near.similar, decisions.compared
    mine = np.flatnonzero((rows[similar.pairs] == row).any(axis=1))
    order = mine[np.argsort(-similar.jaccard[mine], kind="stable")][:PAIRS_SHOWN]
    lines = []
    for pair in order:
        (other,) = [each for each in rows[similar.pairs[pair]].tolist() if each != row]
        (document,) = measured.documents(np.array([other]))
        fate = "kept" if decisions.kept[other] else "dropped too"
        shared, joined = int(similar.shared[pair]), int(similar.joined[pair])
        lines.append(f"  near      {document.id}, {fate}: {shared:,} of {joined:,} shingles in common")
    return lines


def _on_words(document: Document, config: "CleanConfig") -> list[str]:
    """Return what linguistic preprocessing makes of a document when it is written."""
    if config.cleaning.linguistics is None:
        return []
    outcome, view = Outcome(), View(config.cleaning.linguistics, config.data.language)
    view.changed(document, view.languages(TextBatch.of([document.text]))[0], outcome)
    return _changes(document.id, outcome)


def _changes(name: str, outcome: Outcome) -> list[str]:
    changes = [change for shown in outcome.changes.values() for change in shown if name == change.id]
    return [f"  changed   by {change.step}: {change.before!r} became {change.after!r}" for change in changes]
