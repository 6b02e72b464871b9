"""The places a journal is copied to."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.tracking.journal import Journal
from assay.tracking.projection import Copy
from assay.tracking.run import Run
from assay.tracking.store import open_store, remote_client, without_secrets
from assay.tracking.target import POSITION, LocalStore, RemoteServer

Begin = Callable[..., Path]
Rows = Callable[..., list[tuple[Any, ...]]]

DATASET = {"name": "tiny", "digest": "a" * 32, "source": "{}", "profile": "{}"}
LINES = [
    ("status", {"status": "running", "process": 1, "host": "h", "commit": None}),
    ("parameters", {"parameters": {f"p{number}": str(number) for number in range(150)}}),
    ("dataset", DATASET),
    ("metrics", {"step": 1, "metrics": {"train/loss": 2.5}}),
    ("metrics", {"step": 1, "metrics": {}, "not_finite": ["train/loss"]}),
    ("evaluation", {"step": 2, "metrics": {"val/loss": 1.5, "val/accuracy": 0.25}}),
    ("note", {"text": "something that happened"}),
    ("model", {"name": "tiny-nano", "source": "mlruns/tiny/a1/artifacts/checkpoints/step_000000002", "weights_sha256": "0" * 64}),
    ("status", {"status": "finished"}),
]
TABLES = ("runs", "tags", "params", "metrics", "latest_metrics", "datasets", "inputs", "input_tags", "model_versions", "experiments")


@pytest.fixture
def everything(rows: Rows) -> Callable[[], dict[str, list[tuple[Any, ...]]]]:
    """All that mlflow.db has, but for when it was written down."""

    def read() -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        for table in TABLES:
            columns = [name for _, name, *_ in rows(f"PRAGMA table_info({table})") if name not in ("last_updated_time", "last_update_time")]
            found[table] = sorted(rows(f"SELECT {', '.join(columns)} FROM {table}"), key=repr)
        return found

    return read


def advance(folder: Path) -> None:
    Copy(folder / "journal.jsonl", LocalStore()).advance()


def test_the_local_run_has_the_journals_id_folder_and_everything_in_it(begin: Begin, place: Path) -> None:
    folder = begin("a1" * 16, "nano", *LINES, started=1.5)
    advance(folder)
    client = open_store()
    run = client.get_run("a1" * 16)
    assert (run.info.run_name, run.info.status, run.info.start_time) == ("nano", "FINISHED", 1500)
    assert run.info.artifact_uri == f"mlruns/tiny/{'a1' * 16}/artifacts"
    assert client.get_experiment(run.info.experiment_id).name == "tiny"
    assert run.info.end_time > 1500
    assert run.data.metrics == {"train/loss": 2.5, "val/loss": 1.5, "val/accuracy": 0.25}
    assert [(metric.step, metric.value) for metric in client.get_metric_history("a1" * 16, "val/loss")] == [(2, 1.5)]
    assert run.data.params == {f"p{number}": str(number) for number in range(150)}
    tags = {"mlflow.runName": "nano", "assay.run_id": "a1" * 16, "assay.identity": "identity of nano", "mlflow.source.name": "src/train.py"}
    assert run.data.tags == {**tags, POSITION: str((folder / "journal.jsonl").stat().st_size)}
    [used] = run.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest, used.tags[0].value) == ("tiny", "a" * 32, "training")
    [version] = client.search_model_versions("name = 'tiny-nano'")
    assert (version.run_id, version.source, version.tags["weights_sha256"]) == ("a1" * 16, LINES[-2][1]["source"], "0" * 64)


def test_what_is_copied_twice_is_there_once(begin: Begin, place: Path, rows: Rows, everything: Callable[[], Any]) -> None:
    """Though the store forgot how far it was, or was put back to an older state of that."""
    folder = begin("a1", "nano", *LINES)
    advance(folder)
    first = everything()
    assert len(first["metrics"]) == 3
    advance(folder)
    assert everything() == first
    rows("DELETE FROM tags WHERE key = ?", POSITION)
    advance(folder)
    assert everything() == first


@pytest.mark.fault
@pytest.mark.parametrize("table", ["params", "inputs", "metrics", "model_versions"])
def test_the_copy_goes_on_after_a_fault_in_its_middle(
    table: str, begin: Begin, place: Path, rows: Rows, everything: Callable[[], Any]
) -> None:
    folder = begin("a1", "nano", *LINES)
    rows(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(Exception, match=r"disk is full|Model Version creation error"):
        advance(folder)
    rows("DROP TRIGGER full")
    advance(folder)
    mended = everything()
    rows("DELETE FROM tags WHERE key = ?", POSITION)
    advance(folder)
    assert everything() == mended
    assert [len(mended[name]) for name in ("runs", "params", "metrics", "inputs", "model_versions")] == [1, 150, 3, 1, 1]
    assert rows("SELECT status FROM runs") == [("FINISHED",)]


def test_a_run_that_goes_on_is_running_again_and_its_reasons_are_tags(begin: Begin, place: Path, rows: Rows) -> None:
    folder = begin("a1", "nano", ("status", {"status": "killed", "reason": "SystemExit: 143"}))
    advance(folder)
    assert rows("SELECT status FROM runs") == [("KILLED",)]
    assert rows("SELECT value FROM tags WHERE key = 'assay.reason'") == [("SystemExit: 143",)]
    journal = Journal(folder / "journal.jsonl")
    for status, stored in (("running", "RUNNING"), ("failed", "FAILED")):
        journal.write("status", status=status)
        advance(folder)
        assert rows("SELECT status FROM runs") == [(stored,)]
    journal.close()


def test_each_finished_run_is_one_version_of_its_model(begin: Begin, place: Path, rows: Rows) -> None:
    for run_id in ("a1", "a2", "a1"):
        folder = place / "mlruns/tiny" / run_id / "artifacts"
        advance(folder if folder.exists() else begin(run_id, "nano", *LINES))
        rows("DELETE FROM tags WHERE key = ?", POSITION)
    assert sorted(rows("SELECT name, version, run_id FROM model_versions")) == [("tiny-nano", 1, "a1"), ("tiny-nano", 2, "a2")]


@given(user=st.text("ab:@%", min_size=1), host=st.sampled_from(["127.0.0.1:5000", "host/path"]))
def test_an_address_is_shown_without_who_may_use_it(user: str, host: str) -> None:
    assert without_secrets(f"https://{user}:secret@{host}") == f"https://{host}"
    assert without_secrets(f"https://{host}") == f"https://{host}"


# --- a tracking server ---


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def dead(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server that is not there, with a password in it."""
    uri = f"http://somebody:secret@127.0.0.1:{free_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


