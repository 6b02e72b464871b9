import io
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from assay.data.reading.tables import read_arrow, read_parquet
from assay.errors import DataError

TABLE = arrow.table({"text": ["a", None, "b"] * 500, "n": range(1500)})


def stream(table: arrow.Table) -> bytes:
    """As Hugging Face's `datasets` saves it: an Arrow stream of record batches."""
    sink = io.BytesIO()
    with arrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=700)
    return sink.getvalue()


def file(table: arrow.Table) -> bytes:
    sink = io.BytesIO()
    with arrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def test_all_forms_of_a_table_give_the_same_rows() -> None:
    sink = io.BytesIO()
    parquet.write_table(TABLE, sink)
    rows = list(read_parquet(sink.getvalue(), ["text", "none"], "place"))
    assert rows[:3] == [("1", {"text": "a"}), ("2", {"text": None}), ("3", {"text": "b"})]
    assert len(rows) == 1500
    assert rows == list(read_arrow(stream(TABLE), ["text"], "place")) == list(read_arrow(file(TABLE), ["text"], "place"))


@pytest.mark.parametrize("content", [b"", b"plain", b"ARROW1\0\0cut", stream(TABLE)[:300], file(TABLE)[:-20]])
def test_damage_is_named(content: bytes) -> None:
    with pytest.raises(DataError, match=r"place is no arrow file|place: no column"):
        list(read_arrow(content, ["text"], "place"))


def test_a_name_of_a_column_that_is_no_utf8_is_damage() -> None:
    sink = io.BytesIO()
    parquet.write_table(arrow.table({"text": ["a"], "column": [1]}), sink)
    spoilt = sink.getvalue().replace(b"column", b"c\xff\xffumn")
    for read, content in (
        (read_parquet, spoilt),
        (read_arrow, stream(arrow.table({"text": ["a"], "column": [1]})).replace(b"column", b"c\xff\xffumn")),
    ):
        with pytest.raises(DataError, match=r"place is no (parquet|arrow) file"):
            list(read(content, ["text"], "place"))


def test_a_missing_column_is_named_with_those_there_are() -> None:
    with pytest.raises(DataError, match="no column 'body'; it has 'text', 'n'"):
        list(read_arrow(stream(TABLE), ["body"], "place"))


def test_offsets_that_reach_outside_are_refused(tmp_path: Path) -> None:
    table = arrow.table({"text": ["first", "second", "third"]})
    content = bytearray(stream(table))
    place = content.find((5).to_bytes(4, "little") + (11).to_bytes(4, "little"))
    assert place > 0
    content[place + 4 : place + 8] = (2**30).to_bytes(4, "little")
    with pytest.raises(DataError, match="place is no arrow file"):
        list(read_arrow(bytes(content), ["text"], "place"))


def with_invalid_text(nested: bool = False) -> arrow.Table:
    """Three rows, the second of which holds a byte that is no UTF-8."""
    texts = arrow.Array.from_buffers(arrow.string(), 3, arrow.array([b"first", b"se\xffond", b"third"], arrow.binary()).buffers())
    return arrow.table({"text": arrow.StructArray.from_arrays([texts], ["inner"]) if nested else texts, "n": [1, 2, 3]})


@pytest.mark.fault("D20", inject="a text that is no UTF-8 among the rows of parquet and arrow")
def test_a_row_with_invalid_text_is_told_by_its_number_and_column() -> None:
    sink = io.BytesIO()
    parquet.write_table(with_invalid_text(), sink)
    for rows in (
        list(read_parquet(sink.getvalue(), ["text"], "place")),
        list(read_arrow(stream(with_invalid_text()), ["text"], "place")),
        list(read_arrow(file(with_invalid_text()), ["text"], "place")),
    ):
        assert [rows[0], rows[2]] == [("1", {"text": "first"}), ("3", {"text": "third"})]
        assert isinstance(rows[1][1], DataError)
        assert str(rows[1][1]).startswith("place: row 2: column 'text' holds bytes that are not UTF-8.\n  Found: se\\xffond")


@pytest.mark.fault("D20", inject="a column twice, and text in a field of a column")
def test_a_column_that_occurs_twice_is_refused_and_a_field_of_a_column_is_read() -> None:
    twice = arrow.table([["a"], ["b"]], names=["text", "text"])
    with pytest.raises(DataError, match=r"place: column 'text' occurs 2 times"):
        list(read_arrow(stream(twice), ["text"], "place"))
    sink = io.BytesIO()
    nested = arrow.table({"message": [{"content": "a"}, {"content": "b"}]})
    parquet.write_table(nested, sink)
    expected = [("1", {"message": {"content": "a"}}), ("2", {"message": {"content": "b"}})]
    assert list(read_parquet(sink.getvalue(), ["message.content"], "place")) == expected
    assert list(read_arrow(stream(nested), ["message.content"], "place")) == expected
