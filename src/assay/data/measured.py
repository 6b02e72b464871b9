"""The document store: what was read and repaired of one source, with all that is known of each document, kept so that another threshold reads nothing again.

data/cache/measured/<fingerprint>/ holds part-NNNNNN.arrow (uncompressed Arrow IPC, mapped into memory, so that any text is at hand and
none takes memory) and outcome.json (counts, and what was dropped before it was a document).
"""

import json
import mmap
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.cleaning.schema import CleaningSchema
from assay.data.cleaning.steps import packages
from assay.data.document import Changed, Document, Dropped, Outcome, text_hash
from assay.data.fingerprint import fingerprint, library, stage_inputs
from assay.data.letters import SCRIPTS, count_letters
from assay.data.maps import give_back, map_file
from assay.data.places import citation
from assay.data.pool import in_order
from assay.data.progress import byte_progress
from assay.data.schema import DataSchema, SourceSchema
from assay.data.sources import Unit, units
from assay.data.split import split_position
from assay.data.unit import clean_unit
from assay.errors import DataError
from assay.files import ROOT, draft_file, growing_folder, lock, readable_json, verify_manifest, write_atomic, write_manifest

OUTCOME_FILE = "outcome.json"
PART_BYTES = 8 * 2**20
"""Small files are read together up to here, so that a corpus of many files is no folder of many parts."""
NUMBERS = ("id_high", "id_low", "text_high", "text_low", "split_position", "bytes", "characters", *SCRIPTS)
"""Columns of numbers, 8 bytes each: the id and the text's hash in two halves, the place in the order of splits, sizes, letters."""
WRITTEN = ["id_high", "id_low", "text_high", "text_low", "bytes", "text", "path", "record"]
"""Columns of a document that the cleaned corpus has."""
DECIDING = (
    *("name", "min_characters", "max_characters", "languages", "bad_words", "bad_words_at_most"),
    *("exact_dedup", "near_dedup", "decontaminate", "held_out", "quality_classifier", "words", "rules", "linguistics"),
)
"""Fields of conf/cleaning/ that are not part of a store: what decides about a text, or changes it only once it is kept.

All other fields read every file again when they change."""


def measured_folder(data: DataSchema, cleaning: CleaningSchema, number: int, facts: dict[str, str | int], root: Path = ROOT) -> Path:
    """Where the documents of source `number` are kept; another name whenever anything that shapes them is another."""
    source = asdict(data.sources[number])
    reading = {name: value for name, value in asdict(cleaning).items() if name not in DECIDING}
    chosen = {"source": {**source, "licence": None, "name": None, "weight": None, "label": None}, "reading": reading}
    libraries = {name: library(name) for name in ("pyarrow", *packages(cleaning))} | {"unicode": unicodedata.unidata_version}
    inputs = stage_inputs("measured", __name__, chosen, facts, **libraries)
    return root / "data" / "cache" / "measured" / fingerprint(inputs)[:16]


def measure_source(data: DataSchema, cleaning: CleaningSchema, number: int, place: Path, folder: Path, say: Callable[[str], None]) -> Path:
    """Read, repair and measure a source into `folder`, unless it is there. Returns the folder."""
    with lock(folder.with_suffix(".lock"), lambda holder: say(f"waiting for {holder}, which reads {citation(data.sources[number])}")):
        if (folder / OUTCOME_FILE).exists():
            with suppress(DataError):  # altered: read again
                verify_manifest(folder, "")
                return folder
        with growing_folder(folder) as draft:
            outcome, total_bytes = Outcome(), _size_bytes(place)
            only = DataSchema(**{**_fields(data), "sources": [data.sources[number]]})
            work = _grouped(units(only, [place], list(cleaning.encodings)))
            measure = partial(_measure, data.sources[number], cleaning, draft)
            with byte_progress(f"reading {citation(data.sources[number])}") as progress:
                for part in in_order(measure, work, lambda group: sum(len(unit.content) for unit in group[1]), data.workers):
                    outcome.add(part)
                    progress(outcome.read_bytes, total_bytes)
            write_outcome(draft, outcome)
            write_manifest(draft, "xxh3_128", source=citation(data.sources[number]))
    return folder


