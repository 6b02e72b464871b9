"""Standard output, whose reader may leave."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from assay.output import print_to_nobody, reader_left


@contextmanager
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Standard output is a pipe; its reading end is what this gives."""
    reads, writes = os.pipe()
    with os.fdopen(writes, "w") as stream, monkeypatch.context() as patched:
        patched.setattr("sys.stdout", stream)
        yield reads


def test_a_reader_has_left_once_it_closed_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with piped(monkeypatch) as reads:
        before = reader_left()
        os.close(reads)
        assert (before, reader_left()) == (False, True)


def test_what_waits_in_the_buffer_does_not_fail_when_it_is_written_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with piped(monkeypatch) as reads:
        os.close(reads)
        print("never read")
        with pytest.raises(BrokenPipeError):
            print("nor this", flush=True)
        print_to_nobody()
        print("nor that", flush=True)
