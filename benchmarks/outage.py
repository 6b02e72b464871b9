"""What a tracking server that fails costs a training: its slowest step, beside a training without a server."""

import os
import statistics
import sys
from pathlib import Path
from typing import Any

from workshop import ROOT, train, workshop

sys.path.insert(0, str(ROOT / "tests"))

from faults.faulty import FaultyServer

TURNS = 3
MODES = ("refuse", "hang", "500", "garbage", "drip")
WORDS = ("model=gpt_nano", "data.validation_fraction=0.002", "data.test_fraction=0.002")
STEPS = 300


def measure() -> dict[str, Any]:
    rows = []
    with workshop() as folder:
        train(folder, *WORDS, "trainer=smoke")  # makes the store and the data
        turns = [_turn(folder) for _ in range(TURNS)]
    for mode in MODES:
        typical = statistics.median(turn[mode][0] / turn["none"][0] for turn in turns)
        slowest = statistics.median(turn[mode][1] / turn["none"][1] for turn in turns)
        rows.append([mode, f"{typical:.2f}", f"{slowest:.2f}"])
    return {
        "title": "Tracking server away",
        "text": f"Wall seconds of a step while the server at `MLFLOW_TRACKING_URI` fails, divided by those of a run without a server; median of {TURNS} turns. "
        f"`gpt_nano`, {STEPS} steps. Bound for the slowest step: 1.1.",
        "columns": ["the server", "median step", "slowest step"],
        "rows": rows,
    }


def _turn(folder: Path) -> dict[str, tuple[float, float]]:
    """Mode -> seconds of its median and of its slowest step; the first three are left out, which allocate."""
    found = {"none": _steps(folder)}
    for mode in MODES:
        with FaultyServer(mode) as server:
            os.environ["MLFLOW_TRACKING_URI"] = server.uri
            try:
                found[mode] = _steps(folder)
            finally:
                del os.environ["MLFLOW_TRACKING_URI"]
    return found


def _steps(folder: Path) -> tuple[float, float]:
    _, journal = train(folder, *WORDS, f"trainer.max_steps={STEPS}", f"trainer.evaluate_every_steps={STEPS}")
    rates = [line["metrics"]["speed/tokens_per_second"] for line in journal if "train/loss" in line.get("metrics", {})]
    seconds = sorted(1024 / rate for rate in rates[3:])
    return statistics.median(seconds), seconds[-1]
