"""The tokens stage: cleaned documents -> memory-mapped token files, one per split."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.fingerprint import Inputs, files_sha256, fingerprint, library, stage_inputs
from assay.data.places import corpus_name, source_names
from assay.data.pool import in_order, kept_processes
from assay.data.shards import SOURCES_SUFFIX, Span, read_sizes, read_span, spans
from assay.data.split import SPLITS
from assay.errors import DataError
from assay.files import draft_folder, readable_json, verify_manifest, write_manifest
from assay.tokenizer.tokenizer import TOKENIZER_FILE, Tokenizer

if TYPE_CHECKING:
    from assay.config.schema import TokenizerConfig
    from assay.data.schema import DataSchema

HEADER_FILE = "header.json"
PART_BYTES = 2_000_000
"""Text encoded at once."""
POOL_FROM_BYTES = 2**29
"""Of text: below this the processes take longer to load tokenizer and compiled encoder than one takes to encode it."""
NARROW_VOCABULARY = 2**16
"""Up to here a token takes two bytes."""


def tokens_inputs(config: "TokenizerConfig", clean_manifest: dict[str, Any], tokenizer_manifest: dict[str, Any]) -> Inputs:
    documents = files_sha256(clean_manifest, (".parquet", SOURCES_SUFFIX))
    upstream = {"clean": documents, "tokenizer": files_sha256(tokenizer_manifest, TOKENIZER_FILE)}
    chosen = {"data": corpus_name(config.data), **_named_sources(config.data)}
    return stage_inputs("tokens", __name__, chosen, upstream, tokenizers=library("tokenizers"))


def _named_sources(data: "DataSchema") -> dict[str, list[str]]:
    """Of a corpus of one source nothing is said: all is of it."""
    return {"sources": source_names(data.sources)} if len(data.sources) > 1 else {}


def encode(
    config: "TokenizerConfig", clean_folder: Path, tokenizer_folder: Path, target: Path, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Write, for each split, `<split>.bin` (tokens, documents in id order, each followed by the end of document), `<split>.ends`
    (uint64: where each document ends, after that token) and `<split>.ids` (a line per document), and header.json and manifest.json. Of a
    corpus of several sources also `<split>.sources` (uint16: each document's place among them).

    All numbers little endian. Returns the manifest. Raises DataError if a split has no token to predict.
    """
    started, cpu = time.perf_counter(), time.process_time()
    name = config.data.name
    clean_manifest = verify_manifest(clean_folder, repair=f"python src/clean.py data={name}")
    tokenizer_manifest = verify_manifest(
        tokenizer_folder, repair=f"python src/learn_tokenizer.py data={name} tokenizer={config.tokenizer.name}"
    )
    inputs = tokens_inputs(config, clean_manifest, tokenizer_manifest)
    tokenizer = Tokenizer.load(tokenizer_folder)
    dtype = np.dtype("<u2" if tokenizer.vocab_size <= NARROW_VOCABULARY else "<u4")
    with draft_folder(target) as draft:
        encoder = _Encoder(tokenizer_folder, tokenizer, dtype)
        with kept_processes(config.engine, target.parent):
            splits = {split: _encode_split(split, clean_folder, encoder, config.data.workers, draft) for split in SPLITS}
        named = _named_sources(config.data)
        for split in SPLITS if named else ():
            splits[split]["by_source"] = _by_source(split, clean_folder, len(named["sources"]), draft)
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
    say(_summary(str(name), splits, time.perf_counter() - started, time.process_time() - cpu))
    return manifest


def _encode_split(split: str, clean_folder: Path, encoder: "_Encoder", workers: int, draft: Path) -> dict[str, Any]:
    documents = tokens = utf8_bytes = 0
    digest = hashlib.sha256()
    with (
        (draft / f"{split}.bin").open("wb") as stream,
        (draft / f"{split}.ends").open("wb") as places,
        (draft / f"{split}.ids").open("wb") as names,
    ):
        for part in in_order(encoder, spans(clean_folder, split, PART_BYTES), lambda span: span.text_bytes, workers, POOL_FROM_BYTES):
            stream.write(part.tokens.data)
            digest.update(part.tokens.data)
            places.write((part.ends + tokens).astype("<u8").data)
            names.write(part.ids)
            documents += len(part.ends)
            tokens += len(part.tokens)
            utf8_bytes += part.utf8_bytes
    text_tokens = tokens - documents
    return {"documents": documents, "tokens": tokens, "text_tokens": text_tokens, "utf8_bytes": utf8_bytes, "sha256": digest.hexdigest()}


