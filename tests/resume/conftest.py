"""Commands that are killed at a chosen call, in projects that have their data already."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warm import WARM

KILLER = '''
"""Kills this process at the n-th call of a function; KILL_AT is module:name:n. Run before anything of the project is imported."""
import importlib.abc, importlib.util, os, signal, sys

MODULE, NAME, CALLS = os.environ["KILL_AT"].split(":")

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (run(module), patch(module))
        return spec

def patch(module):
    owner, _, name = NAME.rpartition(".")
    owner = getattr(module, owner) if owner else module
    real, left = getattr(owner, name), [int(CALLS)]
    def call(*args, **kwargs):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    setattr(owner, name, call)

sys.meta_path.insert(0, Finder())
'''
ONE_PROCESS = """
import json, runpy, sys
sys.path.insert(0, "src")
for words in json.load(sys.stdin):
    sys.argv = ["src/train.py", *words]
    try:
        runpy.run_path("src/train.py", run_name="__main__")
    except SystemExit as end:
        assert not end.code
"""
SMALL = """\
language: en
licence: public domain (generated)
sources: [{folder: small_text}]
validation_fraction: 0.2
test_fraction: 0.2
context_tokens: 32
"""
PAIR = SMALL.replace(
    "[{folder: small_text}]",
    "[{folder: small_text, members: ['0*'], name: few, weight: 3}, {folder: small_text, members: ['1*', '2*'], name: many, weight: 1}]",
)
"""Of 24 texts 10 are read for three quarters of the windows: three times over."""
WORDS: dict[str, str | None] = {
    **{"data": "small", "tokenizer": "byte", "model": "gpt_nano", "model.d_model": "32", "evaluation.sample_tokens": "4"},
    **{"trainer": "smoke", "trainer.threads": "1", "trainer.max_steps": "22", "trainer.tokens_per_step": "256"},
    **{"trainer.evaluate_every_steps": "6", "trainer.checkpoint_every_steps": "7", "evaluation.sequences_per_batch": "16"},
}
ONE, TWO = {"trainer.sequences_per_microbatch": "8"}, {"trainer.sequences_per_microbatch": "4"}
COMPILER = shutil.which("g++")
RUNS: dict[str, dict[str, str | None]] = {
    "fp32 plain": {**ONE, "trainer.precision": "fp32", "init": "gpt_nano_tiny"},
    "fp32 dropout": {**TWO, "trainer.precision": "fp32", "model.dropout": "0.1"},
    "bf16 dropout": {**ONE, "trainer.precision": "bf16", "model.dropout": "0.1"},
    "bf16 plain": {**TWO, "trainer.precision": "bf16"},
    "fp32 compiled": {**TWO, "trainer.precision": "fp32", "model.dropout": "0.1", "trainer.compile": "true"},
    "bf16 compiled": {**TWO, "trainer.precision": "bf16", "trainer.compile": "true"},
    "recurrent average": {
        **{**TWO, "trainer.precision": "bf16", "model": "lstm_nano", "model.dropout": "0.1", "model.dropout_mask": "locked"},
        **{"trainer.ema_decay": "0.9", "trainer.skip_gradient_norm_above": "1000"},
    },
    "mixed": {**TWO, "trainer.precision": "fp32", "data": "pair"},
    "early": {
        **{**TWO, "trainer.precision": "fp32", "trainer.early_stopping_patience": "2"},
        **{"optimizer": "sgd", "optimizer.learning_rate": "1e-30"},
    },
    "counting": {**TWO, "model": "ngram", "model.d_model": None, "model.order": "2"},
    "words": {
        **{**TWO, "model": "fasttext", "model.d_model": "16", "model.buckets": "50"},
        **{"objective": "skip_gram", "objective.min_count": "1", "optimizer": "plain_sgd"},
    },
}
"""What differs from WORDS: each pair of precision, dropout and micro-batches a step is there; None takes a setting away."""

WORKERS = dict.fromkeys(("fp32 dropout", "bf16 plain", "bf16 compiled", "mixed"), "trainer.loader_workers=2")
"""Of those that are cut off; the undisturbed ones have none."""


@dataclass(frozen=True)
class Place:
    """A project in which small is a prepared corpus, and gpt_nano_tiny a finished run."""

    root: Path

    def folder(self, name: str) -> Path:
        """Of the only run whose name is that, or goes on after it with what its command chose."""
        (found,) = [
            path.parent
            for path in self.root.glob("mlruns/*/*/artifacts/journal.jsonl")
            if f"{json.loads(path.read_text().partition(chr(10))[0])['name']} ".startswith(f"{name} ")
        ]
        return found

    def journal(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder(name) / "journal.jsonl").read_text().splitlines()]

    def result(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder(name) / "result.json").read_bytes())
        return found

    def recorded(self, name: str) -> list[tuple[str, int, float]]:
        """Metric, step and value of all that is repeatable, from the journal."""
        lines = [line for line in self.journal(name) if "metrics" in line]
        return sorted((key, line["step"], value) for line in lines for key, value in line["metrics"].items() if repeatable(key))

    def copied(self, name: str) -> tuple[str, list[tuple[str, int, float]]]:
        """The run's status and the same metrics, from mlflow.db."""
        run_id = self.folder(name).parent.name
        with closing(sqlite3.connect(self.root / "mlruns/mlflow.db")) as database:
            ((status,),) = database.execute("SELECT status FROM runs WHERE run_uuid = ?", (run_id,))
            rows = database.execute("SELECT key, step, value FROM metrics WHERE run_uuid = ?", (run_id,)).fetchall()
        return status, sorted(row for row in rows if repeatable(row[0]))

    def checkpoints(self, name: str) -> list[int]:
        """Steps, ascending."""
        return sorted(int(path.name.removeprefix("step_")) for path in (self.folder(name) / "checkpoints").glob("step_*"))


