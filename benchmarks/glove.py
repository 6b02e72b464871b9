"""GloVe beside the paper's algorithm run plainly, on the same text for as long: agreement with people, and words per CPU-second.

The plain form is written from sections 3 and 4.2 of Pennington et al. 2014, in double precision, without a line of ours: a dictionary of counts, a list of
entries shuffled anew for each epoch, and one update after another. So that it ends, Numba compiles its loop, with what it grants ours: sums in any
order, and no check of each division.
"""

import math
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from workshop import ROOT, run, train, workshop

SEEDS = (1, 2, 3)
SETS = ("wordsim353", "simlex999")
WIDTH, WINDOW, X_MAX, ALPHA, RATE = 100, 10, 100.0, 0.75, 0.05
OVERRIDES = ("experiment=boolq_glove", "trainer.evaluate_every_steps=1_000_000")


def measure() -> dict[str, Any]:
    with workshop() as folder:
        run(folder, "src/collect.py", "boolq", "word_similarity")
        documents, spelt, tokens, budget = words_of_training(folder)
        words = sum(map(len, documents))
        epochs = budget / tokens
        entries = plain_counts(documents)
        update(*plain_start(0, len(spelt)), *(part[:9] for part in entries))  # compiled before it is timed
        turns = []
        for seed in SEEDS:
            mine = ours(folder, [*OVERRIDES, f"seed={seed}"], words / tokens)
            turns.append((mine, plain(folder, entries, spelt, epochs, words, seed)))
            print("glove", seed, *turns[-1], flush=True)
    return {
        "title": "GloVe",
        "text": f"The training words of `boolq` ({words:,}), window {WINDOW}, {len(entries[0]):,} entries, {epochs:.1f} epochs over them, {WIDTH} numbers a "
        "word; beside the algorithm of Pennington et al. 2014 run plainly in double precision, its loop compiled; "
        f"{len(SEEDS)} seeds each, taking turns. Spearman's correlation with people, mean (lowest to highest). Words per CPU-second of training, "
        "median: words of the text times epochs; ours includes tracking and the loader, neither counts the counting.",
        "columns": ["", *(f"{name}, {of}" for name in SETS for of in ("Assay", "plain")), "words per CPU-second", "plain", "ratio"],
        "rows": [_row(turns)],
    }


def words_of_training(folder: Path) -> tuple[list[list[int]], list[str | None], int, int]:
    """Documents of rows of words; the word of each row; tokens of the split, and of the experiment's budget."""
    sys.path.insert(0, str(folder / "src"))
    from assay.config.load import load
    from assay.config.schema import TrainConfig
    from assay.data.prepare import prepare
    from assay.data.tokens import Tokens
    from assay.evaluation.word_similarity import words_of
    from assay.objective.negative_sampling import count_words, token_counts
    from assay.tokenizer.tokenizer import Tokenizer

    config = load("train", list(OVERRIDES), TrainConfig)
    prepared = prepare(config, "auto")
    tokenizer, part = Tokenizer.load(prepared.tokenizer_folder), Tokens.open(prepared.tokens_folder).split("train")
    spelt, row_of = words_of(tokenizer.token_bytes)
    rows, _ = count_words(row_of, token_counts(part.tokens, tokenizer.vocab_size), config.objective.min_count)
    found = rows[np.asarray(part.tokens)]
    documents = [[row for row in found[start:end].tolist() if row >= 0] for start, end in pairwise([0, *part.ends.tolist()])]
    return documents, spelt, len(part.tokens), int(config.trainer.max_tokens or 0)


def ours(folder: Path, overrides: list[str], share: float) -> dict[str, Any]:
    result, journal = train(folder, *overrides)
    rates = [line["metrics"]["speed/tokens_per_cpu_second"] for line in journal if line["kind"] == "metrics" and line["step"] > 2]
    return {name: result["metrics"][f"{name}/spearman"] for name in SETS} | {"rate": statistics.harmonic_mean(rates) * share}


