"""Finding runs."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assay.errors import ConfigError, DataError
from assay.tracking import lookup, store
from assay.tracking.identity import Identity
from assay.tracking.lookup import all_runs, find_run, finished_run

Add = Callable[..., Path]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """add("id", "name", 3): a run begun at time 3 in a store of its own, below a name that an URI would need quoted."""
    root = tmp_path / "a #1 100% 数?"
    (root / "mlruns").mkdir(parents=True)
    monkeypatch.setattr(store, "ROOT", root)
    monkeypatch.setattr(lookup, "MLRUNS", root / "mlruns")
    monkeypatch.setattr(lookup, "DATABASE", root / "mlruns/mlflow.db")

    def insert(run_id: str, name: str, time: int, finished: bool = True, stage: str = "active") -> Path:
        with closing(sqlite3.connect(root / "mlruns/mlflow.db")) as database, database:
            columns = "run_uuid, name, status, experiment_id, artifact_uri, lifecycle_stage, start_time"
            database.execute(f"CREATE TABLE IF NOT EXISTS runs ({columns})")
            values = (run_id, name, "FINISHED" if finished else "KILLED", 1, f"mlruns/1/{run_id}/artifacts", stage, time)
            database.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        folder = root / "mlruns/1" / run_id / "artifacts"
        folder.mkdir(parents=True)
        if finished:
            (folder / "result.json").write_text(json.dumps({"run_id": run_id, "identity": f"identity of {name}"}))
        return folder

    return insert


def test_runs_are_listed_newest_first_without_those_deleted_in_the_dashboard(add: Add) -> None:
    add("a", "x", 1)
    add("b", "y", 3)
    add("c", "z", 2, stage="deleted")
    assert [(run.run_id, run.experiment_id) for run in all_runs()] == [("b", "1"), ("a", "1")]


def test_a_run_is_found_by_id_by_the_beginning_of_one_and_by_name(add: Add) -> None:
    folder = add("abc1", "nano", 1)
    add("abd2", "small", 2)
    assert [find_run(wanted).run_id for wanted in ("abc1", "abc", "nano")] == ["abc1"] * 3
    assert find_run("nano").folder == folder


def test_a_name_means_its_newest_finished_run(add: Add) -> None:
    add("a1", "nano", 1)
    add("a2", "nano", 2)
    add("a3", "nano", 3, finished=False)
    add("b1", "small", 4, finished=False)
    assert find_run("nano").run_id == "a2"
    assert find_run("small").run_id == "b1"
    assert find_run("a3").run_id == "a3"


def test_latest_is_the_newest_finished_run(add: Add) -> None:
    add("a1", "nano", 1)
    add("a2", "nano", 3, finished=False)
    assert find_run("latest").run_id == "a1"


def test_latest_without_a_finished_run_says_so(add: Add) -> None:
    add("a2", "nano", 3, finished=False)
    with pytest.raises(DataError, match=r"no run in mlruns/ has finished yet\.\n  Type: python src/train\.py"):
        find_run("latest")


def test_an_ambiguous_beginning_is_refused_with_the_ids_it_fits(add: Add) -> None:
    add("abc1", "nano", 1)
    add("abd2", "small", 2)
    with pytest.raises(ConfigError, match="'ab' begins the ids of 2 runs: abd2, abc1"):
        find_run("ab")


@pytest.mark.parametrize("wanted", ["gpt_smal", "", "zzz", "abc1x", "%", "'; DROP TABLE runs"])
def test_what_is_not_there_is_refused(wanted: str, add: Add) -> None:
    add("abc1", "gpt_small", 1)
    with pytest.raises(ConfigError, match="no run has the id or name") as error:
        find_run(wanted)
    assert ("did you mean gpt_small?" in str(error.value)) == (wanted == "gpt_smal")
    assert "The newest: gpt_small (abc1)" in str(error.value)


def test_without_a_store_the_message_says_what_to_type(add: Add) -> None:
    assert all_runs() == []
    with pytest.raises(DataError, match=r"there are no runs yet in mlruns/\.\n  Type: python src/train\.py trainer=smoke"):
        find_run("latest")


def test_a_damaged_store_is_named(add: Add) -> None:
    lookup.DATABASE.write_text("not a database, but long enough to be read as one" * 50)
    with pytest.raises(DataError, match=r"mlflow.db can't be read: file is not a database"):
        all_runs()


def test_an_identical_run_is_one_whose_result_has_the_identity(add: Add) -> None:
    add("a1", "nano", 1)
    (add("b1", "broken", 2) / "result.json").write_text('{"identity": "identity of na')
    found = finished_run(Identity("identity of nano", {}))
    assert found == {"run_id": "a1", "identity": "identity of nano", "stored": True}
    assert finished_run(Identity("another", {})) is None