def repeatable(metric: str) -> bool:
    return not metric.startswith(("speed/", "system/"))


def words(name: str) -> list[str]:
    return [f"{key}={value}" for key, value in {**WORDS, **RUNS[name], "tracking.run_name": name}.items() if value is not None]


@pytest.fixture(scope="session")
def unbroken(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Every one of RUNS, by one process, undisturbed."""
    place = Place(tmp_path_factory.mktemp("unbroken") / "project")
    shutil.copytree(trained.project, place.root)
    (place.root / "small_text").mkdir()
    for text in (place.root / "tiny_text").iterdir():
        (place.root / "small_text" / text.name).write_text(text.read_text(encoding="utf-8").partition("\n\n")[0], encoding="utf-8")
    for name, text in (("small", SMALL), ("pair", PAIR)):
        (place.root / f"conf/data/{name}.yaml").write_text(text, encoding="utf-8")
    jobs = json.dumps([words(name) for name in RUNS if COMPILER or "compiled" not in name])
    done = subprocess.run([sys.executable, "-c", ONE_PROCESS], cwd=place.root, input=jobs.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return place


@pytest.fixture(scope="session")
def broken(unbroken: Place, trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The same project and data, with none of RUNS."""
    place = Place(tmp_path_factory.mktemp("broken") / "project")
    shutil.copytree(unbroken.root, place.root, ignore=shutil.ignore_patterns("mlruns"))
    shutil.copytree(trained.project / "mlruns", place.root / "mlruns")
    return place


@dataclass(frozen=True)
class Ended:
    """`returncode` is minus the signal's number where a signal ended it."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def train(broken: Place) -> Callable[..., Ended]:
    """train("fp32 plain"): its command, to the end. at="module:name:n": killed at the n-th call; at="step 9": `number` sent when it shows.

    `more`: a word that is added.
    """

    def start(name: str, at: str | None = None, number: int = signal.SIGKILL, more: str | None = None) -> Ended:
        added = [word for word in (WORKERS.get(name), more) if word]
        first = {"code": KILLER, "KILL_AT": at} if at and ":" in at else {}
        with WARM.command(broken.root / "src/train.py", [*words(name), *added], broken.root, **first) as command:
            said = []
            for line in command.lines():
                said.append(line)
                if at and not first and line.startswith(f"{at} "):
                    os.kill(command.pid, number)
            return Ended(command.wait(), "".join(said), command.err.read_text(encoding="utf-8"))

    return start