@dataclass(frozen=True, eq=False)
class _Part:
    """`tokens` of the dtype of the file; `ends` int64 (documents), counted from the part's first token; `ids`: a line per document."""

    ids: bytes
    tokens: NDArray[Any]
    ends: NDArray[np.int64]
    utf8_bytes: int


class _Encoder:
    """What encodes a span of documents, in whatever process."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, dtype: "np.dtype[Any]") -> None:
        self.folder, self.dtype = folder, dtype
        self._tokenizer: Tokenizer | None = tokenizer

    def __getstate__(self) -> dict[str, Any]:
        """A worker process loads its own."""
        return {"folder": self.folder, "dtype": self.dtype, "_tokenizer": None}

    def __call__(self, span: Span) -> _Part:
        tokenizer = self._tokenizer or _tokenizer(self.folder)
        lines: list[str] = []
        encoded: list[NDArray[Any]] = []
        ends: list[NDArray[np.int64]] = []
        tokens = utf8_bytes = 0
        for ids, batch in read_span(span):
            lines += ids
            for part in _parts(batch):
                found, offsets = tokenizer.encode_texts(part, end_of_document=True)
                encoded.append(found.astype(self.dtype))
                ends.append(offsets[1:] + tokens)
                tokens += len(found)
                utf8_bytes += int(part.offsets[-1] - part.offsets[0])
        return _Part("".join(f"{line}\n" for line in lines).encode("ascii"), np.concatenate(encoded), np.concatenate(ends), utf8_bytes)


@cache
def _tokenizer(folder: Path) -> Tokenizer:
    """Once in each worker process."""
    return Tokenizer.load(folder)


def _by_source(split: str, clean_folder: Path, sources: int, draft: Path) -> list[dict[str, int]]:
    """Write which source each document is of; count for each."""
    content = (clean_folder / f"{split}{SOURCES_SUFFIX}").read_bytes()
    (draft / f"{split}{SOURCES_SUFFIX}").write_bytes(content)
    owners = np.frombuffer(content, dtype="<u2")
    tokens = np.diff(np.fromfile(draft / f"{split}.ends", dtype="<u8").astype(np.int64), prepend=0)
    sizes = read_sizes(clean_folder, split)
    counted = [owners == number for number in range(sources)]
    return [{"documents": int(mine.sum()), "tokens": int(tokens[mine].sum()), "utf8_bytes": int(sizes[mine].sum())} for mine in counted]


def _parts(batch: TextBatch) -> Iterator[TextBatch]:
    """Consecutive texts of about PART_BYTES each, so that long documents do not fill the memory."""
    start = 0
    while start < len(batch):
        end = int(np.searchsorted(batch.offsets, batch.offsets[start] + PART_BYTES, side="right")) - 1
        end = max(end, start + 1)
        yield TextBatch(batch.content, batch.offsets[start : end + 1])
        start = end


def _refuse_too_few(splits: dict[str, dict[str, Any]], corpus: str) -> None:
    if any(facts["tokens"] < 2 for facts in splits.values()):
        counts = ", ".join(f"{split} {facts['documents']:,} documents, {facts['tokens']:,} tokens" for split, facts in splits.items())
        raise DataError(
            f"corpus {corpus}: each split needs at least 2 tokens, one to read and one to predict; found {counts}.\n  Add text."
        )


def _summary(name: str, splits: dict[str, dict[str, Any]], seconds: float, cpu_seconds: float) -> str:
    size_bytes = sum(facts["utf8_bytes"] for facts in splits.values())
    counts = ", ".join(f"{split} {facts['tokens']:,}" for split, facts in splits.items())
    return f"encoded {name}: {counts} tokens; {size_bytes / 1e6 / max(seconds, 1e-9):.1f} MB/s ({seconds:.1f} s, {cpu_seconds:.1f} s CPU)"
