"""The journal is the truth about a run."""

import json
import math
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import DataError, MachineError
from assay.tracking import journal as module
from assay.tracking.journal import Journal, finite, last_status, read_journal, read_journal_from, start_of

each_example_its_own_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def kinds(path: Path) -> list[str]:
    return [entry["kind"] for entry in read_journal(path)]


@contextmanager
def room_for(file_bytes: int) -> Iterator[None]:
    """No file can grow past so many bytes: the kernel then writes a part of a line, or nothing, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


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
    assert kinds(tmp_path / "journal.jsonl") == ["first", "second"]


def test_a_line_cut_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": "a"}\n{"kind": "b", "met')
    assert kinds(path) == ["a"]


@each_example_its_own_file
@given(whole=st.integers(0, 3), torn=st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=50))
def test_a_torn_last_line_is_cut_before_the_next_is_written(whole: int, torn: str, tmp_path: Path) -> None:
    """Else the two would be one line, which is none."""
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"kind": "a"}\n' * whole + torn.encode())
    journal = Journal(path)
    assert path.read_bytes() == b'{"kind": "a"}\n' * whole
    journal.write("next")
    journal.close()
    assert kinds(path) == ["a"] * whole + ["next"]


@pytest.mark.parametrize("free", [1, 20])
def test_a_disk_that_takes_a_part_of_a_line_leaves_no_half_line(free: int, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write("a")
    before = journal.path.read_bytes()
    with (
        room_for(len(before) + free),
        pytest.raises(MachineError, match=r"can't be written: the disk is full\.\n  Make room, then") as full,
    ):
        journal.write("b")
    assert full.value.exit_code == 5
    assert journal.path.read_bytes() == before
    journal.write("c")  # room was made
    journal.close()
    assert kinds(journal.path) == ["a", "c"]


def test_a_disk_that_takes_nothing_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write("a")
    with (
        room_for(journal.path.stat().st_size),
        pytest.raises(MachineError, match=r"journal.jsonl can't be written: File too large\.\n  Make room"),
    ):
        journal.write("b")
    journal.close()
    assert kinds(journal.path) == ["a"]


def test_what_is_no_number_is_left_out_and_never_written_as_one(tmp_path: Path) -> None:
    assert finite({"a": 1.0, "b": math.nan, "c": math.inf, "d": -math.inf}) == {"a": 1.0}
    journal = Journal(tmp_path / "journal.jsonl")
    with pytest.raises(ValueError, match="JSON"):
        journal.write("metrics", value=math.nan)
    journal.close()
    assert (tmp_path / "journal.jsonl").read_bytes() == b""


@each_example_its_own_file
@given(texts=st.lists(st.text(max_size=8), max_size=6), data=st.data())
def test_reading_goes_on_from_the_end_of_any_line(texts: list[str], data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.unlink(missing_ok=True)
    journal = Journal(path)
    for text in texts:
        journal.write("note", text=text)
    journal.close()
    lines = list(read_journal_from(path, 0))
    assert [entry["text"] for entry, _ in lines] == texts
    ends = [0, *(end for _, end in lines)]
    assert ends[-1] == path.stat().st_size
    left_at = data.draw(st.integers(0, len(texts)))
    assert list(read_journal_from(path, ends[left_at])) == lines[left_at:]


@pytest.mark.parametrize("line", ["{", "\0\0\0", "5", "[]"])
def test_a_line_that_is_none_is_named_by_its_place(line: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": "a"}\n' + line + '\n{"kind": "b"}\n')
    with pytest.raises(DataError, match=rf"journal.jsonl was altered: no JSON object before byte {15 + len(line)}\."):
        kinds(path)


@each_example_its_own_file
@given(
    content=st.one_of(
        st.binary(max_size=40), st.sampled_from([b"5\n", b"[]\n", b"null\n", b'"start"\n', b'{"kind": "metrics"}\n', b'{"kind": "start"}'])
    )
)
def test_a_file_that_begins_otherwise_is_no_run(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(content)
    assert start_of(path) is None


def test_a_run_begins_with_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert start_of(path) is None
    journal = Journal(path)
    journal.write(module.START, run_id="a")
    journal.write("metrics")
    journal.close()
    start = start_of(path)
    assert start is not None
    assert start["run_id"] == "a"


def test_the_last_status_counts_and_a_run_without_one_is_running(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert last_status(journal.path) == "running"
    for status in ("running", "killed", "running", "finished"):
        journal.write("status", status=status)
        journal.write("metrics")
        assert last_status(journal.path) == status
    journal.close()
