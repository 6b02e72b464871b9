"""SIGHUP, SIGINT and SIGTERM end a run in order."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.tracking import signals as module
from assay.tracking.signals import StopSignals

SRC = Path(__file__).resolve().parents[2] / "src"
WAIT = """
import signal, sys, time
from assay.tracking.signals import StopSignals
{before}
with StopSignals() as signals:
    try:
        print("ready", flush=True)
        time.sleep(30)
    finally:
        {closing}
        print("closed", flush=True)
"""


def ended(sent: list[signal.Signals], before: str = "", closing: str = "pass") -> tuple[int, str, str]:
    command = [sys.executable, "-c", WAIT.format(before=before, closing=closing)]
    with subprocess.Popen(command, cwd=SRC, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        for number in sent:
            child.send_signal(number)
        out, error = child.communicate(timeout=60)
    return child.returncode, out, error


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_becomes_the_shells_exit_code_after_the_record_is_closed(number: signal.Signals) -> None:
    assert ended([number]) == (128 + number, "closed\n", "")


def test_a_second_signal_does_not_cut_the_closing_short() -> None:
    assert ended([signal.SIGTERM, signal.SIGTERM], closing="time.sleep(0.3)") == (143, "closed\n", "")


def test_a_second_interrupt_ends_it_at_once() -> None:
    code, out, _ = ended([signal.SIGINT], closing="signal.raise_signal(signal.SIGINT)")
    assert (code, out) == (-signal.SIGINT, "")


def test_what_the_parent_switched_off_stays_off() -> None:
    before = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    assert ended([signal.SIGHUP, signal.SIGTERM], before=before)[0] == 143


# --- within this process ---


@pytest.fixture
def stop() -> Iterator[StopSignals]:
    with StopSignals() as signals:
        yield signals
        signals.hold()


def wait_for_the_timer() -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        time.sleep(0.01)


def test_held_signals_wait_and_the_handlers_of_before_come_back() -> None:
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    with StopSignals() as signals:
        signals.hold()
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGHUP)
    assert {number: signal.getsignal(number) for number in before} == before


def test_polite_work_is_asked_and_leaves_where_it_looks(stop: StopSignals) -> None:
    with stop.politely():
        stop.leave_if_asked()  # nobody has asked
        signal.raise_signal(signal.SIGTERM)
        done = "the step under way"
        with pytest.raises(SystemExit) as end:
            stop.leave_if_asked()
    assert (end.value.code, done) == (143, "the step under way")


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_counts_for_polite_work(second: signal.Signals, stop: StopSignals) -> None:
    """`timeout` sends its SIGTERM twice and means one."""
    with stop.politely():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(second)
        with pytest.raises(SystemExit) as end:
            stop.leave_if_asked()
    assert end.value.code == 130


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_interrupt_ends_polite_work_at_once(first: signal.Signals, stop: StopSignals) -> None:
    with stop.politely():
        signal.raise_signal(first)
        with pytest.raises(SystemExit) as end:
            signal.raise_signal(signal.SIGINT)
    assert end.value.code == 130


def test_a_part_that_can_be_cut_is_cut_at_once(stop: StopSignals) -> None:
    with stop.politely():
        with pytest.raises(SystemExit) as end, stop.at_once():
            signal.raise_signal(signal.SIGTERM)
        assert end.value.code == 143


def test_a_part_that_can_be_cut_is_not_begun_when_asked(stop: StopSignals) -> None:
    begun = False
    with stop.politely():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(SystemExit), stop.at_once():
            begun = True
    assert not begun


def test_manners_are_those_of_the_innermost_block(stop: StopSignals) -> None:
    with stop.politely():
        with stop.at_once():
            pass
        signal.raise_signal(signal.SIGTERM)  # polite again
        assert stop.asked == signal.SIGTERM


def test_after_polite_work_a_signal_ends_at_once(stop: StopSignals) -> None:
    with stop.politely():
        pass
    with pytest.raises(SystemExit):
        signal.raise_signal(signal.SIGHUP)


def test_polite_work_that_does_not_look_is_ended_in_time(stop: StopSignals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)
    started = time.monotonic()
    with stop.politely():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(SystemExit) as end:
            wait_for_the_timer()
    assert end.value.code == 143
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_what_is_worth_more_than_the_limit_is_not_ended(when: str, stop: StopSignals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)
    with stop.politely():
        if when == "before":
            signal.raise_signal(signal.SIGTERM)
        with stop.unhurried():
            if when == "meanwhile":
                signal.raise_signal(signal.SIGTERM)
            time.sleep(0.15)


def test_closing_the_record_is_not_ended(stop: StopSignals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)
    with stop.politely():
        signal.raise_signal(signal.SIGTERM)
        stop.hold()
        time.sleep(0.15)


def test_the_limit_ends_with_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: heard.append(number))
    with StopSignals() as signals, signals.politely():
        signal.raise_signal(signal.SIGTERM)
    time.sleep(0.15)
    signal.signal(signal.SIGALRM, before)
    assert heard == []


def test_leaving_is_asked_once(stop: StopSignals) -> None:
    """While the exit goes up through `finally` blocks, which may look too."""
    with stop.politely():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(SystemExit):
            stop.leave_if_asked()
        stop.leave_if_asked()
        with stop.at_once():
            pass


def test_handlers_that_a_library_put_in_the_way_are_replaced_again(stop: StopSignals) -> None:
    for number in (*module.STOPPING, signal.SIGALRM):
        signal.signal(number, lambda number, frame: None)
    signal.raise_signal(signal.SIGTERM)
    assert stop.asked is None
    stop.install()
    assert signal.getsignal(signal.SIGALRM) == stop._time_is_up
    with pytest.raises(SystemExit) as end:
        signal.raise_signal(signal.SIGTERM)
    assert end.value.code == 143


def test_to_install_again_leaves_off_what_the_parent_switched_off() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with StopSignals() as signals:
        signals.install()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    signal.signal(signal.SIGHUP, before)
