"""Vectors of words beside gensim's, trained on the same words for as long: agreement with people, and words per CPU-second.

PEERS_PYTHON names a Python with the packages of benchmarks/peers.txt (default .venv-peers, which `make peers` makes).
"""

import json
import os
import statistics
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from workshop import ROOT, run, train, workshop

SEEDS = (1, 2, 3)
EPOCHS = 5
"""What the experiments' budget amounts to."""
SETS = ("wordsim353", "simlex999")
MEASURED = "trainer.evaluate_every_steps=1_000_000"
"""Scored once: at the end."""
TASKS = {
    "word2vec skip_gram": ("boolq_word2vec", {"sg": 1}),
    "word2vec cbow": ("boolq_cbow", {"sg": 0, "cbow_mean": 1}),
    "fasttext skip_gram": ("boolq_fasttext", {"sg": 1}),
}
LIKEWISE = {"vector_size": 100, "window": 5, "negative": 5, "sample": 1e-3, "alpha": 0.025, "min_alpha": 0.0001, "epochs": EPOCHS}
BUCKETS = {"bucket": 200_000, "min_n": 3, "max_n": 6}


def measure() -> dict[str, Any]:
    rows = []
    with workshop() as folder:
        run(folder, "src/collect.py", "boolq", "word_similarity")
        text, tokens, share = words_of_training(folder)
        for task, (experiment, settings) in TASKS.items():
            turns = []
            for seed in SEEDS:
                mine = ours(folder, [f"experiment={experiment}", f"seed={seed}", MEASURED])
                asked = {"text": str(text), "vectors": str(folder / "vectors.txt"), "settings": {**LIKEWISE, **settings, "seed": seed}}
                theirs = gensim(folder, {**asked, "fasttext": BUCKETS} if experiment == "boolq_fasttext" else asked)
                turns.append((mine | {"rate": mine["rate"] * share}, theirs))
                print(task, seed, *turns[-1], flush=True)
            rows.append(_row(task, turns))
    return {
        "title": "Vectors of words",
        "text": f"The training words of `boolq` ({tokens * share:,.0f}; of the {tokens:,} tokens the others are marks and bytes of rare words), "
        f"read {EPOCHS} times; 100 numbers a word, window 5, 5 negatives, the same vocabulary, {len(SEEDS)} seeds each, taking turns. Spearman's correlation "
        f"with people over the pairs whose words both know, mean (lowest to highest). Words per CPU-second of training, median; ours includes tracking, "
        "gensim has one worker.",
        "columns": [
            "model",
            *(f"{name}, {of}" for name in SETS for of in ("Assay", "gensim 4.4.0")),
            "words per CPU-second",
            "gensim",
            "ratio",
        ],
        "rows": rows,
    }


def words_of_training(folder: Path) -> tuple[Path, int, float]:
    """The words of the training split as gensim reads them, a document a line; how many tokens it has, and what share of them is words."""
    sys.path.insert(0, str(folder / "src"))
    from assay.config.load import load
    from assay.config.schema import TrainConfig
    from assay.data.prepare import prepare
    from assay.data.tokens import Tokens
    from assay.evaluation.word_similarity import words_of
    from assay.objective.negative_sampling import count_words, token_counts
    from assay.tokenizer.tokenizer import Tokenizer

    config = load("train", ["experiment=boolq_word2vec"], TrainConfig)
    prepared = prepare(config, "auto")
    tokenizer, part = Tokenizer.load(prepared.tokenizer_folder), Tokens.open(prepared.tokens_folder).split("train")
    spelt, row_of = words_of(tokenizer.token_bytes)
    rows, _ = count_words(row_of, token_counts(part.tokens, tokenizer.vocab_size), config.objective.min_count)
    found = rows[np.asarray(part.tokens)]
    path = folder / "words.txt"
    with path.open("w", encoding="utf-8") as file:
        for start, end in pairwise([0, *part.ends.tolist()]):
            file.write(" ".join(str(spelt[row]) for row in found[start:end] if row >= 0) + "\n")
    return path, len(part.tokens), float((found >= 0).mean())


def ours(folder: Path, overrides: list[str]) -> dict[str, Any]:
    result, journal = train(folder, *overrides)
    rates = [line["metrics"]["speed/tokens_per_cpu_second"] for line in journal if line["kind"] == "metrics" and line["step"] > 2]
    found = {name: result["metrics"][f"{name}/spearman"] for name in SETS}
    found |= {f"test/{name}": result["metrics"][f"test/{name}"] for name in ("loss", "unigram_loss")}
    return found | {"rate": statistics.harmonic_mean(rates)}


def gensim(folder: Path, asked: dict[str, Any]) -> dict[str, Any]:
    from assay.evaluation.word_sets import WordSets
    from assay.evaluation.word_similarity import WordVectors, score_words

    python = os.environ.get("PEERS_PYTHON", str(ROOT / ".venv-peers/bin/python"))
    done = subprocess.run(
        [python, str(ROOT / "benchmarks/word_vectors_peer.py"), json.dumps(asked)], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"gensim ended with {done.returncode}:\n{done.stderr[-4000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    lines = [line.split(" ") for line in Path(asked["vectors"]).read_text(encoding="utf-8").splitlines()[1:]]
    vectors = WordVectors([line[0] for line in lines], np.array([line[1:101] for line in lines], dtype=np.float32))
    known = score_words(vectors, WordSets.load(list(SETS), folder)).known
    return {name: known[name].spearman for name in SETS} | {"rate": answer["words"] / answer["cpu_seconds"]}


def _row(task: str, turns: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    agreements = [_spread([turn[side][name] for turn in turns]) for name in SETS for side in (0, 1)]
    rates = [statistics.median(turn[side]["rate"] for turn in turns) for side in (0, 1)]
    ratio = statistics.median(mine["rate"] / theirs["rate"] for mine, theirs in turns)
    return [task, *agreements, *(f"{rate:,.0f}" for rate in rates), f"{ratio:.2f}"]


def _spread(values: list[float]) -> str:
    return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
