"""Every journal into every store."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assay.errors import ConfigError
from assay.tracking import store
from assay.tracking import sync as module
from assay.tracking.journal import Journal
from assay.tracking.opening import hold_of, open_runs
from assay.tracking.store import open_store
from assay.tracking.sync import sync
from assay.tracking.target import LocalStore

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

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
    monkeypatch.setattr(module, "target_of", Elsewhere)
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


# --- what a person renamed or deleted in a store stays so ---


@pytest.fixture
def remote(bare: Path, empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Callable[[], MlflowClient]":
    """A tracking server, without the server: its calls go to a second database. Returns MLflow's client of that."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere")
    monkeypatch.chdir(tmp_path)  # artifacts have relative paths, and `mlflow gc` removes them
    database = tmp_path / "elsewhere.db"
    shutil.copy(empty_store, database)
    monkeypatch.setattr(store, "remote_client", lambda uri: store.client_of(f"sqlite:///{database}"))
    return lambda: store.client_of(f"sqlite:///{database}")


def remove_for_good(client: "MlflowClient") -> None:
    """Run `mlflow gc` on the client's store."""
    command = [sys.executable, "-W", "ignore", "-m", "mlflow", "gc", "--backend-store-uri", client.tracking_uri]
    subprocess.run(command, check=True, capture_output=True)


def sent_runs(client: "MlflowClient") -> list[tuple[str, str, str]]:
    """Run id of ours, experiment and state of every run in the store."""
    from mlflow.entities import ViewType

    experiments = {one.experiment_id: one.name for one in client.search_experiments(ViewType.ALL)}
    runs = client.search_runs(list(experiments), run_view_type=ViewType.ALL)
    return sorted((run.data.tags["assay.run_id"], experiments[run.info.experiment_id], run.info.lifecycle_stage) for run in runs)


@pytest.fixture(params=["local", "remote"])
def copied_to(
    request: pytest.FixtureRequest, begin: Begin, place: Path, remote: "Callable[[], MlflowClient]", capsys: pytest.CaptureFixture[str]
) -> "MlflowClient":
    """The client of a store that has two runs of two experiments."""
    begin("a1", "nano", *LINES, started=1)
    begin("b1", "nano", *LINES, started=2, experiment="other")
    assert sync() == 0
    capsys.readouterr()
    return open_store() if request.param == "local" else remote()


def test_a_renamed_experiment_keeps_its_runs_and_gets_none_twice(copied_to: "MlflowClient", place: Path) -> None:
    copied_to.rename_experiment(copied_to.get_experiment_by_name("tiny").experiment_id, "tiny, of May")
    for _ in range(2):
        assert sync() == 0
        assert sent_runs(copied_to) == [("a1", "tiny, of May", "active"), ("b1", "other", "active")]


def test_a_renamed_experiment_keeps_its_runs_without_a_record_of_what_was_sent(copied_to: "MlflowClient", place: Path) -> None:
    """As after an earlier version of this program, which wrote none."""
    shutil.rmtree(place / "mlruns/.sent")
    copied_to.rename_experiment(copied_to.get_experiment_by_name("tiny").experiment_id, "tiny, of May")
    assert sync() == 0
    assert sent_runs(copied_to) == [("a1", "tiny, of May", "active"), ("b1", "other", "active")]


@pytest.mark.parametrize("gone_for_good", [False, True])
def test_a_deleted_run_is_not_sent_again(gone_for_good: bool, copied_to: "MlflowClient", begin: Begin) -> None:
    [run] = copied_to.search_runs([copied_to.get_experiment_by_name("tiny").experiment_id])
    copied_to.delete_run(run.info.run_id)
    if gone_for_good:
        remove_for_good(copied_to)
    begin("a2", "nano", *LINES, started=3)
    assert sync() == 0
    left = [("b1", "other", "active"), ("a2", "tiny", "active")]
    assert sent_runs(copied_to) == sorted(left if gone_for_good else [*left, ("a1", "tiny", "deleted")])


@pytest.mark.parametrize("gone_for_good", [False, True])
def test_a_deleted_experiment_is_passed_over_and_the_others_are_copied(
    gone_for_good: bool, copied_to: "MlflowClient", begin: Begin, capsys: pytest.CaptureFixture[str]
) -> None:
    number = copied_to.get_experiment_by_name("tiny").experiment_id
    copied_to.delete_experiment(number)
    if gone_for_good:
        remove_for_good(copied_to)
    begin("a2", "nano", *LINES, started=3)
    begin("b2", "nano", *LINES, started=4, experiment="other")
    assert sync() == 0
    others = [run for run in sent_runs(copied_to) if run[1] == "other"]
    assert others == [("b1", "other", "active"), ("b2", "other", "active")]
    assert "a1" not in [run_id for run_id, _, stage in sent_runs(copied_to) if stage == "active"]
    if not gone_for_good:
        said = capsys.readouterr().out
        assert "1 run(s) of experiment 'tiny' are not sent, since it was deleted there." in said
        assert f"mlflow experiments restore --experiment-id {number}, then make sync" in said


def test_what_was_removed_for_good_is_sent_again_once_its_record_is_removed(
    remote: "Callable[[], MlflowClient]", begin: Begin, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin("a1", "nano", *LINES)
    sync()
    client = remote()
    [run] = client.search_runs([client.get_experiment_by_name("tiny").experiment_id])
    client.delete_run(run.info.run_id)
    remove_for_good(client)
    capsys.readouterr()
    assert sync() == 0
    command = re.search(r"rm -r '(.*?)', then make sync", capsys.readouterr().out)
    assert command is not None
    shutil.rmtree(place / command[1])
    assert sync() == 0
    assert sent_runs(client) == [("a1", "tiny", "active")]


def test_a_restored_run_gets_the_rest_of_its_journal(copied_to: "MlflowClient", place: Path) -> None:
    [run] = copied_to.search_runs([copied_to.get_experiment_by_name("tiny").experiment_id])
    copied_to.delete_run(run.info.run_id)
    journal = Journal(place / "mlruns/tiny/a1/artifacts/journal.jsonl")
    journal.write("metrics", step=2, metrics={"train/loss": 1.5})
    journal.close()
    sync()
    copied_to.restore_run(run.info.run_id)
    assert sync() == 0
    assert [metric.value for metric in copied_to.get_metric_history(run.info.run_id, "train/loss")] == [2.5, 1.5]


def test_of_two_copies_of_a_run_the_one_that_was_kept_is_continued(remote: "Callable[[], MlflowClient]", begin: Begin, place: Path) -> None:
    """An earlier version sent runs a second time after their experiment was renamed; a person deleted the first copies."""
    begin("a1", "nano", *LINES)
    client = remote()
    number = client.create_experiment("tiny")
    first, second = (client.create_run(number, tags={"assay.run_id": "a1"}).info.run_id for _ in range(2))
    client.delete_run(first)
    assert sync() == 0
    assert len(client.get_metric_history(second, "train/loss")) == 1
    assert len(sent_runs(client)) == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "databricks-uc", "nonsense://"])
def test_a_model_registry_elsewhere_does_not_reach_the_local_store(
    address: str, begin: Begin, place: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", address)
    begin("a1", "nano", *LINES, ("model", {"name": "tiny-nano", "source": "mlruns/x", "weights_sha256": "0" * 64}))
    started = time.monotonic()
    assert sync() == 0
    assert time.monotonic() - started < 30
    assert rows("SELECT name, run_id FROM model_versions") == [("tiny-nano", "a1")]