def test_a_server_that_is_not_there_stops_nothing_and_its_password_is_not_shown(
    dead: str, new_run: Callable[..., Run], rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    with new_run() as run:
        run.finish({"checkpoint": "step_000000001", "weights_sha256": "0" * 64, "metrics": {}})
    assert time.monotonic() - started < 30
    assert rows("SELECT status FROM runs") == [("FINISHED",)]
    said = capsys.readouterr().err
    assert said.startswith(f"warning: {without_secrets(dead)} is behind (")
    assert "refused" in said  # no retries, so the reason is known while the run still waits
    assert "somebody" not in said
    assert "secret" not in said


@pytest.fixture
def server(tmp_path: Path, place: Path) -> Iterator[str]:
    """The address of MLflow's own server on a store of its own."""
    port = free_port()
    folder = tmp_path / "server"
    folder.mkdir()
    shutil.copy(place / "mlruns/mlflow.db", folder / "mlflow.db")
    words = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    address = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONWARNINGS": "ignore"}
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-m", "mlflow", "server", *words, *address]
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process:
            try:
                wait_for(f"http://127.0.0.1:{port}", process)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def wait_for(base: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("mlflow server did not start")


@pytest.mark.slow
def test_a_server_gets_each_run_once_under_an_id_of_its_own(server: str, begin: Begin, place: Path, rows: Rows) -> None:
    folder = begin("a1", "nano", *LINES)
    secret = server.replace("http://", "http://somebody:secret@")
    for _ in range(2):  # the second finds all in place
        Copy(folder / "journal.jsonl", RemoteServer(secret)).advance()
    client = remote_client(server)
    number = client.get_experiment_by_name("tiny").experiment_id
    [run] = client.search_runs([number])
    assert run.info.run_id != "a1"
    assert (run.data.tags["assay.run_id"], run.info.run_name, run.info.status) == ("a1", "nano", "FINISHED")
    assert run.data.metrics == {"train/loss": 2.5, "val/loss": 1.5, "val/accuracy": 0.25}
    assert len(run.data.params) == 150
    client.delete_tag(run.info.run_id, POSITION)
    Copy(folder / "journal.jsonl", RemoteServer(server)).advance()
    assert len(client.get_metric_history(run.info.run_id, "val/loss")) == 1
    assert client.search_model_versions() == []  # a model's weights are on this machine
