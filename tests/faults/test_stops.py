"""Stopped politely, by numbers that are none, or by another run of the same name."""

import json
import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from safetensors.torch import load_file

from faults.crash import Bench
from faults.evidence import evidence, litter
from faults.injection import Forks


def wait_for(bench: Bench, text: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while text not in bench.forks.output() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert text in bench.forks.output(), bench.forks.output()[-2000:]


def only_run(bench: Bench) -> Path:
    [folder] = bench.project.glob("mlruns/*/*/artifacts")
    return folder


@pytest.mark.slow
@pytest.mark.fault("T3", inject="SIGTERM, and again while the checkpoint is written")
@pytest.mark.fault("T19", inject="Ctrl-C")
@pytest.mark.parametrize(("numbers", "code"), [((signal.SIGTERM, signal.SIGTERM), 143), ((signal.SIGINT,), 130)])
def test_a_stop_leaves_a_checkpoint_of_the_step_it_came_in(numbers: tuple[signal.Signals, ...], code: int, long_bench: Bench) -> None:
    bench = long_bench
    bench.reset()
    pid = bench.forks.start([*bench.words, "trainer.checkpoint_every_steps=1000"])
    wait_for(bench, "\nstep 20 ")
    started = time.monotonic()
    for number in numbers:
        os.kill(pid, number)
    ended = bench.forks.wait()
    assert time.monotonic() - started < 10
    assert ended.code == code, ended.output
    steps = [int(line.split()[1]) for line in ended.output.splitlines() if line.startswith("step ")]
    assert steps[-1] < 70  # where an evaluation would bring a checkpoint anyway
    newest = max((only_run(bench) / "checkpoints").glob("step_*"))
    assert newest.name == f"step_{steps[-1]:09d}"
    bench.check()


@pytest.mark.slow
@pytest.mark.fault("T19", inject="Ctrl-C twice")
def test_a_second_interrupt_ends_it_at_once_and_harms_nothing(long_bench: Bench) -> None:
    bench = long_bench
    bench.reset()
    pid = bench.forks.start(bench.words)
    wait_for(bench, "\nstep 20 ")
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGINT)
    assert bench.forks.wait().code in (130, -signal.SIGINT)
    bench.check()


@pytest.mark.slow
@pytest.mark.fault("T10", inject="an optimizer so fast that a gradient is not finite after a few steps")
def test_numbers_that_are_none_stop_the_run_before_the_update(bench: Bench) -> None:
    bench.reset()
    words = [word for word in bench.words if not word.startswith(("optimizer", "trainer.max_steps", "trainer.evaluate_every_steps"))]
    fast = ["optimizer=sgd", "optimizer.learning_rate=1000", "trainer.gradient_clip_norm=null", "trainer.max_steps=40"]
    ended = bench.forks.run([*words, *fast, "trainer.evaluate_every_steps=40"])
    assert ended.code == 4, ended.output
    assert "Stopped before the update" in ended.output
    assert "of documents " in ended.output
    [checkpoint] = (only_run(bench) / "checkpoints").iterdir()
    last: dict[str, Any] = [
        json.loads(line) for line in (only_run(bench) / "journal.jsonl").read_text().splitlines() if '"train/loss"' in line
    ][-1]
    assert checkpoint.name == f"step_{last['step']:09d}"
    assert all(bool(tensor.isfinite().all()) for tensor in load_file(checkpoint / "weights.safetensors").values())
    document = ended.output.partition("of documents ")[2].split()[0].strip(",")
    assert document in "".join(path.read_text() for path in bench.project.glob("data/cache/tokens/*/train.ids"))


@pytest.mark.slow
@pytest.mark.fault("T11", inject="a limit that the gradients of some steps pass; a kill after them")
def test_spikes_are_skipped_where_that_was_asked_for_and_counted(bench: Bench) -> None:
    bench.reset()
    words = [*bench.words, "trainer.skip_gradient_norm_above=2.5"]
    assert bench.forks.run(words, "kill", 1, "checkpoints/.step_000000006").code == -signal.SIGKILL
    ended = bench.forks.run(words)
    assert ended.code == 0, ended.output
    lines = [json.loads(line) for line in (only_run(bench) / "journal.jsonl").read_text().splitlines()]
    steps = [line["metrics"] for line in lines if "train/gradient_norm" in line.get("metrics", {})]
    above = sum(metrics["train/gradient_norm"] > 2.5 for metrics in steps)
    assert 0 < above < len(steps), [metrics["train/gradient_norm"] for metrics in steps]
    result = json.loads((only_run(bench) / "result.json").read_bytes())
    assert (result["skipped_steps"], steps[-1]["train/skipped_steps"]) == (above, above)


