"""Finding runs."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.errors import ConfigError, DataError
from assay.tracking import lookup
from assay.tracking.identity import Identity
from assay.tracking.lookup import all_runs, experiment_number, find_checkpoint, find_only_run, find_run, finished_run, runs_with_identity

Begin = Callable[..., Path]


def delete(run_id: str) -> None:
    """As the dashboard does."""
    with closing(sqlite3.connect(lookup.DATABASE)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS runs (run_uuid, lifecycle_stage)")
        database.execute("CREATE TABLE IF NOT EXISTS experiments (experiment_id, creation_time)")
        database.execute("INSERT INTO runs VALUES (?, 'deleted')", (run_id,))


def test_runs_are_listed_newest_first_without_those_deleted_in_the_dashboard(begin: Begin) -> None:
    begin("a", started=1)
    begin("b", started=3, experiment="other")
    begin("c", started=2)
    delete("c")
    assert [(run.run_id, run.experiment) for run in all_runs()] == [("b", "other"), ("a", "tiny")]


def test_deleted_runs_are_known_in_a_folder_of_whatever_name(begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin("a")
    monkeypatch.setattr(lookup, "DATABASE", tmp_path / "? #1 %41" / "mlflow.db")
    lookup.DATABASE.parent.mkdir()
    delete("a")
    assert all_runs() == []


def test_an_entry_is_what_the_first_line_says(begin: Begin) -> None:
    folder = begin("a", "nano", ("status", {"status": "running"}), started=1.5, forced=True)
    [run] = all_runs()
    assert (run.name, run.identity, run.parts["tokens"], run.forced) == ("nano", "identity of nano", "t", True)
    assert (run.started, run.folder, run.finished) == (1.5, folder, False)
    (folder / "result.json").write_text("{}")
    assert run.finished


@pytest.mark.parametrize("damage", ["missing", "no database", "no tables", "locked"])
def test_runs_are_listed_without_a_store_that_can_be_read(damage: str, begin: Begin) -> None:
    begin("a")
    with closing(sqlite3.connect(":memory:" if damage != "locked" else lookup.DATABASE, isolation_level=None)) as database:
        if damage == "no database":
            lookup.DATABASE.write_text("not a database, but long enough to be read as one" * 50)
        elif damage == "no tables":
            lookup.DATABASE.touch()
        elif damage == "locked":
            database.execute("CREATE TABLE runs (run_uuid, lifecycle_stage)")
            database.execute("BEGIN EXCLUSIVE")
        assert [run.run_id for run in all_runs()] == ["a"]
        assert experiment_number("a") is None


def test_a_folder_in_which_no_run_began_is_none(begin: Begin) -> None:
    begin("a")
    torn = begin("b") / "journal.jsonl"
    torn.write_bytes(torn.read_bytes()[:-1])
    (begin("c") / "journal.jsonl").unlink()
    (begin("d") / "journal.jsonl").write_text('{"kind": "metrics", "step": 1}\n')  # a journal of before there were first lines
    assert [run.run_id for run in all_runs()] == ["a"]


def test_a_run_is_found_by_id_by_the_beginning_of_one_and_by_name(begin: Begin) -> None:
    folder = begin("abc1", "nano", started=1, finished=True)
    begin("abd2", "small", started=2, finished=True)
    assert [find_run(wanted).run_id for wanted in ("abc1", "abc", "nano")] == ["abc1"] * 3
    assert find_run("nano").folder == folder


def test_a_name_means_its_newest_finished_run(begin: Begin) -> None:
    begin("a1", "nano", started=1, finished=True)
    begin("a2", "nano", started=2, finished=True)
    begin("a3", "nano", started=3)
    begin("b1", "small", started=4)
    begin("b2", "small", started=5)
    assert find_run("nano").run_id == "a2"
    assert find_run("small").run_id == "b2"
    assert find_run("a3").run_id == "a3"


def test_a_name_also_means_the_runs_whose_names_go_on_after_it_unless_one_has_exactly_that(begin: Begin) -> None:
    begin("a1", "nano seed=2", started=1, finished=True)
    begin("a2", "nano seed=3", started=2, finished=True)
    begin("a3", "nano seed=4", started=3)
    begin("b1", "nanometre", started=4, finished=True)
    assert [find_run(wanted).run_id for wanted in ("nano", "nano seed=2")] == ["a2", "a1"]
    assert find_run("nano", finished_first=False).run_id == "a3"
    with pytest.raises(ConfigError, match="no run has the id or name 'nanoo'; did you mean nano\\?"):
        find_run("nanoo")
    with pytest.raises(
        ConfigError, match=r"2 runs have names that begin with 'nano'(.|\n)*a2  .*not finished   seed=3\n  a1  .*not finished   seed=2$"
    ):
        find_only_run("nano")
    begin("c1", "nano", started=0)
    assert find_run("nano").run_id == find_only_run("nano").run_id == "c1"


def test_to_go_on_a_name_means_its_newest_unfinished_run(begin: Begin) -> None:
    begin("a1", "nano", started=1)
    begin("a2", "nano", started=2)
    begin("a3", "nano", started=3, finished=True)
    assert find_run("nano", finished_first=False).run_id == "a2"
    assert find_run("latest", finished_first=False).run_id == "a2"


def test_latest_is_the_newest_finished_run(begin: Begin) -> None:
    begin("a1", started=1, finished=True)
    begin("a2", started=2, finished=True)
    begin("a3", started=3)
    assert find_run("latest").run_id == "a2"


def test_latest_without_a_finished_run_says_so(begin: Begin) -> None:
    begin("a2")
    with pytest.raises(DataError, match=r"no run in mlruns/ has finished yet\.\n  Type: python src/train\.py"):
        find_run("latest")


def test_an_ambiguous_beginning_is_refused_with_the_ids_it_fits(begin: Begin) -> None:
    begin("abc1", "nano", started=1)
    begin("abd2", "small", started=2)
    with pytest.raises(ConfigError, match="'ab' begins the ids of 2 runs: abd2, abc1"):
        find_run("ab")


@pytest.mark.parametrize("wanted", ["gpt_smal", "", "zzz", "abc1x", "%", "'; DROP TABLE runs"])
def test_what_is_not_there_is_refused(wanted: str, begin: Begin) -> None:
    begin("abc1", "gpt_small", finished=True)
    with pytest.raises(ConfigError, match="no run has the id or name") as error:
        find_run(wanted)
    assert ("did you mean gpt_small?" in str(error.value)) == (wanted == "gpt_smal")
    assert "The newest: gpt_small (abc1)" in str(error.value)


def test_without_runs_the_message_says_what_to_type(bare: Path) -> None:
    assert all_runs() == []
    with pytest.raises(DataError, match=r"there are no runs yet in mlruns/\.\n  Type: python src/train\.py trainer=smoke"):
        find_run("latest")


# --- checkpoints ---


def test_a_run_means_its_newest_checkpoint_and_a_step_may_be_short(begin: Begin) -> None:
    folder = begin("abc1") / "checkpoints"
    for step in (2, 10, 4):
        (folder / f"step_{step:09d}").mkdir(parents=True)
    (folder / ".step_000000011.draft-1").mkdir()
    wanted = {"abc1": 10, "nano": 10, "abc/step_4": 4, "abc1/step_000000002": 2}
    assert {name: find_checkpoint(name)[1].name for name in wanted} == {name: f"step_{step:09d}" for name, step in wanted.items()}
    with pytest.raises(DataError, match="run abc1 has no checkpoint step_3; it has: step_000000002, step_000000004, step_000000010"):
        find_checkpoint("abc1/step_3")


def test_a_run_without_a_checkpoint_says_so(begin: Begin) -> None:
    begin("abc1")
    with pytest.raises(DataError, match="run abc1 has no checkpoint yet; it has: none"):
        find_checkpoint("abc1")


# --- runs of one identity ---


def test_runs_of_an_identity_are_listed_finished_or_not_newest_first(begin: Begin) -> None:
    begin("a1", "nano", started=1, finished=True)
    begin("a2", "nano", started=2)
    begin("b1", "small", started=3)
    assert [run.run_id for run in runs_with_identity(Identity("identity of nano", {}))] == ["a2", "a1"]


@pytest.fixture
def plain() -> TrainConfig:
    return load("train", ["trainer=smoke"], TrainConfig)


def test_an_identical_run_is_one_whose_result_has_the_identity(begin: Begin, plain: TrainConfig) -> None:
    nano = Identity("identity of nano", {})
    begin("a1", "nano", started=1, finished=True)
    (begin("a2", "nano", started=2) / "result.json").write_text('{"identity": "identity of na')
    begin("a3", "nano", started=3)
    assert finished_run(nano, plain) == {"run_id": "a1", "identity": "identity of nano", "stored": True}
    assert finished_run(Identity("another", {}), plain) is None


def test_a_run_that_went_on_under_other_settings_is_not_what_it_was_begun_as(begin: Begin, plain: TrainConfig) -> None:
    (begin("a1", "nano") / "result.json").write_text(json.dumps({"run_id": "a1", "identity": "of another budget"}))
    assert finished_run(Identity("identity of nano", {}), plain) is None


@pytest.mark.parametrize("change", [{"rerun": True}, {"resume": "a1"}])
def test_a_run_that_is_asked_for_is_not_replaced_by_a_stored_result(change: dict[str, object], begin: Begin, plain: TrainConfig) -> None:
    begin("a1", "nano", finished=True)
    assert finished_run(Identity("identity of nano", {}), replace(plain, **change)) is None  # type: ignore[arg-type]


def test_of_several_runs_of_a_name_a_person_says_which(begin: Begin) -> None:
    for number, run_id in enumerate(("abc1", "abd2", "abe3")):
        folder = begin(run_id, "nano", started=float(number), finished=run_id != "abe3")
        (folder / "result.json").write_text('{"metrics": {"val/loss": 2.5}}') if run_id != "abe3" else None
    with pytest.raises(ConfigError, match=r"2 runs are called 'nano'(.|\n)*abd2  \d{4}-.* val loss 2\.5000\n  abc1  "):
        find_only_run("nano")
    assert find_only_run("latest").run_id == find_only_run("abd").run_id == "abd2"
    begin("b1", "small", finished=True)
    assert find_only_run("small").run_id == "b1"
