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