@pytest.mark.slow
@pytest.mark.fault("T15", inject="the same command while its run is under way; then a stale lock")
def test_the_same_run_twice_is_refused_with_process_and_host(long_bench: Bench, shim: Path) -> None:
    bench = long_bench
    bench.reset()
    pid = bench.forks.start(bench.words)
    wait_for(bench, "\nstep 2 ")
    os.kill(pid, signal.SIGSTOP)
    with Forks(bench.project, shim, "second") as second:
        refused = second.run(bench.words)
        os.kill(pid, signal.SIGKILL)
        bench.forks.wait()
    assert refused.code == 5, refused.output
    assert f"process {pid} on {os.uname().nodename} since " in refused.output
    bench.check()


@pytest.mark.slow
@pytest.mark.fault("T16", inject="two runs at once on one store and one data folder, both cold")
def test_two_runs_at_once_are_complete_and_not_mixed(bench: Bench, shim: Path) -> None:
    bench.reset()
    (bench.project / "mlruns/mlflow.db").unlink()
    shutil.rmtree(bench.project / "data/cache")
    with Forks(bench.project, shim, "second") as second:
        second.start([*bench.words, "seed=2"])
        mine = bench.forks.run(bench.words)
        other = second.wait()
    assert (mine.code, other.code) == (0, 0), mine.output + other.output
    ids = {
        path.parents[1].name: json.loads(path.read_bytes())["weights_sha256"]
        for path in bench.project.glob("mlruns/*/*/artifacts/result.json")
    }
    [run_id] = [run_id for run_id, sha256 in ids.items() if sha256 == bench.expected.weights_sha256]
    assert len(ids) == 2
    assert evidence(bench.project, run_id) == bench.expected
    assert litter(bench.project) == [], mine.output + other.output


@pytest.mark.slow
@pytest.mark.fault("T12", inject="a limit on the process's memory that the model does not fit into")
def test_too_little_memory_is_said_with_the_setting_to_change(bench: Bench) -> None:
    bench.reset()
    words = [word for word in bench.words if not word.startswith(("data.context", "model.d_model", "trainer.tokens", "trainer.sequences"))]
    large = ["model.d_model=1024", "model.n_layer=24", "trainer.sequences_per_microbatch=64", "trainer.tokens_per_step=2048"]
    ended = bench.forks.run([*words, *large], environment={"ASSAY_TEST_MEMORY_BYTES": str(4 << 30)})
    assert ended.code == 5, ended.output[-3000:]
    assert "out of memory with micro-batches of 64 sequences of 32 tokens" in ended.output
    assert "trainer.sequences_per_microbatch=32" in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.slow
@pytest.mark.fault("T13", inject="SIGKILL for one of two loader workers; SIGSTOP, so that it hangs")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_loader_worker_is_named_and_nothing_is_lost_with_it(number: signal.Signals, long_bench: Bench) -> None:
    bench = long_bench
    bench.reset()
    words = [*bench.words, "trainer.loader_workers=2"]
    pid = bench.forks.start(words, environment={"ASSAY_TEST_WORKER_SECONDS": "3"})
    wait_for(bench, "\nstep 20 ")
    worker = psutil.Process(pid).children()[0]
    os.kill(worker.pid, number)
    ended = bench.forks.wait()
    assert ended.code == 5, ended.output
    [error] = [line for line in ended.output.splitlines() if line.startswith("error: ")]
    assert "worker" in error
    assert str(worker.pid) in error
    assert number == signal.SIGKILL or f"process {worker.pid} gave nothing for 3 s (stopped)" in error
    assert "the same command goes on" in ended.output
    assert "Traceback" not in ended.output
    assert not worker.is_running()
    bench.check()


@pytest.mark.slow
@pytest.mark.fault("C10", inject="a sweep whose first job diverges")
def test_a_failing_job_of_a_sweep_stops_no_other_and_is_in_the_exit_code(bench: Bench) -> None:
    bench.reset()
    words = [word for word in bench.words if not word.startswith(("optimizer", "trainer.max_steps", "trainer.evaluate_every_steps"))]
    steps = ["trainer.max_steps=20", "trainer.evaluate_every_steps=20", "trainer.gradient_clip_norm=null", "optimizer=sgd"]
    ended = bench.forks.run(["--multirun", *words, *steps, "optimizer.learning_rate=1000,0.001"])
    assert ended.code == 4, ended.output
    assert "job 1: failed with exit code 4: " in ended.output
    assert "job 2: done: " in ended.output
    with closing(sqlite3.connect(bench.project / "mlruns/mlflow.db")) as database:
        assert sorted(status for (status,) in database.execute("SELECT status FROM runs")) == ["FAILED", "FINISHED"]
    assert litter(bench.project) == []
