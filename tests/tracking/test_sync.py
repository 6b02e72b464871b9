"""Every journal into every store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.errors import ConfigError
from assay.tracking import sync as module
from assay.tracking.opening import hold_of, open_runs
from assay.tracking.sync import sync
from assay.tracking.target import LocalStore

Begin = Callable[..., Path]
Rows = Callable[..., list[tuple[Any, ...]]]

LINES = (("metrics", {"step": 1, "metrics": {"train/loss": 2.5}}), ("status", {"status": "finished"}))
IN_THE_STORE = "SELECT runs.run_uuid, runs.name, experiments.name, status, artifact_uri FROM runs JOIN experiments USING (experiment_id)"


class Elsewhere(LocalStore):
    """Stands for a server: a second store, by the same calls."""

    def __init__(self, uri: str) -> None:
        super().__init__()
        self.name = "http://elsewhere"
        self.asked.append(uri)

    asked: list[str] = []  # noqa: RUF012

    def open(self, start: dict[str, Any], folder: str) -> int:
        self.asked.append(start["run_id"])
        if "refused" in self.asked[0]:
            raise OSError("no connection to http://somebody:secret@elsewhere")
        return 10**9


@pytest.fixture
def elsewhere(place: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of a server that MLFLOW_TRACKING_URI names: its address, then runs."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere")
    monkeypatch.setattr(module, "RemoteServer", Elsewhere)
    Elsewhere.asked.clear()
    return Elsewhere.asked


def test_a_damaged_store_is_told_with_what_to_do(begin: Begin, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin("a1", "nano", *LINES)
    (place / "mlruns/mlflow.db").write_text("garbage")
    assert sync() == 5
    said = capsys.readouterr().err
    assert "mlruns/mlflow.db can't be used: file is not a database" in said
    assert "move it away, and make sync makes another" in said


def test_a_lost_store_is_made_again_with_the_same_ids(
    work_in: Callable[[Path], None], begin: Begin, place: Path, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, run_id in enumerate(("a1", "a2", "b1")):
        begin(run_id, "nano", *LINES, started=float(number), experiment="tiny" if run_id < "b" else "other")
    assert sync() == 0
    before, metrics = sorted(rows(IN_THE_STORE)), sorted(rows("SELECT run_uuid, key, value, step, timestamp FROM metrics"))
    assert before[0] == ("a1", "nano", "tiny", "FINISHED", "mlruns/tiny/a1/artifacts")
    assert len(metrics) == 3
    (place / "mlruns/mlflow.db").unlink()
    work_in(place.rename(place.with_name("another place")))  # MLflow keeps a deleted file open while a process lasts
    assert sync() == 0
    assert sorted(rows(IN_THE_STORE)) == before
    assert sorted(rows("SELECT run_uuid, key, value, step, timestamp FROM metrics")) == metrics
    assert capsys.readouterr().out == "mlruns/mlflow.db: 3 run(s), up to date\n" * 2


def test_a_second_sync_changes_nothing(begin: Begin, place: Path) -> None:
    begin("a1", "nano", *LINES)
    sync()
    before = (place / "mlruns/mlflow.db").read_bytes()
    assert sync() == 0
    assert (place / "mlruns/mlflow.db").read_bytes() == before
    assert open_runs() == []


def test_runs_without_a_last_word_are_caught_up_with_first(begin: Begin, place: Path, rows: Rows) -> None:
    begin("a1", "nano", ("status", {"status": "running"}))
    hold_of("a1").release(recorded=False)
    assert sync() == 0
    assert rows("SELECT status FROM runs") == [("KILLED",)]
    assert open_runs() == []


def test_a_run_under_way_is_left_to_its_own_process(begin: Begin, place: Path, rows: Rows, elsewhere: list[str]) -> None:
    begin("a1", "nano", ("status", {"status": "running"}))
    hold = hold_of("a1")
    assert sync() == 0
    assert rows("SELECT * FROM runs") == []
    assert "a1" not in elsewhere
    assert open_runs() == ["a1"]
    hold.release(recorded=True)


def test_a_run_deleted_in_the_dashboard_stays_deleted(begin: Begin, place: Path, rows: Rows) -> None:
    begin("a1", "nano", *LINES)
    sync()
    rows("UPDATE runs SET lifecycle_stage = 'deleted'")
    assert sync() == 0
    assert rows("SELECT lifecycle_stage FROM runs") == [("deleted",)]


def test_a_server_gets_every_run_oldest_first_and_leaves_none_open(
    begin: Begin, elsewhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An open run costs whoever starts next the time to import MLflow."""
    begin("a1", "nano", *LINES, started=1)
    begin("a2", "nano", *LINES, started=2)
    assert sync() == 0
    assert [word for word in elsewhere if word[0] == "a"] == ["a1", "a2"]
    assert elsewhere[0] == "http://elsewhere"
    assert open_runs() == []
    assert capsys.readouterr().out == "mlruns/mlflow.db: 2 run(s), up to date\nhttp://elsewhere: 2 run(s), up to date\n"


def test_a_server_that_can_not_be_reached_is_said_once_and_is_a_fault_of_the_machine(
    begin: Begin, rows: Rows, elsewhere: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://refused")
    begin("a1", "nano", *LINES, started=1)
    begin("a2", "nano", *LINES, started=2)
    assert sync() == 5
    said = capsys.readouterr()
    assert said.err == "error: http://elsewhere has 0 of 2 runs: no connection to http://elsewhere\n"
    assert said.out == "mlruns/mlflow.db: 2 run(s), up to date\n"
    assert len(rows("SELECT * FROM runs")) == 2
    assert open_runs() == []


def test_a_damaged_store_keeps_nothing_from_the_server(
    begin: Begin, place: Path, elsewhere: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin("a1", "nano", *LINES)
    monkeypatch.setattr(LocalStore, "take", lambda *arguments: 1 / 0)
    assert sync() == 5
    assert "a1" in elsewhere
    assert "error: mlruns/mlflow.db has 0 of 1 runs: division by zero" in capsys.readouterr().err


def test_a_damaged_journal_is_named_and_keeps_no_other_run_back(
    begin: Begin, rows: Rows, elsewhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with (begin("a1", "nano", started=1) / "journal.jsonl").open("a") as stream:
        stream.write("\0\0\0\n")
    begin("a2", "nano", *LINES, started=2)
    assert sync() == 3
    assert ("a2", "FINISHED") in rows("SELECT run_uuid, status FROM runs")
    said = capsys.readouterr()
    assert "a1/artifacts/journal.jsonl was altered" in said.err
    assert said.out.startswith("mlruns/mlflow.db: 1 run(s), up to date\n")


def test_an_address_of_no_server_is_refused_before_anything_is_done(
    begin: Begin, place: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin("a1", "nano", *LINES)
    hold_of("a1").release(recorded=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlruns/mlflow.db")
    with pytest.raises(ConfigError, match="unset MLFLOW_TRACKING_URI"):
        sync()
    assert rows("SELECT * FROM runs") == []


def test_without_runs_there_is_nothing_to_do(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sync() == 0
    assert capsys.readouterr().out == "mlruns/mlflow.db: 0 run(s), up to date\n"
