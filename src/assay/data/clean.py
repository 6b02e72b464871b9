"""The cleaning stage: raw snapshot -> cleaned, deduplicated, split documents, with a card that accounts for every one."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.data.card import corpus_card, write_card
from assay.data.classifier.finished import facts_of
from assay.data.clean_inputs import clean_inputs
from assay.data.decide import Decisions, decide
from assay.data.document import DROPS_SHOWN, Outcome, dropped
from assay.data.fingerprint import fingerprint
from assay.data.held_out import Overlap, TrainingSeen
from assay.data.hidden import leave_pandas_out
from assay.data.line_documents import line_documents_note
from assay.data.linguistics.view import View
from assay.data.maps import release_freed
from assay.data.measured import Measured, measure_source, measured_folder
from assay.data.near.contamination import documents_by_corpus
from assay.data.page import page
from assay.data.places import corpus_name, snapshot_folder
from assay.data.pool import in_order, kept_processes
from assay.data.preview import preview
from assay.data.recipe import Homes, measured_layers
from assay.data.schema import DataSchema
from assay.data.shards import ROWS_PER_GROUP, SOURCES_SUFFIX, write_documents
from assay.data.sources import snapshot_facts, verify_snapshot
from assay.data.split import SPLITS
from assay.data.why import story
from assay.errors import DataError
from assay.files import ROOT, canonical_json, draft_folder, in_use, write_manifest

if TYPE_CHECKING:
    from assay.config.schema import CleanConfig

REPORT_FILE = "report.html"
TABLE_BYTES = 2**23
APART_FROM_BYTES = 2**28
"""Bytes of raw files from which measuring runs in a process of its own. What decisions keep of each document and what measuring loads take less
than 400 MB each, for 2 GB of text, but not together."""


def clean(config: "CleanConfig", target: Path, root: Path = ROOT, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Write train, val and test documents, drops.jsonl, card.json, CARD.md and manifest.json to `target`; return the manifest.

    The bytes depend on the snapshot and the config alone. Raises DataError where the snapshot is not what was declared, or gives too
    few documents to split.
    """
    started, cpu = time.perf_counter(), time.process_time()
    leave_pandas_out()
    data = config.data
    inputs = clean_inputs(config, root)
    facts = snapshot_facts(data, snapshot_folder(data, root))
    measured, homes, layers, decisions = _decided(config, facts, root, say)
    contaminated = _contaminated(config, layers)
    outcome = _outcome(measured, decisions)
    _refuse_too_few(measured, decisions, outcome, data)
    release_freed()
    with draft_folder(target) as draft:
        overlap = _write_splits(draft, measured, decisions, config, outcome)
        overlap.refuse_too_many(corpus_name(data), config.cleaning.near_dedup)
        release_freed()
        (draft / "drops.jsonl").write_bytes(_drop_lines(outcome))
        card = corpus_card(data, config.cleaning, facts, outcome, measured, decisions, layers)
        card |= facts_of(config.cleaning.quality_classifier, root) | contaminated | {"held_out": overlap.facts()}
        write_card(draft, card)
        release_freed()
        (draft / REPORT_FILE).write_text(page(card, outcome, measured, decisions, layers, overlap, config.cleaning), encoding="utf-8")
        counts = {name: int((decisions.kept & (decisions.splits == number)).sum()) for number, name in enumerate(SPLITS)}
        named = {"stage": "clean", "corpus": corpus_name(data), "documents": counts, "made_from": inputs, "stores": homes.names()}
        manifest = write_manifest(draft, fingerprint=fingerprint(inputs), **named)
    say(_summary(data, outcome, counts, time.perf_counter() - started, time.process_time() - cpu))
    if (note := line_documents_note(data, root)) is not None:
        say(note)
    return manifest


