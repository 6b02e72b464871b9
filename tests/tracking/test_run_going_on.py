"""A run that is gone on with: by the same command, or by name."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import MachineError
from assay.tracking.journal import Journal, read_journal
from assay.tracking.opening import hold_of, open_runs
from assay.tracking.run import Run
from assay.tracking.system import SystemMonitor

NewRun = Callable[..., Run]


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reading a run, so that journals can be compared."""
    monkeypatch.setattr(SystemMonitor, "read", lambda self: {"system/seconds": 0.5})


@contextmanager
def killed(run: Run) -> Iterator[Run]:
    """A run that is stopped where the block ends."""
    try:
        with run:
            yield run
            raise SystemExit(143)
    except SystemExit:
        pass


def cut_off(run: Run, step: int = 0) -> Run:
    with killed(run):
        for number in range(1, step + 1):
            run.log(number, {"train/loss": number / 4, "speed/mfu": number / 8})
    return run


def kinds(run: Run, *wanted: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in line.items() if key != "time"} for line in read_journal(run.journal.path) if line["kind"] in wanted
    ]


def finish(run: Run) -> dict[str, Any]:
    return run.finish({"checkpoint": "step_000000001", "weights_sha256": "0" * 64, "metrics": {}})


# --- the same command ---


def test_the_same_command_goes_on_with_the_run_and_its_record(new_run: NewRun, rows: Callable[..., Any]) -> None:
    first = cut_off(new_run(), 1)
    (first.folder / "samples/.step_000000001.txt.draft-1").write_text("half")
    provenance = (first.folder / "provenance.json").stat().st_mtime_ns
    with new_run() as again:
        assert (again.run_id, again.folder, again.name) == (first.run_id, first.folder, first.name)
        assert not list(again.folder.glob("samples/.*"))
        finish(again)
    assert (first.folder / "provenance.json").stat().st_mtime_ns == provenance
    journal = kinds(again, "start", "status", "parameters", "dataset", "model", "system")
    assert [line["kind"] for line in journal].count("parameters") == 1
    assert [line["status"] for line in journal if line["kind"] == "status"] == ["running", "killed", "running", "finished"]
    assert [line["step"] for line in journal if line["kind"] == "system"] == [0, 1]
    assert rows("SELECT run_uuid, status FROM runs") == [(first.run_id, "FINISHED")]
    with new_run() as another:  # that one is finished
        assert another.run_id != first.run_id


def test_a_running_line_says_whose_it_is(opened: Run) -> None:
    with opened as run:
        [line] = kinds(run, "status")
    assert line == {"kind": "status", "status": "running", "process": os.getpid(), "host": os.uname().nodename, "commit": None}


def test_a_run_killed_while_it_was_opened_is_completed(new_run: NewRun) -> None:
    first = cut_off(new_run())
    for name in ("provenance.json", "config.yaml"):
        (first.folder / name).unlink()
    with new_run() as again:
        assert again.run_id == first.run_id
        assert (again.folder / "provenance.json").exists()
        assert (again.folder / "config.yaml").exists()


def test_a_run_under_way_is_refused_and_untouched(new_run: NewRun) -> None:
    with new_run() as first:
        before = len(kinds(first, "status"))
        with pytest.raises(MachineError, match=f"the same run is under way: {first.run_id}, process {os.getpid()} on "), new_run():
            pass
        assert len(kinds(first, "status")) == before
        assert open_runs() == [first.run_id]


# --- steps that are computed again ---


def test_equal_steps_are_recorded_once_and_new_ones_too(new_run: NewRun, capsys: pytest.CaptureFixture[str]) -> None:
    cut_off(new_run(), 3)
    with new_run() as run:
        run.rewind(1)
        for step in (2, 3, 4):
            run.log(step, {"train/loss": step / 4, "speed/mfu": 0.9})
        run.log(2, {"val/loss": 1.0}, "evaluation")  # the kill came before it
    steps = [(line["step"], line["metrics"]) for line in kinds(run, "metrics", "evaluation")]
    assert steps == [
        *((step, {"train/loss": step / 4, "speed/mfu": step / 8}) for step in (1, 2, 3)),
        (4, {"train/loss": 1.0, "speed/mfu": 0.9}),
        (2, {"val/loss": 1.0}),
    ]
    assert kinds(run, "difference") == []
    assert "warning" not in capsys.readouterr().err


def test_other_numbers_are_warned_of_once_and_each_is_in_the_journal(new_run: NewRun, capsys: pytest.CaptureFixture[str]) -> None:
    cut_off(new_run(), 3)
    capsys.readouterr()
    with new_run() as run:
        run.rewind(0)
        run.log(1, {"train/loss": 0.25})
        for step in (2, 3):
            run.log(step, {"train/loss": 7.5, "speed/mfu": 0.9})
    assert kinds(run, "difference") == [{"kind": "difference", "step": step, "moved": {"train/loss": [step / 4, 7.5]}} for step in (2, 3)]
    assert len(kinds(run, "metrics")) == 3  # what was recorded first stands
    [said] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    moved = "train/loss was 0.5, is now 7.5"
    assert said == f"warning: step 2 computed again differs from what was recorded: {moved}. More of it in the journal"


@pytest.mark.parametrize(("at", "compared"), [(0, True), (2, True), (3, False)])
def test_steps_before_the_checkpoint_are_not_expected_again(at: int, compared: bool, new_run: NewRun) -> None:
    cut_off(new_run(), 2)
    with new_run() as run:
        run.rewind(at)
        run.log(2, {"train/loss": 9.0})
    assert bool(kinds(run, "difference")) == compared


