"""What checkpoints cost, and how long a run takes to go on from one."""

import json
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from workshop import ROOT, train, workshop

sys.path.insert(0, str(ROOT / "src"))

from assay.trainer.record import SAVE_SECONDS

TURNS = 3
WORDS = ("model=gpt_small", "trainer.tokens_per_step=16384", "trainer.sequences_per_microbatch=16", "evaluation.sample_tokens=1")
SMALL_SPLITS = ("data.validation_fraction=0.002", "data.test_fraction=0.002")


def measure() -> dict[str, Any]:
    with workshop() as folder:
        words = [*WORDS, *SMALL_SPLITS, "trainer.max_steps=6", "trainer.checkpoint_every_steps=1"]
        _, journal = train(folder, *words)
        save = statistics.median(line["metrics"]["speed/checkpoint_seconds"] for line in journal if line["kind"] == "checkpoint")
        rows = [["a save, retention included", f"{save:.2f} s", f"{100 * save / (SAVE_SECONDS + save):.2f} % of training, one a minute"]]
        turns = [_start_and_go_on(folder, seed) for seed in range(10, 10 + TURNS)]
        cold, on = (statistics.median(side) for side in zip(*turns, strict=True))
        ratio = statistics.median(b / a for a, b in turns)
        rows.append(["to the first step, cold", f"{cold:.1f} s", ""])
        rows.append(["to the first step, going on", f"{on:.1f} s", f"{ratio:.2f} of cold, median of {TURNS} turns"])
    return {
        "title": "Checkpoints",
        "text": "`gpt_small`, 16,384 tokens a step, wall seconds: a save is mostly waiting for the disk. Bounds: 3 % and 1.5.",
        "columns": ["", "time", "share"],
        "rows": rows,
    }


def _start_and_go_on(folder: Path, seed: int) -> tuple[float, float]:
    """Seconds to the first line of a step: of a new run, which is killed after its second, and of the same command again."""
    words = [
        *WORDS,
        *SMALL_SPLITS,
        "trainer.max_steps=100",
        "trainer.checkpoint_every_steps=1",
        f"seed={seed}",
        "trainer.print_every_steps=1",
    ]
    return _seconds_to_step(folder, words, 2), _seconds_to_step(folder, words, 3)


def _seconds_to_step(folder: Path, words: list[str], kill_at: int) -> float:
    started, first = time.perf_counter(), None
    with subprocess.Popen([sys.executable, "src/train.py", *words], cwd=folder, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("step ") and first is None:
                first = time.perf_counter() - started
            if line.startswith(f"step {kill_at} "):
                break
        child.send_signal(signal.SIGKILL)
        child.communicate()
    if first is None:
        raise SystemExit(f"no step was made: {json.dumps(words)}")
    return first
