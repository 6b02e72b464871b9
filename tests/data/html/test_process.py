"""A page can end only the child process that reads it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assay.data.cleaning.drop import Drop
from assay.data.html import process
from assay.data.html.process import extract_apart

READS = ("", "x")
FAKE = """
import os, signal, time
pages = 0
class HTMLTree:
    title = ""
    @staticmethod
    def parse(text):
        global pages
        pages += 1
        if "crash" in text or ("second" in text and pages > 1): os.kill(os.getpid(), signal.SIGSEGV)
        if "fill" in text: kept = bytearray(2**32)
        while "spin" in text: pass
        while "wait" in text: time.sleep(60)
        if "raise" in text: raise ValueError(text)
        return HTMLTree()
def extract_plain_text(tree, **options): return "x"
"""


@pytest.fixture
def own_process() -> Iterator[None]:
    """No child before the test, and none after it."""
    process._end()
    yield
    process._end()


@pytest.fixture
def faulty_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_process: None) -> None:
    """A resiliparse that does what the page says."""
    for package in ("resiliparse", "resiliparse/extract", "resiliparse/parse"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for module in ("extract/html2text.py", "parse/html.py"):
        (tmp_path / "resiliparse" / module).write_text(FAKE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.fault("D9", inject="the HTML library crashes (SIGSEGV) or takes 4 GiB at one page")
@pytest.mark.usefixtures("faulty_library")
@pytest.mark.parametrize("word", ["crash", "fill"])
def test_the_page_at_which_the_library_crashes_is_dropped_and_the_others_are_kept(word: str) -> None:
    pages = [b"one", word.encode(), b"two", word.encode(), word.encode(), b"three"]
    dropped = Drop("html_crashed")
    assert [extract_apart(page, "resiliparse") for page in pages] == [READS, dropped, READS, dropped, dropped, READS]


@pytest.mark.fault("D9", inject="the HTML library crashes at every page but the first of its process")
@pytest.mark.usefixtures("faulty_library")
def test_a_crash_that_the_pages_before_prepared_drops_no_page() -> None:
    assert [extract_apart(b"second", "resiliparse") for _ in range(3)] == [READS] * 3


@pytest.mark.fault("D9", inject="the HTML library never returns: it computes, or it waits")
@pytest.mark.usefixtures("faulty_library")
@pytest.mark.parametrize("word", ["spin", "wait"])
def test_a_page_at_which_the_library_hangs_is_dropped(word: str) -> None:
    limits = {"cpu_seconds": 0.2, "wall_seconds": 2.0 if word == "wait" else 60.0}
    assert extract_apart(word.encode(), "resiliparse", **limits) == Drop("html_timeout")
    assert extract_apart(b"one", "resiliparse") == READS


@pytest.mark.usefixtures("faulty_library")
def test_a_page_that_the_library_refuses_ends_no_process() -> None:
    assert extract_apart(b"one", "resiliparse") == READS
    before = process._running()
    assert extract_apart(b"raise", "resiliparse") == Drop("html_unreadable")
    assert process._running() is before


@pytest.mark.usefixtures("own_process")
def test_a_fork_reads_by_a_child_of_its_own() -> None:
    assert extract_apart(b"x", "resiliparse") == READS
    pid = os.fork()
    if pid == 0:
        os._exit(0 if extract_apart(b"x", "resiliparse") == READS else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert extract_apart(b"x", "resiliparse") == READS


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested": lambda: b"<div>" * 100_000 + b"x",
    "nested_tables": lambda: b"<table><tr><td>" * 30_000,
    "attribute": lambda: b"<p title='" + b"a b " * 2_600_000 + b"'>x</p>",
    "many_attributes": lambda: b"<p " + b"".join(b"a%d=1 " % number for number in range(200_000)) + b">x",
    "unclosed_attribute": lambda: b"<p title='" + b"<p>x" * 2_600_000,
    "unclosed_comment": lambda: b"x<!--" + b"<!--" * 2_600_000,
    "unclosed_script": lambda: b"x<script>" + b"</scrip <script>" * 650_000,
    "empty_tags": lambda: b"<b></b>" * 1_000_000 + b"x",
    "stray_ends": lambda: b"<div>" * 200 + b"</b></p>" * 1_000_000,
    "entities": lambda: b"&lol9;" * 1_000_000 + b"&" * 1_000_000,
    "open_tags": lambda: b"<a " * 3_000_000,
    "list_items": lambda: b"<ol>" * 100 + b"<li>x" * 1_000_000,
    "doctype": lambda: b"<!DOCTYPE a [<!ENTITY b 'c'>" * 300_000,
}
CPU_SECONDS, MEMORY_BYTES = 1.5, 2 * 2**30


@pytest.mark.fault(
    "D9", inject="100,000 nested tags, an attribute of 10 MB, an unclosed comment and script, a million empty tags, entities"
)
@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura"])
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.usefixtures("own_process")
def test_a_hostile_page_is_read_or_dropped_within_its_limits(kind: str, extractor: str) -> None:
    found = extract_apart(HOSTILE[kind](), extractor, cpu_seconds=CPU_SECONDS)
    assert isinstance(found, tuple) or found.reason in ("html_timeout", "html_too_deep", "html_too_large", "html_unreadable")
    if process._process is not None:
        status = Path(f"/proc/{process._process.process.pid}/status").read_text()
        assert int(status.partition("VmHWM:")[2].split()[0]) * 1024 < MEMORY_BYTES
    assert extract_apart(b"<p>x</p>", "resiliparse") == READS
