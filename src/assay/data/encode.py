"""The tokens stage: cleaned documents -> memory-mapped token files, one per split. A text that was encoded before keeps its tokens."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.data.encoded import UNKNOWN, Encoded, encoded_folder, keep
from assay.data.fingerprint import Inputs, files_sha256, fingerprint, library, stage_inputs
from assay.data.hidden import leave_pandas_out
from assay.data.maps import give_back, release_freed
from assay.data.places import corpus_name, source_names
from assay.data.pool import in_order, kept_processes
from assay.data.shards import SOURCES_SUFFIX, Span, read_names, read_sizes, read_span, spans
from assay.data.split import SPLITS
from assay.errors import DataError
from assay.files import ROOT, draft_folder, readable_json, verify_manifest, write_manifest
from assay.tokenizer.lost import Lost
from assay.tokenizer.round_trip import RoundTrip
from assay.tokenizer.tokenizer import TOKENIZER_FILE, Tokenizer

if TYPE_CHECKING:
    from assay.config.schema import TokenizerConfig
    from assay.data.schema import DataSchema

HEADER_FILE = "header.json"
PART_BYTES = 2_000_000
"""Text encoded at once."""
CHECKED_BYTES = 250_000
"""Text compared with its tokens at once: decoding it takes 32 times its size."""
POOL_FROM_BYTES = 2**29
"""Bytes of text from which encoding uses several processes: below, they take longer to load tokenizer and compiled encoder than one takes to encode it."""
GROUPS_A_RELEASE = 4
"""Row groups between two releases of memory: what encoding leaves behind grows to 70 MB, and to give it to the kernel takes milliseconds."""
SCORED = ("val", "test")
"""Splits whose text is checked to come back from its tokens: what their scores in bits per byte rest on."""
NARROW_VOCABULARY = 2**16
"""Up to here a token takes two bytes."""


def tokens_inputs(config: "TokenizerConfig", clean_manifest: dict[str, Any], tokenizer_manifest: dict[str, Any]) -> Inputs:
    documents = files_sha256(clean_manifest, (".parquet", SOURCES_SUFFIX))
    upstream = {"clean": documents, "tokenizer": files_sha256(tokenizer_manifest, TOKENIZER_FILE)}
    chosen = {"data": corpus_name(config.data), **_named_sources(config.data)}
    return stage_inputs("tokens", __name__, chosen, upstream, tokenizers=library("tokenizers"))


def _named_sources(data: "DataSchema") -> dict[str, list[str]]:
    """Return the names of the sources; nothing for a corpus of one source."""
    return {"sources": source_names(data.sources)} if len(data.sources) > 1 else {}


def encode(
    config: "TokenizerConfig",
    clean_folder: Path,
    tokenizer_folder: Path,
    target: Path,
    root: Path = ROOT,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Write, for each split, `<split>.bin` (tokens, documents in id order, each followed by the end of document), `<split>.ends`
    (uint64: where each document ends, after that token) and `<split>.ids` (a line per document), and header.json and manifest.json. Of a
    corpus of several sources also `<split>.sources` (uint16: each document's place among them).

    All numbers little endian; the same bytes whether texts were encoded before or not. Returns the manifest. Raises DataError if a split
    has no token to predict.
    """
    started, cpu = time.perf_counter(), time.process_time()
    leave_pandas_out()
    name = config.data.name
    clean_manifest = verify_manifest(clean_folder, repair=f"python src/clean.py data={name}")
    tokenizer_manifest = verify_manifest(
        tokenizer_folder, repair=f"python src/learn_tokenizer.py data={name} tokenizer={config.tokenizer.name}"
    )
    inputs = tokens_inputs(config, clean_manifest, tokenizer_manifest)
    tokenizer = Tokenizer.load(tokenizer_folder)
    dtype = np.dtype("<u2" if tokenizer.vocab_size <= NARROW_VOCABULARY else "<u4")
    home = encoded_folder(corpus_name(config.data), tokenizer.sha256, root)
    with draft_folder(target) as draft:
        work = _Work(clean_folder, draft, _Encoder(tokenizer_folder, tokenizer, dtype), Encoded.open(home, dtype, say), config.data.workers)
        with kept_processes(config.engine, target.parent):
            splits = {split: work.encode(split) for split in SPLITS}
        named = _named_sources(config.data)
        for split in SPLITS if named else ():
            splits[split]["by_source"] = _by_source(split, clean_folder, len(named["sources"]), draft)
        for split in SCORED:
            _count_lost(splits[split], split, clean_folder, draft, tokenizer, dtype)
        _refuse_too_few(splits, str(name))
        header = {
            "dtype": "uint16" if dtype.itemsize == 2 else "uint32",
            "vocab_size": tokenizer.vocab_size,
            "end_of_document": tokenizer.end_of_document,
            "tokenizer_sha256": tokenizer.sha256,
            **named,
            "splits": splits,
        }
        (draft / HEADER_FILE).write_bytes(readable_json(header))
        facts = {"stage": "tokens", "corpus": corpus_name(config.data), "made_from": inputs}
        manifest = write_manifest(draft, fingerprint=fingerprint(inputs), **facts)
        keep(home, draft, np.concatenate(work.hashes), corpus=corpus_name(config.data), **work.counts)
    for split in SCORED:
        if lost := Lost.of(splits[split]):
            say(f"{split}: {lost.said(splits[split])}; no bits per byte will be given, since the tokens are not all of the text")
    say(_summary(str(name), splits, work.counts, time.perf_counter() - started, time.process_time() - cpu))
    return manifest