def _write_splits(draft: Path, measured: Measured, decisions: Decisions, config: "CleanConfig", outcome: Outcome) -> Overlap:
    """Write the documents of each split, and add to `outcome` what linguistic preprocessing changes.

    Returns what the training documents, as they were, hold of the others.
    """
    seen = TrainingSeen(measured, decisions, config.cleaning.held_out)
    sizes, settings = measured.numbers("bytes").astype(np.uint32), config.cleaning.linguistics
    view = View(settings, config.data.language) if settings is not None and settings.steps else None
    with kept_processes():
        for number, name in enumerate(SPLITS):
            rows = measured.by_id[(decisions.kept & (decisions.splits == number))[measured.by_id]]
            tables = _groups(measured, rows, sizes)
            tables = seen.passing(tables) if number == 0 else tables
            viewed = tables if view is None else _viewed(view, tables, config.data.workers, outcome)
            write_documents(draft / f"{name}.parquet", viewed)
            if len(config.data.sources) > 1:
                (draft / f"{name}{SOURCES_SUFFIX}").write_bytes(measured.sources[rows].astype("<u2").tobytes())
    return seen.overlap()


def _viewed(view: View, tables: Iterator[Any], workers: int, outcome: Outcome) -> Iterator[Any]:
    for table, changes in in_order(view.table, tables, lambda table: int(table.nbytes), workers):
        outcome.add(changes)
        yield table


def measured_corpus(config: "CleanConfig", root: Path = ROOT, say: Callable[[str], None] = print) -> tuple[Measured, dict[str, Any]]:
    """All documents of a corpus, before any is dropped, with the layers by which its recipe decides."""
    with kept_processes(config.engine, root / "data" / "cache"):
        measured, _, layers = _measured(config, snapshot_facts(config.data, snapshot_folder(config.data, root)), root, say)
        return measured, layers


def explain(config: "CleanConfig", asked: str, root: Path = ROOT, say: Callable[[str], None] = print) -> str:
    """The story of the document whose id begins with `asked`, under this recipe."""
    measured, _, layers, decisions = _decided(config, snapshot_facts(config.data, snapshot_folder(config.data, root)), root, say)
    return story(config, asked, measured, decisions, layers)


def plan(config: "CleanConfig", target: Path, root: Path = ROOT, say: Callable[[str], None] = print) -> str:
    """Describe what this recipe would keep and drop, beside what `target` holds; nothing is written but what was not measured yet."""
    measured, _, _, decisions = _decided(config, snapshot_facts(config.data, snapshot_folder(config.data, root)), root, say)
    return preview(_outcome(measured, decisions), measured, decisions, target)


def _decided(
    config: "CleanConfig", facts: list[dict[str, str | int]], root: Path, say: Callable[[str], None]
) -> tuple[Measured, Homes, dict[str, Any], Decisions]:
    with kept_processes(config.engine, root / "data" / "cache", apart=_raw_bytes(config.data, root) >= APART_FROM_BYTES):
        measured, homes, layers = _measured(config, facts, root, say)
    release_freed()  # the texts that were measured
    _refuse_repeated_ids(measured)
    decisions = decide(measured, config.data, config.cleaning, layers)
    release_freed()
    return measured, homes, layers, decisions


def _raw_bytes(data: DataSchema, root: Path) -> int:
    folder = snapshot_folder(data, root)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _measured(
    config: "CleanConfig", facts: list[dict[str, str | int]], root: Path, say: Callable[[str], None]
) -> tuple[Measured, Homes, dict[str, Any]]:
    """All documents of all sources, with the layers that the recipe asks for; what is not stored yet is read and measured first."""
    data = config.data
    places = verify_snapshot(data, snapshot_folder(data, root))
    folders = [measured_folder(data, config.cleaning, number, facts[number], root) for number in range(len(places))]
    with ExitStack() as using:  # until all is mapped into memory
        for folder in folders:
            using.enter_context(in_use(folder))
        for number, (place, folder) in enumerate(zip(places, folders, strict=True)):
            measure_source(data, config.cleaning, number, place, folder, say)
        homes, layers = measured_layers(config.cleaning, data.language, folders, data.workers, root, say)
        return Measured.open(data, homes.stores), homes, layers


