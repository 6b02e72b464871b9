import pytest

from assay.data.cleaning.drop import Drop
from assay.data.formats import split_lines
from assay.data.reading.json_lines import read_jsonl
from assay.data.schema import SourceSchema
from assay.errors import DataError

BAD = ['{"text": "x"', '{"txt": "x"}', '{"text": 3}', '{"text": ' + "9" * 5000 + "}", '{"text": "a", "text": "b"}', "[" * 100_000]


def read(text: str, bad_records: float) -> list[tuple[str, str | Drop]]:
    return list(read_jsonl(split_lines(text), 1, SourceSchema(folder="f", bad_records=bad_records), "place"))


@pytest.mark.fault("D10", inject="each kind of bad line between two good ones, lines ended by CR alone")
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_stops_the_strict_reader_and_is_one_counted_drop_of_the_lenient(bad: str) -> None:
    text = f'{{"text": "a"}}\r{bad}\r{{"text": "b"}}\r'
    with pytest.raises(DataError, match="place:2"):
        read(text, 0)
    assert read(text, 0.5) == [("1", "a"), ("2", Drop("bad_record")), ("3", "b")]


def test_more_bad_lines_than_declared_stop_with_the_first_and_the_counts() -> None:
    text = '{"text": "a"}\n{"text": 1}\n{"text": 2}\n'
    assert len(read(text, 0.67)) == 3
    with pytest.raises(DataError, match=r"place:2: field 'text' holds int(?s:.*)2 of 3 records are bad, more than `bad_records: 0.5`"):
        read(text, 0.5)


def test_of_a_bad_record_no_field_is_kept() -> None:
    source = SourceSchema(folder="f", bad_records=1, text_fields=["a", "b"], document="field")
    assert list(read_jsonl(['{"a": "x", "b": 1}'], 1, source, "p")) == [("1", Drop("bad_record"))]