def plain_counts(documents: list[list[int]]) -> tuple[Any, Any, Any]:
    """Words, contexts and counts of all that is not zero: 1/d for words at distance d."""
    counts: dict[tuple[int, int], float] = {}
    for document in documents:
        for place, word in enumerate(document):
            for distance in range(1, min(WINDOW, place) + 1):
                other = document[place - distance]
                counts[word, other] = counts.get((word, other), 0.0) + 1 / distance
                counts[other, word] = counts.get((other, word), 0.0) + 1 / distance
    return np.array([word for word, _ in counts]), np.array([other for _, other in counts]), np.array(list(counts.values()))


def plain_start(seed: int, rows: int) -> tuple[Any, ...]:
    draws = np.random.default_rng(seed)
    vectors = [(draws.random((rows, WIDTH)) - 0.5) / WIDTH for _ in range(2)]
    return (
        *vectors,
        np.zeros(rows),
        np.zeros(rows),
        *(np.full((rows, WIDTH), 1e-8) for _ in range(2)),
        *(np.full(rows, 1e-8) for _ in range(2)),
    )


@njit(cache=False, fastmath={"reassoc", "contract", "nsz"}, error_model="numpy")
def update(W: Any, C: Any, b: Any, c: Any, W_sum: Any, C_sum: Any, b_sum: Any, c_sum: Any, words: Any, contexts: Any, counts: Any) -> None:
    """Equation 8's gradient by AdaGrad, entry after entry; f is equation 9."""
    for n in range(len(words)):
        i, k = words[n], contexts[n]
        f = (counts[n] / X_MAX) ** ALPHA if counts[n] < X_MAX else 1.0
        error = b[i] + c[k] - np.log(counts[n])
        for d in range(W.shape[1]):
            error += W[i, d] * C[k, d]
        error *= f
        for d in range(W.shape[1]):
            of_word, of_context = error * C[k, d], error * W[i, d]
            W_sum[i, d] += of_word**2
            C_sum[k, d] += of_context**2
            W[i, d] -= RATE * of_word / np.sqrt(W_sum[i, d])
            C[k, d] -= RATE * of_context / np.sqrt(C_sum[k, d])
        b_sum[i] += error**2
        c_sum[k] += error**2
        b[i] -= RATE * error / np.sqrt(b_sum[i])
        c[k] -= RATE * error / np.sqrt(c_sum[k])


def plain(folder: Path, entries: tuple[Any, Any, Any], spelt: list[str | None], epochs: float, words: int, seed: int) -> dict[str, Any]:
    from assay.evaluation.word_sets import WordSets
    from assay.evaluation.word_similarity import WordVectors, score_words

    state, draws = plain_start(seed, len(spelt)), np.random.default_rng(seed)
    before = time.process_time()
    for epoch in range(math.ceil(epochs)):
        order = draws.permutation(len(entries[0]))[: round((epochs - epoch) * len(entries[0]))]
        update(*state, *(part[order] for part in entries))
    seconds = time.process_time() - before
    met = np.zeros(len(spelt), dtype=bool)
    met[entries[0]] = True
    known = score_words(
        WordVectors([word if seen else None for word, seen in zip(spelt, met, strict=True)], state[0] + state[1]),
        WordSets.load(list(SETS), ROOT),
    ).known
    return {name: known[name].spearman for name in SETS} | {"rate": words * epochs / seconds}


def _row(turns: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    agreements = [_spread([turn[side][name] for turn in turns]) for name in SETS for side in (0, 1)]
    rates = [statistics.median(turn[side]["rate"] for turn in turns) for side in (0, 1)]
    return ["GloVe", *agreements, *(f"{rate:,.0f}" for rate in rates), f"{statistics.median(a['rate'] / b['rate'] for a, b in turns):.2f}"]


def _spread(values: list[float]) -> str:
    return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
