import csv
import io
import json
from pathlib import Path

import pytest

from assay.data.annotation.forms import form_of, lines, table
from assay.data.annotation.sample import Sampled


def sampled(text: str, more: int = 0) -> Sampled:
    return Sampled("0" * 32, "1" * 32, "folder:mine", "a.txt", "1", text, more)


def test_the_suffix_chooses_the_form(labelling) -> None:
    ask = labelling().ask()
    assert form_of(Path("a.html"))([sampled("x")], ask).startswith(b"<!doctype html>")
    assert form_of(Path("a.csv")) is table
    assert form_of(Path("a.jsonl")) is lines


def test_lines_hold_an_empty_label_to_fill_in(labelling) -> None:
    (row,) = map(json.loads, lines([sampled("a\nb")], labelling().ask(annotator="anna")).decode().splitlines())
    assert row == {"id": "0" * 32, "text_hash": "1" * 32, "source": "folder:mine", "path": "a.txt", "record": "1", "text": "a\nb",
                   "more_characters": 0, "label": "", "annotator": "anna"}  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_is_given_no_formula(labelling, text: str) -> None:
    content = table([sampled(text)], labelling().ask()).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(content, newline=""))
    assert head == ["id", "text_hash", "label", "annotator", "source", "text"]
    assert row[5] == f"'{text}"


def test_a_table_says_where_a_text_is_cut_and_is_known_as_utf8(labelling) -> None:
    content = table([sampled('quo"te,\n\u4f60\u597d\0', 1234)], labelling().ask())
    assert content.startswith(b"\xef\xbb\xbf")
    _, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert row[5] == 'quo"te,\n\u4f60\u597d\ufffd [... 1,234 more characters]'