def _size_bytes(place: Path) -> int | None:
    """Return the bytes of a folder's files; how much an archive holds of what is wanted is not known before it was read."""
    return None if place.is_file() else sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def _fields(data: DataSchema) -> dict[str, Any]:
    return {name: getattr(data, name) for name in data.__dataclass_fields__}


def _grouped(work: Iterator[Unit]) -> Iterator[tuple[int, list[Unit]]]:
    """Numbered groups of units, each near PART_BYTES."""
    group: list[Unit] = []
    number = size = 0
    for unit in work:
        group.append(unit)
        size += len(unit.content)
        if size >= PART_BYTES:
            yield number, group
            group, size, number = [], 0, number + 1
    if group:
        yield number, group


def _measure(source: SourceSchema, cleaning: CleaningSchema, folder: Path, group: tuple[int, list[Unit]]) -> Outcome:
    """Write the documents of some units as one part; return the counts."""
    number, found = group

    def write(path: Path) -> Outcome:
        outcome = Outcome()
        kept: list[Document] = []
        for unit in found:
            part = clean_unit(unit, source, cleaning)
            kept += part.kept
            outcome.add(part)
        if kept:
            kept.sort(key=lambda document: document.id)  # so what is written in that order lies together here
            _write(path, kept)
        return outcome

    return once(folder / f"part-{number:06d}.arrow", write)


def once(path: Path, write: Callable[[Path], Outcome]) -> Outcome:
    """Write a part unless it is there, and return what was counted, by this process or by one that was stopped later; it lies beside the part."""
    counted = path.with_suffix(".json")
    if counted.exists():
        return _outcome(counted.read_bytes())
    outcome = write(path)
    write_atomic(counted, _plain(outcome))
    return outcome


def _write(path: Path, documents: list[Document]) -> None:
    batch = TextBatch.of(document.text for document in documents)
    ids = _halves([document.id for document in documents])
    import pyarrow as arrow

    places = {name: arrow.array([getattr(document, name) for document in documents], type=arrow.string()) for name in ("path", "record")}
    write_part(path, {"id_high": ids[:, 0], "id_low": ids[:, 1], **text_columns(batch)}, batch, places)


def write_part(path: Path, numbers: dict[str, NDArray[Any]], batch: TextBatch, places: dict[str, Any]) -> None:
    """Columns of NUMBERS, the texts, and the path and the record of each, pyarrow strings."""
    import pyarrow as arrow  # 0.2 s of CPU, which a look at finished data does not need

    columns = {name: arrow.array(np.ascontiguousarray(numbers[name])) for name in NUMBERS}
    offsets, content = (arrow.py_buffer(values) for values in (batch.offsets, batch.content))
    columns["text"] = arrow.LargeStringArray.from_buffers(len(batch), offsets, content)
    columns |= {name: places[name] for name in ("path", "record")}
    table = arrow.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    with draft_file(path) as draft, arrow.OSFile(str(draft), "wb") as sink, arrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_batch(table)


def read_part(path: Path) -> Any:
    """A pyarrow RecordBatch, mapped into memory."""
    return _table(map_file(path))


def _table(mapped: mmap.mmap) -> Any:
    import pyarrow as arrow

    return arrow.ipc.open_file(arrow.py_buffer(mapped)).get_batch(0)


def text_columns(batch: TextBatch) -> dict[str, NDArray[Any]]:
    """Return the columns of NUMBERS that depend on the texts."""
    hashes = [text_hash(content) for content in batch.contents()]
    letters, texts = count_letters(batch), _halves(hashes)
    columns: dict[str, NDArray[Any]] = {"text_high": texts[:, 0], "text_low": texts[:, 1]}
    columns["split_position"] = np.array([split_position(digest) for digest in hashes], dtype=np.uint64)
    columns["bytes"] = np.diff(batch.offsets)
    columns["characters"] = letters.sum(axis=1)
    return columns | {script: letters[:, number] for number, script in enumerate(SCRIPTS, 1)}


