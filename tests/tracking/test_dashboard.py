"""MLflow's own pages, as a person sees them."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assay.errors import DataError, MachineError
from assay.tracking.dashboard import charts_url, compare_url, serve
from assay.tracking.opening import hold_of
from assay.tracking.schema import DashboardConfig

CHROMIUM = shutil.which("chromium")
PORT = 5917
QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"


def test_links_lead_past_the_overview_to_the_charts_and_the_comparison() -> None:
    assert charts_url("http://h", "3") == "http://h/#/experiments/3/runs?compareRunsMode=CHART"
    link = compare_url("http://h", "2", ["b", "a"])
    assert link == "http://h/#/compare-runs?runs=%5B%22b%22%2C%22a%22%5D&experiments=%5B%222%22%5D"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_runs_that_the_store_does_not_have_are_brought_there_by_hand(begin: Callable[..., Path], taken_port: int) -> None:
    begin("a1", finished=True)
    with pytest.raises(DataError, match=r"mlflow.db does not have the newest run, nano \(a1\)\.\n  Type: make sync"):
        serve(DashboardConfig(port=taken_port, open_browser=False))


def test_a_run_without_a_last_word_is_caught_up_with_before_it_is_shown(
    begin: Callable[..., Path], place: Path, rows: Callable[..., Any], taken_port: int
) -> None:
    begin("a1", "nano", ("status", {"status": "running"}))
    hold_of("a1").release(recorded=False)
    with pytest.raises(
        MachineError, match=rf"port {taken_port} on 127.0.0.1 is taken .*\n  Type: python src/dashboard.py port={taken_port + 1}"
    ):
        serve(DashboardConfig(port=taken_port, open_browser=False))
    assert rows("SELECT status FROM runs") == [("KILLED",)]


def test_without_runs_the_dashboard_says_what_to_type(project: Callable[..., Path], run: Callable[..., object]) -> None:
    done = run(project(), "src/dashboard.py")
    assert (done.returncode, done.stderr) == (3, "error: there are no runs yet in mlruns/.\n  Type: python src/train.py trainer=smoke\n")


@pytest.fixture
def moved_store(project: Callable[..., Path], run: Callable[..., object], tiny_text: Callable[[Path], object]) -> Path:
    """A project with two finished runs that was renamed after them."""
    made = project("first place")
    tiny_text(made)
    for model in ("gpt_nano", "ngram"):
        done = run(
            made, "src/train.py", "data=tiny", "tokenizer=byte", f"model={model}", "trainer=smoke", "trainer.sequences_per_microbatch=4"
        )
        assert done.returncode == 0, done.stderr
    return made.rename(made.with_name("second place"))


@pytest.fixture
def dashboard(moved_store: Path) -> Iterator[tuple[Path, list[str]]]:
    """The running server's project and the links it printed."""
    command = [sys.executable, "src/dashboard.py", f"port={PORT}", "open_browser=false"]
    with subprocess.Popen(command, cwd=moved_store, stdout=subprocess.PIPE, text=True, start_new_session=True) as server:
        try:
            lines = [server.stdout.readline() for _ in range(3)]
            yield moved_store, re.findall(r"http://\S+", "".join(lines))
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def dom(url: str, profile: Path, wanted: list[str]) -> str:
    """The page's document once it holds what is wanted, or after its last try."""
    found = ""
    for _ in range(3):
        command = [str(CHROMIUM), *QUIET.split(), f"--user-data-dir={profile}", "--virtual-time-budget=30000", "--dump-dom", url]
        found = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout
        if all(text in found for text in wanted):
            break
        time.sleep(2)
    return found


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_moved_store_shows_its_runs_metrics_and_artifacts(dashboard: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Charts page, compare page, and an artifact through the server, in headless Chromium."""
    folder, (charts, compare) = dashboard
    artifacts = next(folder.glob("mlruns/*/*/artifacts/result.json")).parent
    run_id = artifacts.parent.name
    address = f"http://127.0.0.1:{PORT}/get-artifact?path=result.json&run_uuid={run_id}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.read() == (artifacts / "result.json").read_bytes()
    if CHROMIUM is None:
        pytest.skip("not run: Chromium is not installed (apt-get install chromium)")
    names = ["gpt_nano_tiny", "ngram_tiny"]
    page = dom(charts, tmp_path / "profile", names)
    assert all(name in page for name in names)
    assert "val" in page
    page = dom(compare, tmp_path / "profile", [*names, "test/bits_per_byte", "model.name"])
    assert "Comparing 2 Runs" in page
    assert all(text in page for text in [*names, "test/bits_per_byte", "model.name"])
