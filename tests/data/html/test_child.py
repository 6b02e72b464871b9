"""The child process lives as long as its parent, and answers nobody else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.data.cleaning.drop import Drop
from assay.data.html import child, process
from assay.data.html.process import extract_apart

SRC = Path(__file__).resolve().parents[3] / "src"


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    process._end()
    yield
    process._end()


@pytest.mark.fault("D9", inject="SIGKILL for the process that reads pages")
def test_the_child_ends_with_its_parent() -> None:
    code = (
        f"import sys, time; sys.path.insert(0, {str(SRC)!r})\n"
        "from assay.data.html import process\n"
        "process.extract_apart(b'x', 'resiliparse')\nprint(process._running().process.pid, flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert _ends(child)


def _ends(pid: int) -> bool:
    for _ in range(200):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_an_interrupt_from_the_keyboard_reaches_the_parent_alone() -> None:
    extract_apart(b"x", "resiliparse")
    before = process._running()
    os.kill(before.process.pid, signal.SIGINT)
    assert extract_apart(b"x", "resiliparse") == ("", "x")
    assert process._running() is before


def test_a_text_larger_than_the_page_may_be_is_reported() -> None:
    """Each item of a list is indented by the depth of its list."""
    page = b"<ol>" * 100 + b"<li>x" * 200_000
    assert len(page) < child.MEMORY_BYTES
    assert extract_apart(page, "all_text") == Drop("html_too_large")