def _groups(measured: Measured, rows: NDArray[np.uint32], sizes: NDArray[np.uint32]) -> Iterator[Any]:
    """Tables of whole row groups with about TABLE_BYTES of text: a document lies anywhere, and each table asks every part for its own."""
    start, before = 0, np.cumsum(np.append(0, sizes[rows]))
    while start < len(rows):
        release_freed()  # a millisecond or two; without it what tables leave behind grows to 70 MB
        fitting = int(np.searchsorted(before, before[start] + TABLE_BYTES)) - start
        end = start + max(1, fitting // ROWS_PER_GROUP) * ROWS_PER_GROUP
        yield measured.table(rows[start:end])
        start = end


def _refuse_repeated_ids(measured: Measured) -> None:
    high, low = (measured.numbers(name)[measured.by_id] for name in ("id_high", "id_low"))
    twice = np.flatnonzero((high[1:] == high[:-1]) & (low[1:] == low[:-1]))
    if len(twice):
        (document,) = measured.documents(measured.by_id[twice[:1]])
        if not document.path:
            raise DataError(
                f"{document.source}: two records are named {document.record!r} by id_field, which must tell them apart.\n"
                "  Name another field in conf/data/, or leave id_field out: records are then told apart by file and line."
            )
        raise DataError(
            f"{document.source}: {document.path}, record {document.record} is read twice: two sources, or two members of one archive, "
            "have this name.\n  Make their `members` in conf/data/ not overlap."
        )


def _outcome(measured: Measured, decisions: Decisions) -> Outcome:
    """Return the counts of reading, with what was decided since."""
    outcome = measured.outcome()
    for reason in decisions.reasons:
        rows = decisions.rows_of(reason)
        if len(rows):
            first = measured.by_id[np.isin(measured.by_id, rows)][:DROPS_SHOWN]
            part = Outcome(shown={reason: [dropped(document, reason) for document in measured.documents(first)]})
            part.dropped[reason] = len(rows)
            outcome.add(part)
    return outcome


def _contaminated(config: "CleanConfig", layers: dict[str, Any]) -> dict[str, Any]:
    """For the card. A corpus of which too much is evaluation text is the wrong one: what is left of it would flatter a model all the same."""
    settings, found = config.cleaning.decontaminate, layers.get("contamination")
    if settings is None or found is None:
        return {}
    by_corpus = documents_by_corpus(found, settings)
    count = sum(by_corpus.values())
    if count > settings.at_most * len(found):
        counts = ", ".join(f"{number:,} with {name}" for name, number in by_corpus.items() if number)
        raise DataError(
            f"corpus {config.data.name}: {count:,} of {len(found):,} documents share text with evaluation sets ({counts}), more than "
            f"cleaning.decontaminate.at_most={settings.at_most} allows.\n  Take the text out of the sources, or allow it: "
            f"cleaning.decontaminate.at_most={math.ceil(1000 * count / len(found)) / 1000}"
        )
    return {"contaminated_by_evaluation_set": by_corpus}


def _refuse_too_few(measured: Measured, decisions: Decisions, outcome: Outcome, data: DataSchema) -> None:
    kept = decisions.kept
    if len(np.unique(decisions.splits[kept])) == len(SPLITS):
        return
    different = len(np.unique(measured.numbers("split_position")[kept]))
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(outcome.dropped.items())) or "none"
    kept_bytes = int(measured.numbers("bytes")[kept].sum())
    raise DataError(
        f"corpus {data.name}: {different:,} different documents are too few for train, val and test; at least 3 are needed.\n"
        f"  Read {outcome.read_documents:,} documents, kept {int(kept.sum()):,} ({kept_bytes:,} bytes); dropped: {reasons}.\n"
        + ("  Add text, or loosen what dropped it." if not kept_bytes else _smaller_passages(kept_bytes))
    )


def _smaller_passages(kept_bytes: int) -> str:
    return f"  Add text, or cut plain text into smaller passages: cleaning.passage_bytes={max(64, kept_bytes // 20)}"


def _drop_lines(outcome: Outcome) -> bytes:
    rows = [row for reason in sorted(outcome.shown) for row in outcome.shown[reason]]
    return b"".join(canonical_json(asdict(row)) + b"\n" for row in rows)


def _summary(data: DataSchema, outcome: Outcome, counts: dict[str, int], seconds: float, cpu_seconds: float) -> str:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(outcome.dropped.items())) or "none"
    return (
        f"cleaned {data.name}: {sum(counts.values()):,} of {outcome.read_documents:,} documents kept, dropped {reasons}; "
        + ", ".join(f"{name} {count:,}" for name, count in counts.items())
        + f"; {outcome.read_bytes / 1e6 / max(seconds, 1e-9):.1f} MB/s ({seconds:.1f} s, {cpu_seconds:.1f} s CPU)"
    )