def _halves(digests: list[str]) -> NDArray[np.uint64]:
    """Hexadecimal digests of 128 bits as two numbers each, (N, 2); their order is that of the digests."""
    return np.frombuffer(bytes.fromhex("".join(digests)), dtype=">u8").astype(np.uint64).reshape(-1, 2)


def _hexadecimal(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> Any:
    """A pyarrow array of 32 digits each: the digests that _halves cut in two."""
    import pyarrow as arrow

    digits = np.stack([high, low], axis=1).astype(">u8").tobytes().hex().encode()
    offsets = np.arange(0, len(digits) + 1, 32, dtype=np.int32)
    return arrow.StringArray.from_buffers(len(high), arrow.py_buffer(offsets), arrow.py_buffer(digits))


def write_outcome(folder: Path, outcome: Outcome) -> None:
    write_atomic(folder / OUTCOME_FILE, _plain(outcome))


def read_outcome(folder: Path) -> Outcome:
    return _outcome((folder / OUTCOME_FILE).read_bytes())


def _plain(outcome: Outcome) -> bytes:
    counts = {name: dict(getattr(outcome, name)) for name in ("dropped", "changed", "removed_characters")}
    examples = {name: {key: [asdict(row) for row in rows] for key, rows in getattr(outcome, name).items()} for name in ("shown", "changes")}
    return readable_json({"read_documents": outcome.read_documents, "read_bytes": outcome.read_bytes, **counts, **examples})


def _outcome(content: bytes) -> Outcome:
    plain = json.loads(content)
    counts: dict[str, Any] = {name: Counter(plain[name]) for name in ("dropped", "changed", "removed_characters")}
    shown = {reason: [Dropped(**row) for row in rows] for reason, rows in plain["shown"].items()}
    changes = {step: [Changed(**row) for row in rows] for step, rows in plain["changes"].items()}
    return Outcome([], plain["read_documents"], plain["read_bytes"], **counts, shown=shown, changes=changes)


@dataclass(frozen=True, eq=False)
class Measured:
    """The documents of all sources of a corpus. Row r is a place in every column; no order is meant by it."""

    citations: list[str]
    outcomes: list[Outcome]
    maps: list[mmap.mmap]
    tables: list[Any]
    starts: NDArray[np.int64]
    """First row of each table, and the end of the last: (tables + 1,)"""
    table_sources: NDArray[np.int64]

    @classmethod
    def open(cls, data: DataSchema, folders: list[Path]) -> "Measured":
        maps, owners = [], []
        for number, folder in enumerate(folders):
            for path in sorted(folder.glob("part-*.arrow")):
                maps.append(map_file(path))
                owners.append(number)
        outcomes = [read_outcome(folder) for folder in folders]
        tables = [_table(mapped) for mapped in maps]
        starts = np.cumsum([0, *(table.num_rows for table in tables)], dtype=np.int64)
        return cls([citation(source) for source in data.sources], outcomes, maps, tables, starts, np.array(owners, dtype=np.int64))

    def __len__(self) -> int:
        return int(self.starts[-1])

    def numbers(self, name: str) -> NDArray[Any]:
        """A column of NUMBERS, (N,)"""
        kind = np.uint64 if name in NUMBERS[:5] else np.int64
        joined = np.empty(len(self), dtype=kind)
        for table, start, mapped in zip(self.tables, self.starts[:-1], self.maps, strict=True):
            joined[start : start + table.num_rows] = table.column(name).to_numpy(zero_copy_only=True)
            give_back(mapped)
        return joined

    @cached_property
    def sources(self) -> NDArray[np.uint16]:
        """The source of each row, (N,)"""
        return np.repeat(self.table_sources.astype(np.uint16), np.diff(self.starts))

    @cached_property
    def by_id(self) -> NDArray[np.uint32]:
        """All rows in the order of their ids, (N,)"""
        return np.lexsort((self.numbers("id_low"), self.numbers("id_high"))).astype(np.uint32)

    def take(self, rows: NDArray[np.integer[Any]], names: list[str]) -> dict[str, list[Any]]:
        """Values of some columns at some rows, in the order of `rows`."""
        owners = np.searchsorted(self.starts, rows, side="right") - 1
        values: dict[str, list[Any]] = {name: [None] * len(rows) for name in names}
        for owner in np.unique(owners):
            places = np.flatnonzero(owners == owner)
            part = self.tables[owner].select(names).take(np.ascontiguousarray(rows[places] - self.starts[owner]))
            for name in names:
                for place, value in zip(places.tolist(), part.column(name).to_pylist(), strict=True):
                    values[name][place] = value
            give_back(self.maps[owner])
        return values

    def count_files(self, rows: NDArray[np.bool_]) -> int:
        """Different files among some rows of one source."""
        paths: set[str] = set()
        for table, start, end, mapped in zip(self.tables, self.starts[:-1], self.starts[1:], self.maps, strict=True):
            paths.update(table.column("path").filter(rows[start:end]).unique().to_pylist())
            give_back(mapped)
        return len(paths)

    def table(self, rows: NDArray[np.integer[Any]]) -> Any:
        """A pyarrow table of the documents at some rows, in their order, with the columns of assay.data.shards."""
        import pyarrow as arrow

        owners = np.searchsorted(self.starts, rows, side="right") - 1
        order = np.argsort(owners, kind="stable")
        found = []
        for owner in np.unique(owners):
            places = rows[owners == owner] - self.starts[owner]
            found.append(self.tables[owner].select(WRITTEN).take(np.ascontiguousarray(places)))
            give_back(self.maps[owner])
        taken = arrow.Table.from_batches(found).take(np.argsort(order)).combine_chunks()
        numbers = {name: taken.column(name).to_numpy() for name in ("id_high", "id_low", "text_high", "text_low")}
        citations = arrow.DictionaryArray.from_arrays(self.sources[rows].astype(np.int32), arrow.array(self.citations))
        return arrow.table(
            {
                "id": _hexadecimal(numbers["id_high"], numbers["id_low"]),
                "text": taken.column("text").cast(arrow.string()),
                "source": citations.cast(arrow.string()),
                "path": taken.column("path"),
                "record": taken.column("record"),
                "bytes": taken.column("bytes"),
                "text_hash": _hexadecimal(numbers["text_high"], numbers["text_low"]),
            }
        )

    def documents(self, rows: NDArray[np.integer[Any]]) -> list[Document]:
        found = self.take(rows, ["id_high", "id_low", "text", "path", "record"])
        sources = self.sources[rows].tolist()
        return [
            Document(f"{high:016x}{low:016x}", text, self.citations[source], path, record)
            for high, low, text, path, record, source in zip(*found.values(), sources, strict=True)
        ]

    def texts(self, rows: NDArray[np.int64]) -> TextBatch:
        """Return the texts of ascending rows."""
        import pyarrow as arrow

        bounds = np.searchsorted(rows, self.starts)
        found = [arrow.array([], type=arrow.large_string())]
        for owner in np.flatnonzero(np.diff(bounds)):
            places = rows[bounds[owner] : bounds[owner + 1]] - self.starts[owner]
            found.append(self.tables[owner].column("text").take(arrow.array(places)))
            give_back(self.maps[owner])
        return TextBatch.from_arrow(arrow.concat_arrays(found))

    def outcome(self) -> Outcome:
        """Return the counts of reading, of all sources."""
        total = Outcome()
        for outcome in self.outcomes:
            total.add(outcome)
        return total
