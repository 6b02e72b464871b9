"""The cleaning stage: raw snapshot -> cleaned, deduplicated, split documents, with a card that accounts for every one."""

import time
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.data.card import corpus_card, write_card
from assay.data.cleaning.dedup import exact_dedup
from assay.data.cleaning.schema import CleaningSchema
from assay.data.document import Document, Outcome
from assay.data.fingerprint import Inputs, fingerprint, library, settings, stage_inputs
from assay.data.places import corpus_name, snapshot_folder
from assay.data.pool import in_order
from assay.data.schema import DataSchema, SourceSchema
from assay.data.shards import write_documents
from assay.data.sources import Unit, snapshot_facts, units, verify_snapshot
from assay.data.split import SPLITS, assign_splits
from assay.data.unit import clean_unit
from assay.errors import DataError
from assay.files import ROOT, canonical_json, draft_folder, write_manifest

if TYPE_CHECKING:
    from assay.config.schema import CleanConfig

SHAPING_FIELDS = ("name", "language", "licence", "sources", "validation_fraction", "test_fraction")
"""Of conf/data/: workers and context_tokens never change a byte here."""


def clean_inputs(config: "CleanConfig", root: Path = ROOT) -> Inputs:
    """Raises DataError if the copy of the user's own files is not there; a download's declared sha256 stands for it."""
    data = asdict(config.data)
    chosen = {"data": {key: data[key] for key in SHAPING_FIELDS}, "cleaning": settings(config.cleaning)}
    facts = snapshot_facts(config.data, snapshot_folder(config.data, root))
    return stage_inputs("clean", __name__, chosen, facts, pyarrow=library("pyarrow"), unicode=unicodedata.unidata_version)


def clean(config: "CleanConfig", target: Path, root: Path = ROOT, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Write train, val and test documents, drops.jsonl, card.json, CARD.md and manifest.json to `target`; return the manifest.

    The bytes depend on the snapshot and the config alone. Raises DataError where the snapshot is not what was declared, or gives too
    few documents to split.
    """
    started, cpu = time.perf_counter(), time.process_time()
    data, cleaning = config.data, config.cleaning
    inputs = clean_inputs(config, root)
    places = verify_snapshot(data, snapshot_folder(data, root))
    outcome = _cleaned(data, cleaning, places)
    splits = _split(outcome, data)
    with draft_folder(target) as draft:
        for name, documents in splits.items():
            write_documents(draft / f"{name}.parquet", documents)
        (draft / "drops.jsonl").write_bytes(_drop_lines(outcome))
        write_card(draft, corpus_card(data, cleaning, snapshot_facts(data, snapshot_folder(data, root)), outcome, splits))
        counts = {name: len(documents) for name, documents in splits.items()}
        facts = {"stage": "clean", "corpus": corpus_name(data), "documents": counts, "made_from": inputs}
        manifest = write_manifest(draft, fingerprint=fingerprint(inputs), **facts)
    say(_summary(data, outcome, counts, time.perf_counter() - started, time.process_time() - cpu))
    return manifest


def _cleaned(data: DataSchema, cleaning: CleaningSchema, places: list[Path]) -> Outcome:
    outcome = Outcome()
    work = units(data, places, list(cleaning.encodings))
    for part in in_order(partial(_clean_one, data.sources, cleaning), work, lambda unit: len(unit.content), data.workers):
        outcome.add(part)
    _refuse_repeated_ids(outcome.kept)
    if cleaning.exact_dedup:
        outcome.kept, repeats = exact_dedup(outcome.kept)
        for document in repeats:
            outcome.drop(document, "duplicate")
        outcome.trim()
    return outcome


def _clean_one(sources: list[SourceSchema], cleaning: CleaningSchema, unit: Unit) -> Outcome:
    return clean_unit(unit, sources[unit.source], cleaning)


def _refuse_repeated_ids(documents: list[Document]) -> None:
    seen = set[str]()
    for document in documents:
        if document.id in seen:
            raise DataError(
                f"{document.source}: {document.path}, record {document.record} is read twice: two sources, or two members of one archive, "
                "have this name.\n  Make their `members` in conf/data/ not overlap."
            )
        seen.add(document.id)


def _split(outcome: Outcome, data: DataSchema) -> dict[str, list[Document]]:
    names = assign_splits((document.text_hash for document in outcome.kept), data.validation_fraction, data.test_fraction)
    splits: dict[str, list[Document]] = {split: [] for split in SPLITS}
    for document in outcome.kept:
        splits[names[document.text_hash]].append(document)
    if not all(splits.values()):
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(outcome.dropped.items())) or "none"
        kept_bytes = sum(len(document.text.encode()) for document in outcome.kept)
        raise DataError(
            f"corpus {data.name}: {len(names):,} different documents are too few for train, val and test; at least 3 are needed.\n"
            f"  Read {outcome.read_documents:,} documents, kept {len(outcome.kept):,} ({kept_bytes:,} bytes); dropped: {reasons}.\n"
            "  Add text, or cut plain text into smaller passages: cleaning.passage_bytes="
            f"{max(64, kept_bytes // 20)}"
        )
    return splits


def _drop_lines(outcome: Outcome) -> bytes:
    rows = [row for reason in sorted(outcome.shown) for row in outcome.shown[reason]]
    return b"".join(canonical_json(asdict(row)) + b"\n" for row in rows)


def _summary(data: DataSchema, outcome: Outcome, counts: dict[str, int], seconds: float, cpu_seconds: float) -> str:
    dropped = ", ".join(f"{count:,} {reason}" for reason, count in sorted(outcome.dropped.items())) or "none"
    return (
        f"cleaned {data.name}: {len(outcome.kept):,} of {outcome.read_documents:,} documents kept, dropped {dropped}; "
        + ", ".join(f"{name} {count:,}" for name, count in counts.items())
        + f"; {outcome.read_bytes / 1e6 / max(seconds, 1e-9):.1f} MB/s ({seconds:.1f} s, {cpu_seconds:.1f} s CPU)"
    )
