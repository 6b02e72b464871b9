"""python src/train.py dry_run=true"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.trainer import dry_run
from assay.trainer.dry_run import _history_rows, _mix_rows
from assay.trainer.plan import make_plan


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def test_a_plan_of_what_was_run_says_so_and_writes_nothing(trained: Any, run: Callable[..., Any]) -> None:
    before = files(trained.project)
    done = run(trained.project, "src/train.py", *trained.words, "dry_run=true")
    assert done.returncode == 0, done.stderr
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["model"] == f"gpt_nano, {trained.result['parameters']:,} parameters with embeddings"
    assert rows["budget"] == "6 steps of 128 tokens = 768 tokens"
    assert rows["batch"] == "2 micro-batch(es) of 2 x 32 tokens a step"
    assert rows["numerics"].endswith(", 1 thread(s), cpu")
    assert rows["identity"] == trained.result["identity"]
    assert rows["identical"] == f"yes: run {trained.result['run_id']} is finished; the same command returns it"
    assert files(trained.project) == before


def test_a_plan_of_another_run_says_what_it_begins_with_and_is_next_to(trained: Any, run: Callable[..., Any]) -> None:
    before = files(trained.project)
    done = run(trained.project, "src/train.py", *trained.words, "seed=2", "init=gpt_nano_tiny", "dry_run=true")
    assert done.returncode == 0, done.stderr
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if not line.startswith(" "))
    assert rows["model"].endswith("with embeddings, begins with the weights of gpt_nano_tiny")
    assert rows["identical"] == "no run is identical"
    assert rows["nearest"].startswith(f"{trained.result['name']} ({trained.result['run_id'][:8]})")
    assert files(trained.project) == before


def test_a_plan_without_data_or_steps_promises_neither(
    project: Callable[..., Path], tiny_text: Callable[[Path], Path], run: Callable[..., Any]
) -> None:
    copy = project()
    tiny_text(copy)
    before = files(copy)
    done = run(copy, "src/train.py", "data=tiny", "tokenizer=byte", "model=ngram", "trainer=cpu", "trainer.max_minutes=2", "dry_run=true")
    assert done.returncode == 0, done.stderr
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert (rows["model"], rows["budget"]) == ("ngram, counts", "2.0 minutes of training")
    assert rows["data"] == "tiny: not prepared yet; the run will do it first"
    assert rows["identical"] == "unknown until the data are prepared"
    assert not {"compute", "memory", "time"} & set(rows)
    assert files(copy) == before


def test_a_plan_over_several_sources_says_what_it_reads_of_each() -> None:
    train = {"by_source": [{"tokens": 300_000}, {"tokens": 2_000}, {"tokens": 98_000}]}
    prepared: Any = SimpleNamespace(split_sizes=lambda: {"train": train})
    config = load("train", ["data=stage_and_web", "trainer.max_tokens=196608"], TrainConfig)
    assert _mix_rows(config, make_plan(config), prepared) == [
        ("mix", "shakespeare 33.3% of the windows: 300,000 tokens, read 0.22 times"),
        ("", "openwebtext 33.3% of the windows: 2,000 tokens, read 42.67 times"),
        ("", "wikipedia 33.3% of the windows: 98,000 tokens, read 0.67 times"),
    ]
    by_the_clock = load("train", ["data=stage_and_web", "trainer.max_minutes=1", "data.temperature=1"], TrainConfig)
    assert _mix_rows(by_the_clock, make_plan(by_the_clock), prepared)[0] == ("mix", "shakespeare 75.0% of the windows: 300,000 tokens")
    train.clear()
    assert _mix_rows(config, make_plan(config), prepared) == []


def entry(run_id: str, finished: bool, forced: bool = False) -> Any:
    return SimpleNamespace(run_id=run_id, finished=finished, forced=forced, folder=Path("nowhere"), name="nano")


@pytest.mark.parametrize(
    ("runs", "words", "said"),
    [
        ([entry("done", True)], [], "yes: run done is finished; the same command returns it"),
        ([entry("done", True)], ["rerun=true"], "yes: run done is finished; rerun=true trains it again, as a new run"),
        ([entry("cut", False, True), entry("done", True)], ["rerun=true"], "yes: run cut is not finished; the same command resumes it"),
        ([entry("cut", False), entry("done", True)], ["rerun=true"], "yes: run done is finished; rerun=true trains it again, as a new run"),
        ([entry("cut", False)], [], "yes: run cut is not finished; the same command resumes it"),
        (
            [entry("done", True)],
            ["trainer.max_steps=null", "trainer.max_minutes=1"],
            "yes: run done is finished; a budget in minutes never gives the same run twice, so it is trained again, as a new run",
        ),
        (
            [entry("cut", False)],
            ["trainer.max_steps=null", "trainer.max_minutes=1"],
            "yes: run cut is not finished; the same command resumes it",
        ),
        ([entry("forced", False, True)], [], "no run is identical"),
        ([], [], "no run is identical"),
    ],
)
def test_a_plan_says_what_the_command_will_do_with_runs_that_are_the_same(
    runs: list[Any], words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.tracking.opening.read_journal", lambda path: [])
    monkeypatch.setattr(dry_run, "runs_with_identity", lambda identity: runs)
    monkeypatch.setattr(dry_run, "nearest_run", lambda identity: None)
    config = load("train", ["trainer=smoke", *words], TrainConfig)
    identity: Any = None
    assert _history_rows(config, make_plan(config), identity) == [("identical", said)]
