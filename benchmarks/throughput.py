"""Tokens per CPU-second of training, beside transformers.Trainer with the same model and batch."""

import json
import statistics
from pathlib import Path
from typing import Any

from workshop import run, train, workshop

TURNS, STEPS = 5, 8
SMALL_SPLITS = ("data.validation_fraction=0.002", "data.test_fraction=0.002")  # scoring is not what is measured
BATCH = ("trainer.tokens_per_step=4096", "trainer.sequences_per_microbatch=16")
SHAPES = {"gpt_nano": 4, "gpt_small": 1}  # model -> how many times STEPS, since a nano step is short


def ours(folder: Path, overrides: list[str]) -> float:
    _, journal = train(folder, *overrides)
    return statistics.median(
        line["metrics"]["speed/tokens_per_cpu_second"] for line in journal if line["kind"] == "metrics" and line["step"] > 2
    )


def theirs(folder: Path, overrides: list[str]) -> float:
    request = json.dumps({"overrides": overrides, "score": False})
    answer: dict[str, Any] = json.loads(run(folder, "benchmarks/peer.py", request).output.rstrip().splitlines()[-1])
    return float(answer["tokens_per_cpu_second"])


def measure() -> dict[str, Any]:
    rows = []
    with workshop() as folder:
        for model, times in SHAPES.items():
            for precision in ("fp32", "bf16"):
                overrides = [
                    f"model={model}",
                    f"trainer.max_steps={STEPS * times}",
                    f"trainer.precision={precision}",
                    *BATCH,
                    *SMALL_SPLITS,
                ]
                turns = [(ours(folder, overrides), theirs(folder, overrides)) for _ in range(TURNS)]
                a, b = (statistics.median(side) for side in zip(*turns, strict=True))
                ratio = statistics.median(x / y for x, y in turns)
                rows.append([model, precision, f"{a:,.0f}", f"{b:,.0f}", f"{ratio:.2f}"])
                print(rows[-1], flush=True)
    return {
        "title": "Training throughput",
        "text": f"Tokens per CPU-second, median of {TURNS} alternate turns, batches of 16 x 256 tokens, vocabulary 4,096, AdamW. "
        "Ours includes tracking and progress. The ratio is the median of the turns' own ratios.",
        "columns": ["model", "precision", "Assay, tokens per CPU-second", "transformers.Trainer", "ratio"],
        "rows": rows,
    }
