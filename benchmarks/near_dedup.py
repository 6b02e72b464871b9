"""Near dedup on real documents with planted repeats: speed, what is found, what is found falsely, memory.

With ASSAY_DEDUP_PEER=/path/to/python, of an environment that has datatrove[processing] and spacy, datatrove's three MinHash steps run
over the same texts between turns of ours.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
from near_dedup_texts import CORPORA, similarity, texts_of, with_planted

from assay.data.batch import TextBatch
from assay.data.near.clusters import clusters
from assay.data.near.settings import NearDedupSettings

TURNS = 3
PLANTED = 2500
ENGLISH = ("evals", "shakespeare", "python_source")
"""Where datatrove's own tokenizer of words is the English one."""
SIZES = (400_000, 800_000)
"""Documents of random signatures, a tenth of them repeats, from whose difference the memory of one is computed."""


def measure() -> dict[str, Any]:
    peer = os.environ.get("ASSAY_DEDUP_PEER")
    rows = []
    for corpus in CORPORA:
        texts, planted = with_planted(texts_of(corpus), PLANTED)
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "texts.json"
            path.write_text(json.dumps(texts))
            programs = {"ours": sys.executable} | ({"datatrove": peer} if peer and corpus in ENGLISH else {})
            turns: dict[str, list[dict[str, Any]]] = {program: [] for program in programs}
            for number in range(TURNS):
                for program, python in programs.items():
                    if (
                        program == "ours" or number == TURNS // 2
                    ):  # the peer takes minutes, and is hundreds of times slower: one turn shows it
                        turns[program].append(turn(python, program, path))
        for program in programs:
            rows.append(row(corpus, program, texts, planted, turns[program]))
            print(rows[-1], flush=True)
    text = (
        "Distinct documents and edited copies of up to 2,500 of them; MB of UTF-8 for each CPU second. `recall`: planted pairs with a "
        "Jaccard similarity of 0.8 or more (5 words, or 5 Chinese characters; counted on Python's sets) that were joined. `unlike`: removed "
        "documents whose similarity to the one that stayed for them is below 0.8. `look-up`: 13-word n-grams against those of a tenth of the texts. "
        f"Memory: {memory_of_a_document()} bytes for a document where every tenth is a repeat; signatures, which may lie on disk, are 512 bytes each. "
        "datatrove aims at a similarity of 0.72 by its defaults, and does not count it."
    )
    columns = [
        "corpus",
        "program",
        "documents",
        "MB",
        "signatures, MB/s",
        "signatures and clusters, MB/s",
        "look-up, MB/s",
        "pairs, recall",
        "removed, unlike",
        "peak RSS, MiB",
    ]
    return {"title": "Near repeats", "text": text, "columns": columns, "rows": rows}


def turn(python: str, program: str, path: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("near_dedup_turn.py")
    limit = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run([python, str(script), program, str(path)], capture_output=True, text=True, check=False, env=limit)
    if done.returncode:
        raise SystemExit(f"{program} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def row(corpus: str, program: str, texts: list[str], planted: list[tuple[int, int]], turns: list[dict[str, Any]]) -> list[str]:
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    signing = statistics.median(each["signature_seconds"] for each in turns)
    whole = statistics.median(each["signature_seconds"] + each["cluster_seconds"] for each in turns)
    looking = statistics.median(each.get("contamination_seconds", float("inf")) for each in turns)
    leader = turns[0]["representative"]
    group = turns[0]["group"]
    found = sum(group[one] == group[other] for one, other in planted)
    removed = [number for number, other in enumerate(leader) if number != other]
    unlike = sum(similarity(texts[number], texts[leader[number]]) < 0.8 for number in removed)
    return [
        corpus,
        program,
        f"{len(texts):,}",
        f"{megabytes:.1f}",
        f"{megabytes / signing:.2f}" if megabytes / signing < 10 else f"{megabytes / signing:.0f}",
        f"{megabytes / whole:.2f}" if megabytes / whole < 10 else f"{megabytes / whole:.0f}",
        f"{megabytes / looking:.0f}" if looking < 1e9 else "-",
        f"{len(planted):,}: {100 * found / len(planted):.2f} %",
        f"{len(removed):,}: {unlike}",
        str(turns[0]["peak_mib"]),
    ]


def memory_of_a_document() -> int:
    return round((peak_bytes(SIZES[1]) - peak_bytes(SIZES[0])) / (SIZES[1] - SIZES[0]))


def peak_bytes(documents: int) -> int:
    """Most that clusters() holds at once beside its arguments, as numpy reports it."""
    settings = NearDedupSettings()
    source = np.random.default_rng(0)
    signed = source.integers(0, 2**31, (documents, settings.permutations), dtype=np.uint32)
    repeats = source.integers(0, documents, (documents // 10, 2))
    signed[repeats[:, 1]] = signed[repeats[:, 0]]
    ids = source.permutation(documents)
    tracemalloc.start()
    clusters(signed, ids, np.full(documents, 18), lambda rows: TextBatch.of(["the same few words"] * len(rows)), settings, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
