"""Whatever the stores do, training goes on, says so once, and has everything in its own folder."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import Finished, start

from faults.crash import Bench, tiny_project
from faults.evidence import evidence, journal_points
from faults.faulty import FaultyServer

STEPS = {"trainer.max_steps": "40", "trainer.evaluate_every_steps": "20"}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> tuple[Path, list[str], dict[str, Any]]:
    """A project with its data made, the words of a run of 40 steps, and what that run leaves."""
    project, words = tiny_project(tmp_path_factory.mktemp("tracking") / "project", STEPS)
    done = start(project, "src/train.py", *words)
    assert done.returncode == 0, done.stderr
    return project, words, evidence(project).__dict__


@pytest.fixture
def place(prepared: tuple[Path, list[str], dict[str, Any]], tmp_path: Path) -> Path:
    """A copy of it without runs."""
    target = tmp_path / "project"
    shutil.copytree(prepared[0], target, ignore=shutil.ignore_patterns("mlruns"), symlinks=True)
    (target / "mlruns").mkdir()
    return target


def train(place: Path, words: list[str], uri: str | None = None) -> Finished:
    return start(place, "src/train.py", *words, env={"MLFLOW_TRACKING_URI": uri} if uri else None, timeout=180)


def sync(place: Path, uri: str | None = None) -> Finished:
    return start(place, "src/sync.py", env={"MLFLOW_TRACKING_URI": uri} if uri else None, timeout=180)


@pytest.mark.slow
@pytest.mark.fault("K1", inject="no server at the address")
@pytest.mark.fault("K3", inject="a server that takes requests and never answers; answers 500, 429, garbage, HTML; a byte a second")
@pytest.mark.fault("K7", inject="a password in the server's address; every file and line is searched for it")
@pytest.mark.parametrize("mode", ["refuse", "hang", "500", "429", "garbage", "not json", "drip"])
def test_a_bad_server_costs_one_warning(mode: str, bench: Bench) -> None:
    bench.reset()
    started = time.monotonic()
    with FaultyServer(mode) as server:
        done = bench.forks.run(bench.words, environment={"MLFLOW_TRACKING_URI": server.uri})
        assert done.code == 0, done.output
        assert mode == "refuse" or server.requests
    assert time.monotonic() - started < 60
    [warning] = [line for line in done.output.splitlines() if "warning" in line]
    assert re.match(
        rf"warning: http://127\.0\.0\.1:{server.port} is behind \(.*\); the run's own folder has everything\. Later: make sync$", warning
    )
    assert evidence(bench.project) == bench.expected
    assert "S3CRET" not in done.output
    for path in bench.project.glob("mlruns/**/*"):
        assert not path.is_file() or b"S3CRET" not in path.read_bytes(), path


@contextmanager
def mlflow_server(folder: Path, port: int) -> Iterator[str]:
    """MLflow's own server on a store of its own."""
    folder.mkdir(exist_ok=True)
    store = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    command = [sys.executable, "-m", "mlflow", "server", *store, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                    break
                except OSError:
                    assert server.poll() is None
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, 15)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stored(folder: Path) -> list[tuple[str, int, float]]:
    """What the server has, as it has it: twice if twice."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        rows = database.execute("SELECT key, step, value FROM metrics WHERE key NOT LIKE 'speed/%' AND key NOT LIKE 'system/%'").fetchall()
        assert [status for (status,) in database.execute("SELECT status FROM runs")] in ([], ["FINISHED"])
    return sorted(rows)


@pytest.mark.slow
@pytest.mark.fault("K2", inject="the server dies after a while and comes back after the run; sync is run twice")
def test_a_server_that_dies_and_comes_back_has_every_point_once(place: Path, prepared: tuple[Path, list[str], dict[str, Any]]) -> None:
    port, folder = free_port(), place.parent / "server"
    words = [word for word in prepared[1] if "max_steps" not in word]
    words += ["trainer.max_steps=1500", "trainer.evaluate_every_steps=1500"]
    command = [sys.executable, "src/train.py", *words]
    with mlflow_server(folder, port) as uri:
        run = subprocess.Popen(
            command, cwd=place, env={**os.environ, "MLFLOW_TRACKING_URI": uri}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        for _ in range(600):
            if run.poll() is not None or ((folder / "mlflow.db").exists() and any_point(folder)):
                break
            time.sleep(0.1)
    _, said = run.communicate(timeout=180)
    assert run.returncode == 0, said.decode()
    assert said.decode().count("warning:") <= 1
    with mlflow_server(folder, port) as uri:
        for _ in range(2):
            done = sync(place, uri)
            assert done.returncode == 0, done.stderr
            assert f"http://127.0.0.1:{port}: 1 run(s), up to date" in done.stdout
    [run_folder] = place.glob("mlruns/*/*/artifacts")
    assert stored(folder) == sorted(journal_points(run_folder))


@pytest.mark.slow
@pytest.mark.fault("K2", inject="the server dies during the run and comes back during it, in between for a time in which no step is made")
def test_a_server_that_comes_back_during_the_run_has_every_point_at_its_end(
    place: Path, prepared: tuple[Path, list[str], dict[str, Any]]
) -> None:
    port, folder = free_port(), place.parent / "server"
    words = [word for word in prepared[1] if "max_steps" not in word] + ["trainer.max_steps=2500", "trainer.evaluate_every_steps=2500"]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}
    with mlflow_server(folder, port):
        run = subprocess.Popen(
            [sys.executable, "src/train.py", *words],
            cwd=place,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert run.stderr is not None
        while run.poll() is None and not any_point(folder):
            time.sleep(0.1)
    warning = run.stderr.readline()
    assert warning.startswith(f"warning: http://127.0.0.1:{port} is behind"), warning
    assert run.poll() is None
    run.send_signal(signal.SIGSTOP)
    with mlflow_server(folder, port):
        run.send_signal(signal.SIGCONT)
        _, more = run.communicate(timeout=180)
        assert (run.returncode, more) == (0, "")
    [run_folder] = place.glob("mlruns/*/*/artifacts")
    assert stored(folder) == sorted(journal_points(run_folder))


def any_point(folder: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{folder}/mlflow.db?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT count(*) FROM metrics").fetchone()[0])
    except sqlite3.Error:
        return False


def spoil(place: Path, how: str) -> None:
    database = place / "mlruns/mlflow.db"
    if how == "no database":
        database.write_bytes(b"this is no database, and long enough for SQLite to look at" * 100)
    elif how == "another schema":
        with closing(sqlite3.connect(database)) as made, made:
            made.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            made.execute("INSERT INTO alembic_version VALUES ('unheard of')")
    elif how == "a folder":
        database.mkdir()


@pytest.mark.slow
@pytest.mark.fault("K4", inject="mlflow.db is no database, of another schema, a folder")
@pytest.mark.parametrize("how", ["no database", "another schema", "a folder"])
def test_a_store_beyond_use_costs_one_warning_and_is_made_again_by_sync(
    how: str, place: Path, prepared: tuple[Path, list[str], dict[str, Any]]
) -> None:
    spoil(place, how)
    done = train(place, prepared[1])
    assert done.returncode == 0, done.stderr
    assert "mlruns/mlflow.db" in done.stderr
    assert done.stderr.count("warning:") == 1
    spoilt = place / "mlruns/mlflow.db"
    spoilt.rename(spoilt.with_name("spoilt"))
    assert sync(place).returncode == 0
    assert evidence(place).__dict__ == prepared[2]


@pytest.mark.slow
@pytest.mark.fault("K4", inject="another program holds mlflow.db locked during the whole run")
def test_a_locked_store_costs_one_warning(place: Path, prepared: tuple[Path, list[str], dict[str, Any]]) -> None:
    shutil.copy(prepared[0] / "mlruns/mlflow.db", place / "mlruns/mlflow.db")
    with closing(sqlite3.connect(place / "mlruns/mlflow.db")) as database:
        database.execute("BEGIN EXCLUSIVE")
        done = train(place, prepared[1])
        database.rollback()
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning:") == 1
    assert "mlruns/mlflow.db" in done.stderr
    [folder] = place.glob("mlruns/*/*/artifacts")
    assert json.loads((folder / "result.json").read_bytes())["weights_sha256"] == prepared[2]["weights_sha256"]
    assert sync(place).returncode == 0
    assert evidence(place, folder.parent.name).__dict__ == prepared[2]


@pytest.mark.slow
@pytest.mark.fault("K4", inject="mlflow.db is deleted during the run")
def test_a_store_deleted_under_a_run_is_made_again(place: Path, prepared: tuple[Path, list[str], dict[str, Any]]) -> None:
    words = [word for word in prepared[1] if "max_steps" not in word] + ["trainer.max_steps=1000", "trainer.evaluate_every_steps=1000"]
    command = [sys.executable, "src/train.py", *words]
    with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if line.startswith("step 300 "):
                (place / "mlruns/mlflow.db").unlink(missing_ok=True)
        assert run.wait(timeout=180) == 0
    assert sync(place).returncode == 0
    [folder] = place.glob("mlruns/*/*/artifacts")
    with closing(sqlite3.connect(place / "mlruns/mlflow.db")) as database:
        rows = database.execute("SELECT key, step, value FROM metrics WHERE key NOT LIKE 'speed/%' AND key NOT LIKE 'system/%'").fetchall()
    assert sorted(rows) == sorted(journal_points(folder))
