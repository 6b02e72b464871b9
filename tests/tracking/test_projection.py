"""The copy of a run's journal in MLflow."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import MachineError
from assay.tracking import projection as module
from assay.tracking.journal import Journal
from assay.tracking.projection import Copy, Projection
from assay.tracking.target import Target

Begin = Callable[..., Path]
Line = tuple[str, dict[str, Any]]


class Memory(Target):
    """Keeps what arrives, and where it was left, as a store does. A call fails where `faults` says so: before it did its work, or after."""

    name = "memory"
    patience_seconds = 60.0

    def __init__(self, faults: list[str] | None = None) -> None:
        super().__init__()
        self.faults = faults or []
        self.batches: list[list[tuple[str, float, int]]] = []
        self.points: dict[tuple[str, int], float] = {}
        self.taken: list[str] = []
        self.position = 0
        self.folder = ""

    def fault(self, when: str) -> None:
        if self.faults and self.faults[0] in ("none", when) and self.faults.pop(0) == when:
            raise OSError("database is locked\n[SQL: ...]")

    def open(self, start: dict[str, Any], folder: str) -> int:
        self.fault("before")
        self.folder = folder
        return self.position

    def send(self, metrics: list[Any], position: int) -> None:
        self.fault("before")
        self.batches.append([(metric.key, metric.value, metric.step) for metric in metrics])
        self.points |= {(name, step): value for name, value, step in self.batches[-1]}
        self.position = position
        self.fault("after")

    def take(self, entry: dict[str, Any]) -> None:
        self.fault("before")
        self.taken.append(f"{entry['kind']} {entry.get('n', '')}".strip())
        self.fault("after")


def step(number: int, count: int = 1, kind: str = "metrics") -> Line:
    return kind, {"step": number, "metrics": {f"m{place}": number + place / 7 for place in range(count)}}


def until(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- one journal in one store ---


def test_every_line_arrives_once_in_order_in_calls_of_at_most_a_thousand(begin: Begin, place: Path) -> None:
    kinds = ("metrics", "evaluation", "system")
    path = (
        begin("a", "nano", ("parameters", {"n": 1}), *(step(n, 3, kinds[n % 3]) for n in range(900)), ("status", {"n": 2}))
        / "journal.jsonl"
    )
    memory = Memory()
    Copy(path, memory).advance()
    assert [point for batch in memory.batches for point in batch] == [(f"m{at}", n + at / 7, n) for n in range(900) for at in range(3)]
    assert max(map(len, memory.batches)) <= 1000
    assert len(memory.batches) < 6
    assert memory.taken == ["start", "parameters 1", "status 2"]
    assert memory.position == path.stat().st_size
    assert memory.folder == "mlruns/tiny/a/artifacts"


def test_a_second_copy_sends_nothing_and_a_longer_journal_what_is_new(begin: Begin, place: Path) -> None:
    path = begin("a", "nano", step(1)) / "journal.jsonl"
    memory = Memory()
    Copy(path, memory).advance()
    Copy(path, memory).advance()
    assert (len(memory.batches), memory.taken) == (1, ["start"])
    journal = Journal(path)
    journal.write(*step(2)[:1], **step(2)[1])
    journal.close()
    with path.open("a") as stream:
        stream.write('{"kind": "metrics", "st')  # the line that is being written
    Copy(path, memory).advance()
    assert memory.batches[1:] == [[("m0", 2.0, 2)]]


LINES = st.lists(st.one_of(st.integers(0, 4).map(lambda count: ("m", count)), st.just(("n", 0))), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(lines=LINES, batch=st.integers(4, 7), faults=st.lists(st.sampled_from(["none", "before", "after"]), max_size=12))
def test_whatever_fails_on_the_way_all_arrives_and_the_store_knows_how_far(
    lines: list[tuple[str, int]], batch: int, faults: list[str], place: Path
) -> None:
    """A call may also fail after it did its work. It is then made again; its target bears that."""
    folder = place / "mlruns/tiny/a/artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "journal.jsonl"
    path.unlink(missing_ok=True)
    journal = Journal(path)
    journal.write("start", run_id="a")
    for number, (kind, count) in enumerate(lines):
        journal.write(*(("note",) if kind == "n" else ("metrics",)), **({"n": number} if kind == "n" else step(number, count)[1]))
    journal.close()
    memory = Memory(faults)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BATCH_METRICS", batch)
        kept = Copy(path, memory)
        for attempt in range(40):
            copy = Copy(path, memory) if attempt % 2 else kept  # another process, or the same
            try:
                copy.advance()
                break
            except OSError:
                continue
    assert memory.points == {(f"m{at}", n): n + at / 7 for n, (kind, count) in enumerate(lines) if kind == "m" for at in range(count)}
    assert {line for line in memory.taken if line.startswith("note")} == {f"note {n}" for n, (kind, _) in enumerate(lines) if kind == "n"}
    assert memory.position == path.stat().st_size
    assert max(map(len, memory.batches)) <= batch


def test_the_journal_is_durable_before_a_copy_of_it_is(begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a power cut leaves a store that has bytes of the journal which the journal has no more."""
    path = begin("a", "nano", step(1)) / "journal.jsonl"
    memory, order = Memory(), list[str]()
    send, fsync = memory.send, os.fsync

    def sending(metrics: list[Any], position: int) -> None:
        order.append("send")
        send(metrics, position)

    def durable(handle: int) -> None:
        order.append("fsync")
        fsync(handle)

    monkeypatch.setattr(memory, "send", sending)
    monkeypatch.setattr("assay.files.os.fsync", durable)
    Copy(path, memory).advance()
    assert order == ["fsync", "send"]


