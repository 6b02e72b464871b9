"""Rows of .csv and .tsv: which are joined over line ends, and that messages name the line in which a bad row begins."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.reading.csv_rows import read_rows
from assay.errors import DataError


def rows(text: str, form: str = "csv") -> list[object]:
    """Each row's text; of a bad one the message's first line."""
    found = [record for _, record in read_rows(text, form, "place")]
    return [str(record).partition("\n")[0] if isinstance(record, DataError) else record["text"] for record in found]  # type: ignore[index]


def test_a_quoted_field_may_hold_line_ends_in_both_formats() -> None:
    assert rows('id,text\n1,"a, ""b""\nc"\n2,d\n') == ['a, "b"\nc', "d"]
    assert rows('id\ttext\n1\t"a\nc"\n2\td\n', "tsv") == ["a\nc", "d"]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ('text\tid\n"Go on\t1\nand stop"\t2\nlast\t3\n', ['"Go on', 'and stop"', "last"]),
        ('id\ttext\n1\t"Go on\n2\tgone\n3\tstop"\n', ['"Go on', "gone", 'stop"']),
        ('id\ttext\n1\t"Go," he said\n2\tb\n', ['"Go," he said', "b"]),
        ('id\ttext\n1\ta\n2\t"open\n', ["a", '"open']),
        ('text\n"Go on\nand stop"\n', ['"Go on', 'and stop"']),
        ('id\ttext\n1\t5" pipe\n2\t"done"\n', ['5" pipe', "done"]),
    ],
)
def test_rows_of_a_tsv_without_quoting_are_not_joined(text: str, texts: list[str]) -> None:
    assert rows(text, "tsv") == texts


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('id,text\n1,a\n2,"b" c\n3,d\n', 3),
        ('id,text\n1,a\n\n2,"b\nb" c\n3,d\n', 4),
        ('id,text\n1,a\n2,"b\n', 3),
        ("id,text\n1,a\n2\n3,d\n", 3),
        ("id,text\n1,a\n2,b,c\n", 3),
        ("id,text\r1,a\r2,b,c\r", 3),
    ],
)
def test_a_bad_row_is_named_by_the_line_in_which_it_begins_and_the_next_line_is_read(text: str, line: int) -> None:
    found = rows(text)
    assert found[0] == "a"
    assert str(found[1]).startswith(f"place:{line}: ")
    assert ("d" in found) == ("3,d" in text)


def test_a_header_alone_or_nothing_has_no_rows() -> None:
    assert rows("id,text\n") == rows("") == rows("\n\n") == []


@given(st.text(alphabet='a",\t\n\r', max_size=40), st.sampled_from(["csv", "tsv"]))
def test_any_text_gives_rows_or_messages_that_name_an_existing_line(text: str, form: str) -> None:
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) + 1
    try:
        found = [record for _, record in read_rows("text\n" + text, form, "place")]
    except DataError:
        return
    for record in found:
        assert isinstance(record, dict) or 2 <= int(str(record).split(":")[1]) <= lines


def test_many_bad_rows_take_linear_time() -> None:
    seconds = []
    for count in (20_000, 40_000):
        started = time.process_time()
        rows('id,text\n1,"a" b\n' + '2,"\n' * count)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 3.5 * seconds[0] + 0.1
