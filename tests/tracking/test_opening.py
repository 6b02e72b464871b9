"""Which run a command goes on with, and in whose hands it is."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.errors import MachineError
from assay.tracking import opening
from assay.tracking.identity import Identity
from assay.tracking.journal import read_journal
from assay.tracking.opening import Hold, changed, folder_of, hold_of, open_run, open_runs, take, taken

NANO = Identity("identity of nano", {"code": "1"})
FACTS = {"name": "nano", "tags": {"mlflow.source.type": "LOCAL"}}
SRC = Path(__file__).resolve().parents[2] / "src"
HOLDING = "import sys, time\nfrom pathlib import Path\nfrom assay.tracking import opening, store\nstore.MLRUNS = Path(sys.argv[1])\nheld = opening.take('a1')\n"

Begin = Callable[..., Path]


def opened(forced: bool = False, experiment: str = "tiny") -> tuple[str, Hold]:
    entry, hold = open_run(NANO, forced, experiment, FACTS)
    return entry.run_id, hold


# --- new, or gone on with ---


def test_a_new_run_has_a_folder_a_first_line_and_a_hold(bare: Path) -> None:
    entry, hold = open_run(NANO, False, "tiny", FACTS)
    assert re.fullmatch("[0-9a-f]{32}", entry.run_id)
    assert entry.folder == bare / "mlruns/tiny" / entry.run_id / "artifacts" == folder_of(entry.run_id)
    [first] = read_journal(entry.folder / "journal.jsonl")
    assert list(first)[:2] == ["kind", "time"]
    facts = {"run_id": entry.run_id, "experiment": "tiny", "identity": NANO.sha256, "parts": NANO.parts, "forced": False, **FACTS}
    assert {name: value for name, value in first.items() if name != "time"} == {"kind": "start", **facts}
    assert open_runs() == [entry.run_id]
    hold.release(recorded=True)


def test_the_same_command_goes_on_with_what_it_began(bare: Path) -> None:
    first, hold = opened()
    hold.release(recorded=False)
    again, hold = opened()
    hold.release(recorded=False)
    assert again == first
    assert len(list(bare.glob("mlruns/*/*/artifacts"))) == 1


def test_a_run_is_gone_on_with_wherever_it_is_filed(bare: Path) -> None:
    """The experiment is no part of what a run is."""
    first, hold = opened(experiment="one")
    hold.release(recorded=False)
    again, hold = opened(experiment="two")
    hold.release(recorded=False)
    assert again == first


@pytest.mark.parametrize("what", ["finished", "of another identity", "deleted in the dashboard", "gone on with under other settings"])
def test_a_run_that_is_another_is_left_alone(what: str, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [("changed", {"changes": {"trainer.max_steps": [4, 8]}})] if what.startswith("gone on") else []
    folder = begin("a1", "small" if what == "of another identity" else "nano", *lines, finished=what == "finished")
    if what == "deleted in the dashboard":
        monkeypatch.setattr("assay.tracking.lookup.query", lambda sql, *values: [("a1", "deleted", None)] if "UNION" in sql else [("a1",)])
    before = (folder / "journal.jsonl").read_bytes()
    other, hold = opened()
    hold.release(recorded=True)
    assert other != "a1"
    assert (folder / "journal.jsonl").read_bytes() == before


def test_of_several_that_were_begun_the_newest_is_gone_on_with(begin: Begin) -> None:
    begin("a1", started=1)
    begin("a2", started=2)
    run_id, hold = opened()
    hold.release(recorded=True)
    assert run_id == "a2"


def test_a_forced_run_is_gone_on_with_by_a_forced_command_only(begin: Begin) -> None:
    begin("plain", started=1)
    begin("forced", started=2, forced=True)
    for forced, wanted in ((False, "plain"), (True, "forced")):
        run_id, hold = opened(forced)
        hold.release(recorded=True)
        assert run_id == wanted


def test_a_forced_command_begins_a_run_beside_a_plain_one(begin: Begin, bare: Path) -> None:
    begin("plain")
    run_id, hold = opened(forced=True)
    hold.release(recorded=True)
    [first] = read_journal(bare / "mlruns/tiny" / run_id / "artifacts/journal.jsonl")
    assert (run_id != "plain", first["forced"]) == (True, True)


def test_two_that_start_at_once_do_not_both_begin_the_run(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads, each with files of its own, as processes have. The look at what there is takes a moment."""
    look = opening.runs_with_identity
    monkeypatch.setattr(opening, "runs_with_identity", lambda identity: [look(identity), time.sleep(0.05)][0])
    outcomes: list[str] = []
    holds: list[Hold] = []
    barrier = threading.Barrier(4)

    def start() -> None:
        barrier.wait()
        try:
            holds.append(opened()[1])
        except MachineError as error:
            outcomes.append(str(error)[:26])

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["the same run is under way:"] * 3
    assert len(list(bare.glob("mlruns/*/*/artifacts"))) == 1
    holds[0].release(recorded=True)


