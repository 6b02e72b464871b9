"""A training can be killed anywhere: the same command goes on, and ends with the bits of an undisturbed run."""

import random
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from faults.crash import Bench, kill_at_calls, kill_at_moments
from faults.evidence import evidence, litter

POINTS = 1  # of each kind, besides the first and the last; all of them: make crashtest EVERY=1


def numbers(bench: Bench, part: str, count: int = POINTS) -> list[int]:
    """Some of the calls whose path holds `part`, drawn anew whenever their number changes; the first and the last among them."""
    last = len(bench.calls_of(part))
    return sorted({1, last, *random.Random(last).sample(range(1, last + 1), min(count, last))})


@pytest.mark.slow
@pytest.mark.fault("T1", inject="SIGKILL before, and in the middle of, each write, fsync, rename and removal of a checkpoint")
@pytest.mark.parametrize("mode", ["kill", "tear"])
def test_a_kill_while_a_checkpoint_is_written_costs_nothing(bench: Bench, mode: str) -> None:
    kill_at_calls(bench, numbers(bench, "/checkpoints"), mode, print, "/checkpoints")


@pytest.mark.slow
@pytest.mark.fault("T1", inject="SIGKILL before, and in the middle of, each write of the journal, the first one and the result too")
@pytest.mark.parametrize("part", ["journal.jsonl", "result.json", ".open", "provenance.json"])
def test_a_kill_while_the_record_is_written_costs_nothing(bench: Bench, part: str) -> None:
    calls = numbers(bench, part, count=0)
    writes = [number for number, call in enumerate(bench.calls_of(part), start=1) if call.startswith("write")]
    if part == "journal.jsonl":  # half a line in the middle, which the next line must not be written behind
        calls = sorted({*calls, writes[len(writes) // 2]})
    kill_at_calls(bench, calls, "tear" if part == "journal.jsonl" else "kill", print, part)


@pytest.mark.slow
@pytest.mark.fault("T1", inject="SIGKILL at writes, fsyncs and removals of SQLite")
def test_a_kill_while_mlflow_db_is_written_costs_nothing(bench: Bench) -> None:
    kill_at_calls(bench, numbers(bench, "mlflow.db"), "kill", print, "mlflow.db")


@pytest.mark.slow
@pytest.mark.fault("T2", inject="SIGKILL at random moments, again and again in one run")
def test_many_kills_in_one_run_leave_the_bits_of_none(long_bench: Bench) -> None:
    assert kill_at_moments(long_bench, kills=6, seed=1, say=print) >= 3


@pytest.mark.fault("K5", inject="SIGKILL; then another run is started")
def test_a_killed_run_is_not_running_for_ever(bench: Bench) -> None:
    bench.reset()
    assert bench.forks.run(bench.words, "kill", 1, "checkpoints/.step_000000004").code == -9
    other = bench.forks.run([*bench.words, "seed=2"])
    assert other.code == 0, other.output
    with closing(sqlite3.connect(bench.project / "mlruns/mlflow.db")) as database:
        statuses = sorted(status for (status,) in database.execute("SELECT status FROM runs"))
    assert statuses == ["FINISHED", "KILLED"]
    assert "going on from step 2 of run" in bench.forks.run(bench.words).output
    assert litter(bench.project) == []


@pytest.mark.slow
@pytest.mark.fault("T14", inject="the clock is set back a day, or forward ten years, between a kill and the next start")
@pytest.mark.parametrize("seconds", [-86_400, 3_650 * 86_400])
def test_a_clock_that_jumps_changes_nothing(bench: Bench, seconds: int) -> None:
    bench.reset()
    assert bench.forks.run(bench.words, "kill", 1, "checkpoints/.step_000000006").code == -9
    on = bench.forks.run(bench.words, environment={"ASSAY_TEST_CLOCK_SECONDS": str(seconds)})
    assert "going on from step 4 of run" in on.output
    assert on.code == 0, on.output
    assert evidence(bench.project) == bench.expected
    assert litter(bench.project) == []


@pytest.mark.slow
@pytest.mark.fault("T4", inject="the disk is full from a call on: while a checkpoint, a sample, the journal are written")
@pytest.mark.fault("T5", inject="the same, at the third line of the journal")
@pytest.mark.parametrize("part", ["checkpoints/.step", "samples/", "journal.jsonl", ".runs.lock"])
def test_a_full_disk_ends_the_run_with_a_message_and_the_last_good_state(bench: Bench, part: str) -> None:
    """The journal has whole lines only, or the second run could not read it."""
    bench.reset()
    full = bench.forks.run(bench.words, "full", 3, part)
    assert full.code == 5, full.output
    assert "Traceback" not in full.output
    assert "Make room, then type the same command again." in full.output
    if part.startswith("checkpoints"):
        assert "MB are free. The checkpoints before it are as they were." in full.output
    assert not list((bench.project / "mlruns").rglob(".*.draft-*"))
    bench.check()


def test_the_bench_itself_sees_a_difference(bench: Bench) -> None:
    """Else every test here would pass whatever happened."""
    bench.reset()
    other: Any = bench.forks.run([*bench.words, "seed=3"])
    assert other.code == 0, other.output
    assert evidence(bench.project) != bench.expected
