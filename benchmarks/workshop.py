"""A copy of the project to run in, so that measuring leaves mlruns/ alone."""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Done:
    """A finished command: its output and the CPU seconds of it and its children."""

    output: str
    cpu_seconds: float


@contextmanager
def workshop() -> Iterator[Path]:
    """The project's code and configs in a temporary folder, with the real data/ under it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        for part in ("src", "conf", "benchmarks"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        (ROOT / "data").mkdir(exist_ok=True)
        (folder / "data").symlink_to(ROOT / "data")
        yield folder


def run(folder: Path, *words: str) -> Done:
    """Run a Python script of the folder; its own words are shown if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return Done(done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def train(folder: Path, *overrides: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One run of src/train.py: its result and its journal."""
    output = run(folder, "src/train.py", *overrides, "rerun=true").output
    run_id = output.rstrip().splitlines()[-1].split()[1]
    artifacts = next(folder.glob(f"mlruns/*/{run_id}/artifacts"))
    journal = [json.loads(line) for line in (artifacts / "journal.jsonl").read_text().splitlines()]
    return json.loads((artifacts / "result.json").read_text()), journal
