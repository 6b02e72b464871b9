import pytest

from assay.data.cleaning.drop import Drop
from assay.data.reading.bad_records import texts_of_records
from assay.data.schema import SourceSchema
from assay.errors import DataError

RECORDS = [("1", {"text": "a"}), ("2", DataError("file:7: broken")), ("3", {"text": None}), ("4", Drop("redirect")), ("5", {"text": "b"})]


def read(bad_records: float) -> list[tuple[str, str | Drop]]:
    return list(texts_of_records(iter(RECORDS), SourceSchema(folder="f", bad_records=bad_records), "file: row "))


def test_the_first_bad_record_stops_unless_a_share_of_them_is_allowed() -> None:
    with pytest.raises(DataError, match="file:7: broken"):
        read(0)
    assert read(0.4) == [("1", "a"), ("2", Drop("bad_record")), ("3", Drop("bad_record")), ("4", Drop("redirect")), ("5", "b")]
    with pytest.raises(DataError, match=r"file:7: broken\n  2 of 5 records are bad, more than `bad_records: 0.3` allows"):
        read(0.3)


def test_a_bad_record_says_what_is_wrong_with_it() -> None:
    excerpts = [text.excerpt for _, text in read(1) if text == Drop("bad_record") and isinstance(text, Drop)]
    assert excerpts[0] == "file:7: broken"
    assert excerpts[1].startswith("file: row 3: field 'text' is null")