def test_a_journal_that_has_not_begun_is_left_for_later(bare: Path) -> None:
    memory = Memory(["before"])
    Copy(bare / "journal.jsonl", memory).advance()
    assert memory.faults == ["before"]  # nobody was asked


# --- while a run lasts ---


def test_metrics_arrive_while_more_keep_coming(begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A steady trickle must not put the copy off until a call is full."""
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.05)
    memory = Memory()
    journal = Journal(begin("a") / "journal.jsonl")
    projection = Projection(journal.path, memory)

    def arrived() -> bool:
        journal.write("metrics", step=1, metrics={"train/loss": 1.0})
        return len(memory.batches) >= 2

    until(arrived)
    assert projection.close(20)
    assert memory.position == journal.path.stat().st_size
    journal.close()


def test_the_end_copies_what_is_left_at_once(begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 3600.0)
    memory = Memory()
    path = begin("a", "nano", step(1), step(2)) / "journal.jsonl"
    assert Projection(path, memory).close(20)
    assert memory.position == path.stat().st_size


def test_the_end_tries_again_when_the_store_is_busy_just_then(
    begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 3600.0)
    monkeypatch.setattr(module, "LAST_RETRY_SECONDS", 0.01)
    memory = Memory()
    journal = Journal(begin("a", "nano", step(1)) / "journal.jsonl")
    projection = Projection(journal.path, memory)
    projection.settle(20)
    journal.write("metrics", **step(2)[1])
    memory.faults = ["before", "after", "before"]
    assert projection.close(20)
    assert memory.position == journal.path.stat().st_size
    assert capsys.readouterr().err == ""
    journal.close()


def test_a_store_is_opened_before_training_and_one_that_hangs_is_not_waited_for(
    begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 3600.0)
    memory, answer = Memory(), threading.Event()
    path = begin("a", "nano", step(1)) / "journal.jsonl"
    Projection(path, memory).settle(20)
    assert memory.position == path.stat().st_size
    monkeypatch.setattr(memory, "open", lambda *arguments: int(answer.wait(60)) * 0)
    started = time.monotonic()
    hanging = Projection(path, memory)
    hanging.settle(0.05)
    assert time.monotonic() - started < 10
    answer.set()
    assert hanging.close(20)


@pytest.mark.parametrize(("limit", "patience"), [(0.05, 60.0), (60.0, 0.05)])
def test_a_slow_store_holds_nobody_up_and_is_not_waited_for_beyond_the_limit(
    limit: float, patience: float, begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.01)
    memory, asked, answer = Memory(), threading.Event(), threading.Event()
    memory.patience_seconds = patience
    monkeypatch.setattr(memory, "open", lambda *arguments: asked.set() or int(answer.wait(60)) * 0)
    journal = Journal(begin("a") / "journal.jsonl")
    projection = Projection(journal.path, memory)
    assert asked.wait(20)
    started = time.monotonic()
    journal.write("metrics", step=1, metrics={"train/loss": 1.0})
    assert not projection.close(limit)
    assert time.monotonic() - started < 10
    said = "warning: memory is behind (it did not answer in time); the run's own folder has everything. Later: make sync\n"
    assert capsys.readouterr().err == said
    answer.set()
    projection._thread.join()
    journal.close()


def test_a_broken_store_is_named_once_in_one_line_and_asked_less_and_less_often(
    begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []

    class Closing(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.extend([timeout] if timeout else [])
            return super().wait(timeout and timeout / 1000)

    monkeypatch.setattr(module.threading, "Event", Closing)
    memory = Memory(["before"] * 1000)
    path = begin("a", "nano", step(1)) / "journal.jsonl"
    projection = Projection(path, memory)
    until(lambda: len(waits) > 8)
    assert not projection.close(20)
    assert waits[:7] == [2, 4, 8, 16, 32, 60, 60]
    said = "warning: memory is behind (database is locked); the run's own folder has everything. Later: make sync\n"
    assert capsys.readouterr().err == said


def test_a_store_that_mends_gets_everything(begin: Begin, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.01)
    memory = Memory(["before", "before", "none", "before"])
    path = begin("a", "nano", step(1), step(2)) / "journal.jsonl"
    projection = Projection(path, memory)
    until(lambda: not memory.faults)
    assert projection.close(20)
    assert memory.position == path.stat().st_size


def test_a_fault_of_ours_is_said_by_its_first_line(begin: Begin, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    memory = Memory()

    def refuse(*arguments: Any) -> int:
        raise MachineError("mlflow.db can't be used: locked\n  If another program holds it, end that.")

    memory.open = refuse  # type: ignore[method-assign]
    assert not Projection(begin("a") / "journal.jsonl", memory).close(20)
    assert "(mlflow.db can't be used: locked); the run's" in capsys.readouterr().err