# --- in whose hands ---


def test_a_run_under_way_is_refused_with_its_process_host_and_time(bare: Path) -> None:
    run_id, hold = opened()
    with pytest.raises(MachineError) as refused:
        opened()
    hold.release(recorded=True)
    words = rf"the same run is under way: {run_id}, process {os.getpid()} on {re.escape(os.uname().nodename)} since (.*)\.\n  Wait for it, or change.*seed=2"
    since = re.match(words, str(refused.value))
    assert since
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", since[1])


@pytest.mark.fault
def test_a_killed_process_lets_go_of_its_run(bare: Path) -> None:
    command = [sys.executable, "-c", HOLDING + "print('held', flush=True)\ntime.sleep(60)", str(bare / "mlruns")]
    with subprocess.Popen(command, cwd=SRC, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        assert take("a1") is None
        with pytest.raises(MachineError, match=f"under way: a1, process {child.pid} on "):
            hold_of("a1")
        child.send_signal(signal.SIGKILL)
    assert open_runs() == ["a1"]  # its file is what says that there is something to catch up with
    hold = hold_of("a1")
    assert f"process {os.getpid()} on" in opening.holder("a1")
    hold.release(recorded=True)


def test_whoever_only_brings_a_record_up_to_date_is_waited_for(begin: Begin) -> None:
    """Else a killed run that is being tidied up by another command would seem to be trained."""
    with (begin("a1") / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write('{"kind": "status", "time": 9.0, "status": "killed"}\n')
    tidying = hold_of("a1")
    timer = threading.Timer(1.5, lambda: tidying.release(recorded=False))
    timer.start()
    hold_of("a1").release(recorded=True)
    timer.join()


def test_the_file_of_a_run_goes_when_all_is_recorded_and_stays_else(bare: Path) -> None:
    assert open_runs() == []
    hold_of("a1").release(recorded=False)
    assert open_runs() == ["a1"]
    hold = hold_of("a1")
    hold.release(recorded=True)
    assert open_runs() == []
    other = hold_of("a1")
    hold.release(recorded=True)  # a second call must not take the file of whoever has the run now
    assert open_runs() == ["a1"]
    other.release(recorded=True)


def test_a_file_that_its_last_holder_removed_meanwhile_is_no_hold(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locked is then a file that nobody can find, and the next one to ask would get the run too."""
    last = hold_of("a1")
    flock = fcntl.flock

    def removed_in_between(stream: Any, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        last.release(recorded=True)
        flock(stream, how)

    monkeypatch.setattr(fcntl, "flock", removed_in_between)
    hold = take("a1")
    assert hold is not None
    assert take("a1") is None
    hold.release(recorded=True)


def test_a_look_at_a_run_leaves_its_file_as_it_was(bare: Path) -> None:
    with taken("a1") as hold:
        assert hold is not None
        assert take("a1") is None
    assert open_runs() == []
    hold_of("a1").release(recorded=False)
    with taken("a1"):
        pass
    assert open_runs() == ["a1"]
    mine = hold_of("a1")
    with taken("a1") as hold:
        assert hold is None
    assert take("a1") is None
    mine.release(recorded=True)


# --- what goes wrong ---


def test_a_folder_that_can_not_be_made_leaves_nothing_behind(bare: Path) -> None:
    (bare / "mlruns/tiny").write_text("in the way")
    with pytest.raises(MachineError, match=r"mlruns/tiny/.*/artifacts can't be made: Not a directory\."):
        opened()
    assert open_runs() == []


@pytest.mark.fault
@pytest.mark.parametrize("error", [MachineError("the disk is full"), KeyboardInterrupt()])
def test_a_run_without_a_first_line_leaves_nothing_behind(error: BaseException, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **values: Any) -> None:
        raise error

    monkeypatch.setattr(opening.Journal, "write", fail)
    with pytest.raises(type(error)):
        opened()
    assert list(bare.glob("mlruns/tiny/*")) == []
    assert open_runs() == []


def test_a_change_of_settings_is_read_from_the_journal(begin: Begin) -> None:
    begin("a1", started=1)
    begin("a2", "nano", ("status", {"status": "running"}), ("changed", {"changes": {}}), started=2)
    assert [changed(entry) for entry in opening.runs_with_identity(NANO)] == [True, False]


def test_a_folder_without_a_first_line_is_not_a_runs(begin: Begin) -> None:
    path = begin("a1") / "journal.jsonl"
    assert folder_of("a1") == path.parent
    path.write_bytes(path.read_bytes()[:-1])
    assert folder_of("a1") is None
    assert folder_of("a2") is None
