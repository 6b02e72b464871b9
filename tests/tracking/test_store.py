"""The local store."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import ConfigError, MachineError
from assay.tracking.store import database_client, experiment_id, first_line, open_store, remote_uri


def test_an_experiments_folder_has_its_name_by_a_path_that_survives_a_move(place: Path) -> None:
    client = open_store()
    number = experiment_id(client, "tiny stories")
    assert client.get_experiment(number).artifact_location == "mlruns/tiny stories"


MAKE = """
import sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, "src")
from assay.tracking.store import open_store
print(len(open_store().search_experiments()))
"""


@pytest.mark.fault("T1", inject="SIGKILL while MLflow makes the tables of a new mlflow.db")
def test_a_store_is_there_whole_or_not_at_all(project: Callable[..., Path]) -> None:
    copy = project()
    (copy / "mlruns").mkdir(exist_ok=True)
    made = subprocess.Popen([sys.executable, "-c", MAKE], cwd=copy, stdout=subprocess.DEVNULL)
    while not list((copy / "mlruns").glob(".mlflow.db.draft-*")) and made.poll() is None:
        time.sleep(0.001)
    made.kill()
    assert made.wait() == -signal.SIGKILL
    assert not (copy / "mlruns/mlflow.db").exists()
    assert list((copy / "mlruns").glob(".mlflow.db.draft-*")), "killed before it began"
    again = subprocess.run([sys.executable, "-c", MAKE], cwd=copy, capture_output=True, text=True, check=True)
    assert again.stdout == "1\n"
    assert not list((copy / "mlruns").glob(".mlflow.db.draft-*"))


def test_an_experiment_is_made_once_and_mended_if_a_kill_left_its_absolute_path(place: Path) -> None:
    client = open_store()
    number = client.create_experiment("tiny")  # what a process leaves that is killed before the path is set
    assert client.get_experiment(number).artifact_location != "mlruns/tiny"
    assert experiment_id(client, "tiny") == experiment_id(client, "tiny") == number
    assert client.get_experiment(number).artifact_location == "mlruns/tiny"


def test_a_deleted_experiment_is_refused_with_a_way_out(place: Path) -> None:
    client = open_store()
    client.delete_experiment(experiment_id(client, "tiny"))
    with pytest.raises(ConfigError, match=r"'tiny' was deleted in the dashboard\.\n  Type: tracking\.experiment=ANOTHER_NAME"):
        experiment_id(client, "tiny")


def test_a_store_that_can_not_be_used_is_named(place: Path) -> None:
    client = open_store()
    with closing(sqlite3.connect(place / "mlruns/mlflow.db")) as database, database:
        database.execute("DROP TABLE experiment_tags")
    with pytest.raises(MachineError, match=r"mlruns/mlflow.db can't be used: .*\n  If another program holds it"):
        experiment_id(client, "tiny")


# --- a tracking server's address ---


@pytest.mark.parametrize("uri", ["postgresql://user:secret@host/db", "postgresql+psycopg2://host/db", "mysql+pymysql://host/db"])
def test_a_database_that_mlflow_can_write_to_is_an_address(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert remote_uri() == uri


def test_a_database_without_a_driver_is_told_with_what_to_install() -> None:
    with pytest.raises(MachineError, match=r"can't be opened: (.|\n)*pip install 'psycopg\[binary\]'"):
        database_client("postgresql+nosuchdriver://user:secret@127.0.0.1/db")


def test_an_experiments_folder_that_a_person_chose_is_left(place: Path) -> None:
    client = open_store()
    number = client.create_experiment("tiny", artifact_location="s3://bucket/tiny")
    assert experiment_id(client, "tiny") == number
    assert client.get_experiment(number).artifact_location == "s3://bucket/tiny"


@pytest.mark.parametrize("given_uri", ["", "  "])
def test_without_an_address_there_is_no_server(given_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert remote_uri() is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", given_uri)
    assert remote_uri() is None


@pytest.mark.parametrize("uri", ["http://127.0.0.1:5000", "https://user:secret@host/path"])
def test_a_servers_address_is_taken_as_it_is(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f" {uri}\n")
    assert remote_uri() == uri


@pytest.mark.parametrize("uri", ["sqlite:///mlruns/other.db", "oracle://user:secret@host/db", "file:///tmp/mlruns", "mlruns", "databricks"])
def test_another_kind_of_store_is_refused_with_a_hint_and_without_its_password(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    words = rf"MLFLOW_TRACKING_URI is {uri.partition(':')[0]}:\.\.\.; expected http:// or https://(.|\n)*Type: unset MLFLOW_TRACKING_URI$"
    with pytest.raises(ConfigError, match=words) as refused:
        remote_uri()
    assert "secret" not in str(refused.value)


# --- what errors say ---


def test_an_error_is_said_without_its_sql() -> None:
    assert first_line(ValueError("database is locked\n[SQL: INSERT]")) == "database is locked"
    assert first_line(ValueError()) == "ValueError"


@given(user=st.text("ab1:%@!", min_size=1), before=st.sampled_from(["", "request to ", "see mail@host: "]))
def test_an_error_is_said_without_who_may_use_a_server(user: str, before: str) -> None:
    said = first_line(ValueError(f"{before}https://{user}:secret@127.0.0.1:5000/api failed; also http://x:secret@y"))
    assert said == f"{before}https://127.0.0.1:5000/api failed; also http://y"


@pytest.mark.slow
def test_processes_that_start_at_once_share_one_new_store(project: Callable[..., Path]) -> None:
    code = "import sys; sys.path.insert(0, 'src')\nfrom assay.tracking.store import *\nprint(experiment_id(open_store(), 'tiny'))"
    copy = project()
    children = [subprocess.Popen([sys.executable, "-c", code], cwd=copy, stdout=subprocess.PIPE) for _ in range(3)]
    assert {child.communicate(timeout=120)[0] for child in children} == {b"1\n"}
