"""Runs whose process is gone."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.tracking import target
from assay.tracking.catch_up import catch_up
from assay.tracking.journal import read_journal
from assay.tracking.opening import hold_of, open_runs

Begin = Callable[..., Path]
Rows = Callable[..., list[tuple[Any, ...]]]

RUNNING = ("status", {"status": "running"})
LOSS = ("metrics", {"step": 1, "metrics": {"train/loss": 2.5}})
SRC = Path(__file__).resolve().parents[2] / "src"
WITHOUT_MLFLOW = """
import sys
from pathlib import Path
from assay.tracking import catch_up, lookup, store
store.MLRUNS = lookup.MLRUNS = catch_up.MLRUNS = Path(sys.argv[1])
catch_up.catch_up()
print("mlflow" in sys.modules)
"""


def leave(run_id: str) -> None:
    """As a process that ends without a word leaves its run."""
    hold_of(run_id).release(recorded=False)


def last(folder: Path) -> dict[str, Any]:
    return list(read_journal(folder / "journal.jsonl"))[-1]


@pytest.mark.parametrize("lines", [[], [RUNNING, LOSS]])
def test_a_run_without_a_last_word_was_killed(lines: list[Any], begin: Begin, place: Path, rows: Rows) -> None:
    folder = begin("a1", "nano", *lines)
    leave("a1")
    catch_up()
    assert (last(folder)["status"], last(folder)["reason"]) == ("killed", "its process ended without a word")
    assert rows("SELECT run_uuid, status FROM runs") == [("a1", "KILLED")]
    assert len(rows("SELECT * FROM metrics")) == len(lines) // 2
    assert open_runs() == []


@pytest.mark.parametrize("status", ["failed", "killed", "finished"])
def test_a_run_whose_end_is_in_the_journal_keeps_it(status: str, begin: Begin, place: Path, rows: Rows) -> None:
    folder = begin("a1", "nano", RUNNING, LOSS, ("status", {"status": status}))
    before = (folder / "journal.jsonl").read_bytes()
    leave("a1")
    catch_up()
    assert (folder / "journal.jsonl").read_bytes() == before
    assert rows("SELECT status FROM runs") == [(status.upper(),)]
    assert len(rows("SELECT * FROM metrics")) == 1


def test_a_finished_run_was_not_killed_whatever_its_journal_says(begin: Begin, place: Path) -> None:
    folder = begin("a1", "nano", RUNNING, finished=True)
    leave("a1")
    catch_up()
    assert last(folder) == {**last(folder), "status": "running"}


def test_a_run_under_way_is_left_to_its_process(begin: Begin, place: Path, rows: Rows) -> None:
    folder = begin("a1", "nano", RUNNING)
    hold = hold_of("a1")
    catch_up()
    assert last(folder)["status"] == "running"
    assert rows("SELECT * FROM runs") == []
    assert open_runs() == ["a1"]
    hold.release(recorded=True)


@pytest.mark.parametrize("first", [None, b"", b'{"kind": "start", "ti'])
def test_a_kill_before_the_first_line_leaves_a_folder_that_is_removed(first: bytes | None, bare: Path) -> None:
    folder = bare / "mlruns/tiny/a1/artifacts"
    folder.mkdir(parents=True)
    other = bare / "mlruns/tiny/a2/artifacts"
    other.mkdir(parents=True)
    if first is not None:
        (folder / "journal.jsonl").write_bytes(first)
    leave("a1")
    leave("a3")  # killed before it had a folder
    catch_up()
    assert list(bare.glob("mlruns/tiny/*")) == [other.parent]
    assert open_runs() == []


def test_what_fails_is_said_and_left_for_the_next_time(
    begin: Begin, place: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = begin("a1", "nano", RUNNING)
    leave("a1")

    def fail(*arguments: Any) -> int:
        raise OSError("database is locked\n[SQL: ...]")

    with monkeypatch.context() as patch:
        patch.setattr(target.LocalStore, "open", fail)
        catch_up()
    assert capsys.readouterr().err == "warning: mlruns/mlflow.db lacks a part of run a1 (database is locked)\n"
    assert open_runs() == ["a1"]
    catch_up()
    assert [entry["kind"] for entry in read_journal(folder / "journal.jsonl")] == ["start", "status", "status"]  # killed once
    assert rows("SELECT status FROM runs") == [("KILLED",)]
    assert open_runs() == []


def test_a_damaged_journal_keeps_no_other_run_back(begin: Begin, place: Path, rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    with (begin("a1") / "journal.jsonl").open("a") as stream:
        stream.write("\0\0\0\n")  # as a power cut leaves it
    begin("a2")
    leave("a1")
    leave("a2")
    catch_up()
    assert "warning: mlruns/mlflow.db lacks a part of run a1 (" in capsys.readouterr().err
    assert ("a2", "KILLED") in rows("SELECT run_uuid, status FROM runs")
    assert open_runs() == ["a1"]


def test_a_run_deleted_in_the_dashboard_is_not_asked_after_for_ever(
    begin: Begin, place: Path, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    begin("a1", "nano", RUNNING)
    leave("a1")
    catch_up()
    rows("UPDATE runs SET lifecycle_stage = 'deleted'")
    leave("a1")
    with (place / "mlruns/tiny/a1/artifacts/journal.jsonl").open("a") as stream:
        stream.write(json.dumps({"kind": "status", "status": "failed", "time": 3}) + "\n")
    catch_up()
    assert capsys.readouterr().err == ""
    assert open_runs() == []


def test_where_all_is_recorded_nothing_is_imported(bare: Path, begin: Begin) -> None:
    begin("a1", finished=True)
    done = subprocess.run([sys.executable, "-c", WITHOUT_MLFLOW, str(bare / "mlruns")], cwd=SRC, capture_output=True, check=True)
    assert done.stdout == b"False\n"
