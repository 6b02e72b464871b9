"""The journal is the truth about a run."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.tracking.journal import Journal, finite, read_journal


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_with_every_bit(value: float) -> None:
    assert json.loads(json.dumps(value)) == value


def test_lines_are_there_as_soon_as_they_are_written_and_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    for step in (1, 2):
        journal.write("metrics", step=step, metrics={"train/loss": 0.1 + step})
        entries = list(read_journal(journal.path))  # not closed, not flushed
        assert [entry["step"] for entry in entries] == list(range(1, step + 1))
    assert entries[1]["metrics"] == {"train/loss": 2.1}
    journal.close()


def test_a_journal_is_continued_not_begun_again(tmp_path: Path) -> None:
    for kind in ("first", "second"):
        journal = Journal(tmp_path / "journal.jsonl")
        journal.write(kind)
        journal.close()
    assert [entry["kind"] for entry in read_journal(tmp_path / "journal.jsonl")] == ["first", "second"]


def test_a_line_cut_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": "a"}\n{"kind": "b", "met')
    assert [entry["kind"] for entry in read_journal(path)] == ["a"]


def test_what_is_no_number_is_left_out_and_never_written_as_one(tmp_path: Path) -> None:
    assert finite({"a": 1.0, "b": math.nan, "c": math.inf, "d": -math.inf}) == {"a": 1.0}
    journal = Journal(tmp_path / "journal.jsonl")
    with pytest.raises(ValueError, match="JSON"):
        journal.write("metrics", value=math.nan)
    journal.close()
    assert (tmp_path / "journal.jsonl").read_bytes() == b""
