"""What a person waits for before anything happens."""

import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from workshop import workshop

TURNS = 5
COMMANDS = {
    "python src/train.py --help": 0,
    "python src/train.py model=gpt_smal model.n_haed=4": 2,
    "python src/train.py --cfg job": 0,
}


def cpu_seconds(folder: Path, command: str, expected: int) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *command.split()[1:]], cwd=folder, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != expected:
        raise SystemExit(f"{command} ended with {done.returncode}, expected {expected}:\n{done.stderr.decode()[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure() -> dict[str, Any]:
    with workshop() as folder:
        rows = [[f"`{c}`", f"{statistics.median(cpu_seconds(folder, c, code) for _ in range(TURNS)):.2f}"] for c, code in COMMANDS.items()]
    return {
        "title": "Start",
        "text": f"CPU seconds of the whole command, median of {TURNS}. Bound: 1 s for help and for a rejected config.",
        "columns": ["command", "CPU seconds"],
        "rows": rows,
    }
