"""The local store."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assay.errors import ConfigError, MachineError
from assay.tracking.store import experiment_id, open_store, run_folder


def test_artifacts_lie_beside_the_store_by_a_path_that_survives_a_move(place: Path) -> None:
    client = open_store()
    number = experiment_id(client, "tiny")
    assert client.get_experiment(number).artifact_location == f"mlruns/{number}"
    info = client.create_run(number).info
    assert run_folder(info.artifact_uri) == place / "mlruns" / number / info.run_id / "artifacts"


def test_an_experiment_is_made_once_and_mended_if_a_kill_left_its_absolute_path(place: Path) -> None:
    client = open_store()
    number = client.create_experiment("tiny")  # what a process leaves that is killed before the path is set
    assert client.get_experiment(number).artifact_location != f"mlruns/{number}"
    assert experiment_id(client, "tiny") == experiment_id(client, "tiny") == number
    assert client.get_experiment(number).artifact_location == f"mlruns/{number}"


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


@pytest.mark.slow
def test_processes_that_start_at_once_share_one_new_store(project: Callable[..., Path]) -> None:
    code = "import sys; sys.path.insert(0, 'src')\nfrom assay.tracking.store import *\nprint(experiment_id(open_store(), 'tiny'))"
    copy = project()
    children = [subprocess.Popen([sys.executable, "-c", code], cwd=copy, stdout=subprocess.PIPE) for _ in range(3)]
    assert {child.communicate(timeout=120)[0] for child in children} == {b"1\n"}
