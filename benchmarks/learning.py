"""Does it learn as it should? Validation loss beside transformers.Trainer with the same initial weights, tokens, order and optimizer settings."""

import json
import statistics
from typing import Any

from workshop import run, train, workshop

SEEDS = (1, 2, 3)
OVERRIDES = ["model=gpt_nano", "trainer.max_tokens=1_200_000", "trainer.evaluate_every_steps=1_000_000"]


def measure() -> dict[str, Any]:
    rows, gaps = [], []
    with workshop() as folder:
        for seed in SEEDS:
            overrides = [*OVERRIDES, f"seed={seed}"]
            result, _ = train(folder, *overrides)
            mine = result["metrics"]["val/loss"]
            answer = json.loads(
                run(folder, "benchmarks/peer.py", json.dumps({"overrides": overrides, "score": True})).output.rstrip().splitlines()[-1]
            )
            if answer["parameters"] != result["parameters"]:
                raise SystemExit(f"not the same model: {result['parameters']} and {answer['parameters']} parameters")
            gaps.append(mine - answer["val/loss"])
            rows.append([seed, f"{mine:.4f}", f"{answer['val/loss']:.4f}", f"{gaps[-1]:+.4f}"])
            print(rows[-1], flush=True)
    means = [statistics.mean(float(row[i]) for row in rows) for i in (1, 2)]
    rows.append(["mean", f"{means[0]:.4f}", f"{means[1]:.4f}", f"{statistics.mean(gaps):+.4f}"])
    return {
        "title": "Learning",
        "text": "Validation loss of `gpt_nano` on `shakespeare`, nats per token, after 1.2 M tokens, scored by the same code on the same split; "
        "same initial weights, order of windows and optimizer settings. "
        "Bound: the mean difference is at most +0.01.",
        "columns": ["seed", "Assay", "transformers.Trainer", "difference"],
        "rows": rows,
    }
