"""SIGINT and SIGTERM end a run in order."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_held_signals_wait_and_the_handlers_of_before_come_back() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)}
    with StopSignals() as signals:
        signals.hold()
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGHUP)
    assert {number: signal.getsignal(number) for number in before} == before