def test_an_evaluation_at_the_checkpoint_itself_is_expected_again(new_run: NewRun) -> None:
    """A checkpoint is written between a step and its evaluation."""
    with killed(new_run()) as run:
        run.log(2, {"val/loss": 1.5}, "evaluation")
    with new_run() as run:
        run.rewind(2)
        run.log(2, {"val/loss": 1.5}, "evaluation")
    assert len(kinds(run, "evaluation")) == 1


def test_after_a_change_the_steps_take_another_course(new_run: NewRun) -> None:
    first = cut_off(new_run(), 2)
    journal = Journal(first.journal.path)
    journal.write("changed", changes={"trainer.max_steps": [4, 8]})
    journal.write("metrics", step=2, metrics={"train/loss": 3.0})
    journal.close()
    with killed(new_run("resume=" + first.run_id, "trainer.max_steps=8")) as run:
        run.rewind(0)
        run.log(1, {"train/loss": 9.0})
        run.log(2, {"train/loss": 3.0})
    assert kinds(run, "difference") == []
    assert [(line["step"], line["metrics"]["train/loss"]) for line in kinds(run, "metrics")] == [(1, 0.25), (2, 0.5), (2, 3.0), (1, 9.0)]


VALUES = st.dictionaries(st.sampled_from(["a", "b", "speed/c"]), st.floats(0, 4, width=16), max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(first=st.lists(VALUES, max_size=4), second=st.lists(VALUES, max_size=6))
def test_each_value_of_a_step_is_recorded_once_and_differs_or_not(
    first: list[dict[str, float]], second: list[dict[str, float]], opened: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "journal.jsonl"
    path.unlink(missing_ok=True)
    run = Run(opened.config, opened.identity, opened.prepared)
    run.journal = Journal(path)
    for values in (first, second):
        run.rewind(1)
        for step, metrics in enumerate(values, start=1):
            run.log(step, metrics)
    run.journal.close()
    found = [(line["step"], name, value) for line in kinds(run, "metrics") for name, value in line["metrics"].items()]
    wanted = {
        (step, name): value for values in (second, first) for step, metrics in enumerate(values, start=1) for name, value in metrics.items()
    }
    assert len(found) == len(wanted)
    assert {(step, name): value for step, name, value in found} == wanted
    moved = {(line["step"], name) for line in kinds(run, "difference") for name in line["moved"]}
    both = zip(first, second, strict=False)
    assert moved == {(n, name) for n, (a, b) in enumerate(both, 1) for name in {*a} & {*b} if a[name] != b[name] and name != "speed/c"}


# --- by name ---


def test_a_named_run_is_gone_on_with_and_what_changed_is_recorded(new_run: NewRun, capsys: pytest.CaptureFixture[str]) -> None:
    first = cut_off(new_run(), 2)
    before = first.identity.sha256
    capsys.readouterr()
    with new_run(f"resume={first.run_id}", "trainer.max_steps=8", "tracking.run_name=other") as run:
        assert (run.run_id, run.name, run.checkpoint) == (first.run_id, "mine", None)
        result = finish(run)
    assert kinds(run, "changed") == [{"kind": "changed", "changes": {"trainer.max_steps": [4, 8]}}]
    assert "warning: going on with other than it was begun with: trainer.max_steps" in capsys.readouterr().err
    assert (result["run_id"], result["name"], result["experiment"]) == (first.run_id, "mine", "tiny")
    assert result["identity"] != before


def test_a_named_run_that_did_not_change_keeps_its_identity(new_run: NewRun) -> None:
    first = cut_off(new_run(), 2)
    with new_run(f"resume={first.run_id}") as run:
        assert finish(run)["identity"] == first.identity.sha256
    assert kinds(run, "changed") == []


def test_a_named_run_under_way_is_refused(new_run: NewRun) -> None:
    first = cut_off(new_run())
    hold = hold_of(first.run_id)
    with (first.folder / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write('{"kind": "status", "time": 9.0, "status": "running"}\n')
    with pytest.raises(MachineError, match=f"the same run is under way: {first.run_id}"), new_run(f"resume={first.run_id}"):
        pass
    hold.release(recorded=True)


def test_a_forced_run_is_begun_beside_a_finished_one(new_run: NewRun) -> None:
    with new_run() as first:
        finish(first)
    with new_run("rerun=true") as second:
        finish(second)
    assert second.run_id != first.run_id
    assert second.identity == first.identity


# --- where it is filed ---


def test_what_the_store_did_not_take_arrives_when_the_run_goes_on(new_run: NewRun, rows: Callable[..., Any]) -> None:
    rows("CREATE TRIGGER full BEFORE INSERT ON metrics BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with killed(new_run()) as run:
        run.log(1, {"train/loss": 2.5})
    assert open_runs() == [run.run_id]
    rows("DROP TRIGGER full")
    with new_run() as again:
        finish(again)
    assert rows("SELECT run_uuid, value FROM metrics WHERE key = 'train/loss'") == [(run.run_id, 2.5)]
    assert open_runs() == []


def test_a_name_or_an_experiment_of_a_new_command_does_not_move_the_run(new_run: NewRun) -> None:
    first = cut_off(new_run())
    run = new_run("tracking.experiment=other", "tracking.run_name=other", identity=first.identity)
    assert run.experiment == "other"
    with run:
        assert (run.run_id, run.name, run.experiment) == (first.run_id, "mine", "tiny")
        assert finish(run)["experiment"] == "tiny"
    assert replace(first.identity) == run.identity