@dataclass
class _Work:
    """The encoding of all splits: what is known of the texts, and what was found to be new. `hashes`: of the texts of each split that is done, (D, 2)."""

    clean_folder: Path
    draft: Path
    encoder: "_Encoder"
    known: Encoded
    workers: int
    hashes: list[NDArray[np.uint64]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def encode(self, split: str) -> dict[str, Any]:
        hashes, utf8_bytes = self._named(split)
        numbers = self.known.find(hashes)
        self.hashes.append(hashes)
        self.counts.update(documents=len(numbers), encoded=int((numbers == UNKNOWN).sum()))
        tokens, digest = 0, hashlib.sha256()
        with (self.draft / f"{split}.bin").open("wb") as stream, (self.draft / f"{split}.ends").open("wb") as places:
            for span, part in self._parts(split, numbers):
                found, ends = self.known.joined(numbers[span.start : span.end], part.tokens, part.ends)
                stream.write(found.data)
                digest.update(found.data)
                places.write((ends + tokens).astype("<u8").data)
                tokens += len(found)
        facts = {"documents": len(numbers), "tokens": tokens, "text_tokens": tokens - len(numbers), "utf8_bytes": utf8_bytes}
        return {**facts, "sha256": digest.hexdigest()}

    def _named(self, split: str) -> tuple[NDArray[np.uint64], int]:
        """Write the ids of the documents; the hashes of their texts (D, 2), and the bytes of all together."""
        hashes, utf8_bytes = [np.empty((0, 2), dtype=np.uint64)], 0
        with (self.draft / f"{split}.ids").open("wb") as stream:
            for names in read_names(self.clean_folder, split):
                stream.write("".join(f"{line}\n" for line in names.ids).encode("ascii"))
                hashes.append(names.hashes)
                utf8_bytes += int(names.sizes.sum())
        release_freed()
        return np.concatenate(hashes), utf8_bytes

    def _parts(self, split: str, numbers: NDArray[np.int64]) -> Iterator[tuple[Span, "_Part"]]:
        """Each span with the tokens of its new texts. Only spans that have some are work."""
        cut = [(span, numbers[span.start : span.end] == UNKNOWN) for span in spans(self.clean_folder, split, PART_BYTES)]
        self.encoder.announce(sum(int(span.text_bytes * new.mean()) for span, new in cut))
        units = ((span, new) for span, new in cut if new.any())
        parts = in_order(self.encoder, units, lambda unit: int(unit[0].text_bytes * unit[1].mean()), self.workers, POOL_FROM_BYTES)
        nothing = _Part(np.empty(0, dtype=self.encoder.dtype), np.empty(0, dtype=np.int64))
        for span, new in cut:
            yield span, next(parts) if new.any() else nothing


@dataclass(frozen=True, eq=False)
class _Part:
    """`tokens` of the dtype of the file; `ends` int64 (documents), counted from the part's first token."""

    tokens: NDArray[Any]
    ends: NDArray[np.int64]


class _Encoder:
    """Encodes new texts of a span of documents, in whatever process."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, dtype: "np.dtype[Any]") -> None:
        self.folder, self.dtype = folder, dtype
        self._tokenizer: Tokenizer | None = tokenizer

    def __getstate__(self) -> dict[str, Any]:
        """A worker process loads its own."""
        return {"folder": self.folder, "dtype": self.dtype, "_tokenizer": None}

    def announce(self, text_bytes: int) -> None:
        if self._tokenizer is not None:
            self._tokenizer.announce(text_bytes)

    def __call__(self, unit: tuple[Span, NDArray[np.bool_]]) -> _Part:
        tokenizer = self._tokenizer or _tokenizer(self.folder)
        encoded: list[NDArray[Any]] = []
        ends: list[NDArray[np.int64]] = []
        tokens = 0
        if unit[0].first % GROUPS_A_RELEASE == 0:
            release_freed()
        for batch in read_span(*unit):
            for part in batch.pieces(PART_BYTES):  # long documents do not fill the memory
                found, offsets = tokenizer.encode_texts(part, end_of_document=True)
                encoded.append(found.astype(self.dtype))
                ends.append(offsets[1:] + tokens)
                tokens += len(found)
        return _Part(np.concatenate(encoded), np.concatenate(ends))


@cache
def _tokenizer(folder: Path) -> Tokenizer:
    """Once in each worker process."""
    tokenizer = Tokenizer.load(folder)
    tokenizer.announce(POOL_FROM_BYTES)
    return tokenizer


def _by_source(split: str, clean_folder: Path, sources: int, draft: Path) -> list[dict[str, int]]:
    """Write which source each document is of; count for each."""
    content = (clean_folder / f"{split}{SOURCES_SUFFIX}").read_bytes()
    (draft / f"{split}{SOURCES_SUFFIX}").write_bytes(content)
    owners = np.frombuffer(content, dtype="<u2")
    tokens = np.diff(np.fromfile(draft / f"{split}.ends", dtype="<u8").astype(np.int64), prepend=0)
    sizes = read_sizes(clean_folder, split)
    counted = [owners == number for number in range(sources)]
    return [{"documents": int(mine.sum()), "tokens": int(tokens[mine].sum()), "utf8_bytes": int(sizes[mine].sum())} for mine in counted]


def _count_lost(facts: dict[str, Any], split: str, clean_folder: Path, draft: Path, tokenizer: Tokenizer, dtype: "np.dtype[Any]") -> None:
    """Add to the split's facts, and to those of its sources, what Lost.facts says; nothing where every document comes back."""
    if not facts["tokens"]:
        return
    tokens = np.memmap(draft / f"{split}.bin", dtype=dtype, mode="r")
    ends = np.fromfile(draft / f"{split}.ends", dtype="<u8").astype(np.int64)
    trip, sizes = RoundTrip(tokenizer), read_sizes(clean_folder, split)
    lost, unknown, first = np.zeros(len(ends), dtype=np.bool_), np.zeros(len(ends), dtype=np.int64), 0
    for span in spans(clean_folder, split, PART_BYTES):
        for batch in read_span(span, np.ones(span.end - span.start, dtype=np.bool_)):
            for part in batch.pieces(CHECKED_BYTES):
                last, start = first + len(part), int(ends[first - 1]) if first else 0
                here = np.asarray(tokens[start : int(ends[last - 1])])
                lost[first:last], unknown[first:last] = trip.check(here, ends[first:last] - start, part)
                first = last
        give_back(tokens)
    if not lost.any():
        return
    facts |= _lost_in(lost, unknown, sizes).facts()
    owners = np.fromfile(draft / f"{split}{SOURCES_SUFFIX}", dtype="<u2") if "by_source" in facts else np.empty(0)
    for number, source in enumerate(facts.get("by_source", [])):
        mine = owners == number
        source |= _lost_in(lost & mine, np.where(mine, unknown, 0), sizes).facts()


def _lost_in(lost: NDArray[np.bool_], unknown: NDArray[np.int64], sizes: NDArray[np.int64]) -> Lost:
    return Lost(int(lost.sum()), int(sizes[lost].sum()), int(unknown.sum()))


def _refuse_too_few(splits: dict[str, dict[str, Any]], corpus: str) -> None:
    if any(facts["tokens"] < 2 for facts in splits.values()):
        counts = ", ".join(f"{split} {facts['documents']:,} documents, {facts['tokens']:,} tokens" for split, facts in splits.items())
        raise DataError(
            f"corpus {corpus}: each split needs at least 2 tokens, one to read and one to predict; found {counts}.\n  Add text."
        )


def _summary(name: str, splits: dict[str, dict[str, Any]], counts: Counter[str], seconds: float, cpu_seconds: float) -> str:
    size_bytes = sum(facts["utf8_bytes"] for facts in splits.values())
    tokens = ", ".join(f"{split} {facts['tokens']:,}" for split, facts in splits.items())
    documents, encoded = counts["documents"], counts["encoded"]
    kept = f"encoded {encoded:,} of {documents:,} documents, {documents - encoded:,} kept their tokens; " if encoded < documents else ""
    return f"encoded {name}: {tokens} tokens; {kept}{size_bytes / 1e6 / max(seconds, 1e-9):.1f} MB/s ({seconds:.1f} s, {cpu_seconds:.1f} s CPU)"
