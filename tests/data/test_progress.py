import io
import sys

import pytest

from assay.data.progress import byte_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stdout", stream)
    with byte_progress("reading folder:mine") as progress:
        progress(500_000, 1_000_000)
    return stream.getvalue()


def test_a_terminal_shows_what_is_done_of_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    found = shown(monkeypatch, Terminal())
    assert "reading folder:mine" in found
    assert "0.5/1.0 MB" in found


def test_elsewhere_nothing_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO()) == ""
