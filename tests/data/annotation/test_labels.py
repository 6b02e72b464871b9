import json
from pathlib import Path
from typing import Any

import pytest

from assay.data.annotation.labels import NOBODY, Label, labels_file, named_labels, read_labels, refuse, write_labels
from assay.data.document import text_hash
from assay.errors import DataError


def label(text: str, word: str = "keep", annotator: str = "anna") -> Label:
    return Label(text_hash(text), annotator, word, text)


def write(path: Path, *rows: dict[str, Any] | str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def test_labels_come_back_as_they_were_stored_in_one_order(tmp_path: Path) -> None:
    given = [label("b\u2028b"), label("a", annotator="bert"), label("a", "drop")]
    for number, order in enumerate((given, given[::-1])):
        write_labels(tmp_path / f"{number}.jsonl", order)
    assert (tmp_path / "0.jsonl").read_bytes() == (tmp_path / "1.jsonl").read_bytes()
    assert sorted(map(str, read_labels(tmp_path / "0.jsonl"))) == sorted(map(str, given))


def test_a_text_and_a_label_are_enough(tmp_path: Path) -> None:
    (found,) = read_labels(write(tmp_path / "a.jsonl", {"text": "x", "label": "good", "score": 3}, "", {"text": "x", "label": "good"}))
    assert (found.text, found.label, found.annotator, found.text_hash) == ("x", "good", NOBODY, text_hash("x"))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("<<<<<<< HEAD", "it is no JSON"),
        ("[" * 100_000, "it nests too deep"),
        ("[1]", "it is no JSON object"),
        ({"text": "", "label": "a"}, "it lacks text"),
        ({"text": "x"}, "it lacks label"),
        ({"text": "x", "label": 3}, "label must be text"),
        ({"text": "x", "label": "a\nb"}, "is no name of one line"),
        ({"text": "x", "label": "a" * 65}, "is no name of one line"),
        ({"text": "x", "label": "a", "annotator": "\x1b[2J"}, "is no name of one line"),
        ({"text": "edited", "label": "a", "text_hash": text_hash("x")}, "no longer the one that was labelled"),
    ],
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, row: Any, says: str) -> None:
    with pytest.raises(DataError, match=rf"1 mistake in a.jsonl; nothing was changed\n.*a\.jsonl:2: .*{says}") as caught:
        read_labels(write(tmp_path / "a.jsonl", {"text": "t", "label": "keep"}, row))
    assert "\x1b" not in str(caught.value)


def test_all_mistakes_are_told_at_once_and_never_more_than_can_be_read(tmp_path: Path) -> None:
    rows = [{"text": "t", "label": word, "annotator": "anna"} for word in ("keep", "drop")]
    with pytest.raises(
        DataError, match=r"2 mistakes.*\n.*:2: anna labelled this text 'drop' here and 'keep' in line 1\n.*:3: it lacks label"
    ):
        read_labels(write(tmp_path / "a.jsonl", *rows, {"text": "x"}))
    with pytest.raises(DataError, match=r"1,000 mistakes.*(\n.*){50}\n  and 950 more$"):
        refuse(["x"] * 1000, "here")
    refuse([], "here")


def test_two_people_may_label_one_text_in_two_ways(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.jsonl", [label("x"), label("x", "drop", "bert")])
    assert len(read_labels(tmp_path / "a.jsonl")) == 2


def test_a_file_that_is_none_or_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"ok\n\xe9t\xe9\n")
    with pytest.raises(DataError, match=r"latin\.csv:2: it is not UTF-8\.\n  In a spreadsheet choose: save as CSV UTF-8"):
        read_labels(tmp_path / "latin.csv")
    with pytest.raises(DataError, match="there is no such file"):
        read_labels(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="is a folder"):
        read_labels(tmp_path)


def test_labels_lie_where_git_keeps_them(tmp_path: Path) -> None:
    assert labels_file("mine", tmp_path) == tmp_path / "labels/mine.jsonl"
    write(tmp_path / "labels/b.jsonl")
    write(tmp_path / "labels/a.jsonl")
    assert named_labels(tmp_path) == ["a", "b"]
    ignored = (Path(__file__).resolve().parents[3] / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not [line for line in ignored if "labels" in line or "jsonl" in line]
