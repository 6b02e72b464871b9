"""JSON lines, and that the fast reader gives what a plain one by Python's json gives."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.cleaning.decoding import well_formed
from assay.data.cleaning.drop import Drop
from assay.data.formats import split_lines
from assay.data.reading.fields import texts_of
from assay.data.reading.json_lines import parse_json, read_jsonl
from assay.data.schema import SourceSchema
from assay.errors import DataError

BAD = ['{"text": "x"', '{"txt": "x"}', '{"text": 3}', '{"text": ' + "9" * 5000 + "}", '{"text": "a", "text": "b"}', "[" * 100_000]


def read(text: str | bytes, bad_records: float, **source: Any) -> list[tuple[str, str | Drop]]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(read_jsonl(content, 1, SourceSchema(folder="f", bad_records=bad_records, **source), "place"))


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
    assert list(read_jsonl(b'{"a": "x", "b": 1}', 1, source, "p")) == [("1", Drop("bad_record"))]


@pytest.mark.fault(
    "D16", inject="a line with a byte that is no UTF-8, a NUL, a cut character, a surrogate written as three bytes, between two good ones"
)
@pytest.mark.parametrize("wrong", [b"\xff", b"\x92", b"\xe4\xb8", b"\0", b"\xed\xa0\xbd\xed\xb8\x80"])
def test_a_line_that_is_no_text_stops_with_its_number_or_is_the_only_one_dropped(wrong: bytes) -> None:
    content = b'{"text": "\xe4\xb8\xad"}\n{"text": "a' + wrong + b'b"}\n{"text": "\xc3\xa9"}\n'
    with pytest.raises(DataError, match=r"place:2: ") as found:
        read(content, 0)
    assert wrong == b"\0" or f"\\x{wrong[0]:02x}" in str(found.value)
    drops = read(content, 0.5)
    assert drops == [("1", "\u4e2d"), ("2", Drop("bad_record")), ("3", "\u00e9")]
    assert isinstance(drops[1][1], Drop)
    assert "place:2" in drops[1][1].excerpt


def test_a_null_is_said_to_be_one() -> None:
    with pytest.raises(DataError, match=r"place:1: field 'text' is null, expected text(?s:.*)bad_records"):
        read('{"text": null}', 0)
    assert read('{"text": null}\n{"text": "a"}', 0.5) == [("1", Drop("bad_record")), ("2", "a")]


def plainly(content: bytes, source: SourceSchema) -> list[tuple[str, str | Drop]] | str:
    """Line by line through Python's json, which tells of a key that occurs twice."""
    found: list[tuple[str, str | Drop]] = []
    errors: list[str] = []
    read_lines = 0
    for number, line in enumerate(split_lines(content.decode().removeprefix("\ufeff")), 5):
        if not line.strip():
            continue
        read_lines += 1
        where = f"place:{number}"
        try:
            texts = list(texts_of(parse_json(line, where), str(number), source, where))
            found += [(name, well_formed(text)) for name, text in texts]
        except DataError as error:
            if source.bad_records == 0:
                return str(error)
            errors.append(str(error))
            found.append((str(number), Drop("bad_record")))
    return found


def quickly(content: bytes, source: SourceSchema) -> list[tuple[str, str | Drop]] | str:
    try:
        return list(read_jsonl(content, 5, source, "place"))
    except DataError as error:
        return str(error)


def assert_same(content: bytes, **source: Any) -> None:
    for document in ("row", "field"):
        for bad_records in (0.0, 1.0):
            declared = SourceSchema(folder="f", document=document, bad_records=bad_records, **source)  # type: ignore[arg-type]
            assert quickly(content, declared) == plainly(content, declared)


LINES = [
    '{"text": "a"}',
    '{"text": "\\u00e9\\n\\t\\"\\\\\\/\\b\\f\\r\\u4e2d\\ud83d\\ude00"}',
    '{"text": "half \\ud83d pair"}',
    '{"text": "\\udc00\\ud83d"}',
    '{"text": ["a", "b"]}',
    '{"text": null, "b": "x"}',
    '{"b": "x", "text": "y"}',
    '{"te\\u0078t": "escaped key"}',
    '{"text": "a", "text": "b"}',
    '{"x": {"a": 1, "a": 2}, "text": "a"}',
    '{"x": [{"a": 1}, {"a": 2}, [], {}], "text": "a", "b": "c"}',
    '{"text": 12}',
    '{"text": true}',
    '{"text": "a", "n": 1e5, "m": -0.5, "k": 0, "l": 1E+9}',
    '{"text": "a", "n": 01}',
    '{"text": "a", "n": .5}',
    '{"text": "a", "n": 1.}',
    '{"text": "a", "n": -}',
    '{"text": "a", "n": NaN}',
    '{"text": "a", "n": ' + "9" * 4200 + "}",
    '{"text": "a"} x',
    '{"text": "a"},',
    '{"text": "a",}',
    '{"text": "tab\there"}',
    '{"text": "bad \\x escape"}',
    '{"text": "cut',
    '{"text"',
    '{"text": "a", "te\\u0078t": "b"}',
    '{"text" : "a", "text" :"b\\":"}',
    '{"a\\\\": 1, "b": 2, "b": 3, "text": "x"}',
    '{"text": "he said \\"go\\" and \\\\\\"\\\\ went"}',
    '{"text": "a", "n": [{"k": "\\"", "k": "\\""}]}',
    "{}",
    "[]",
    "  ",
    "\u00a0",
    "3",
    '  {  "text"  :  "blanks"  }  ',
    '{"x": ' + "[" * 40 + "]" * 40 + ', "text": "deep"}',
    '{"x": ' + "[" * 100_000,
    json.dumps({**{f"k{number}": number for number in range(300)}, "text": "many keys"}),
    '{"": "", "text": ""}',
]


@pytest.mark.parametrize("line", LINES)
def test_each_kind_of_line_is_read_as_a_plain_reader_does(line: str) -> None:
    good = '{"text": "before", "b": "c"}'
    assert_same(f"{good}\n{line}\r\n\r{good}".encode(), text_fields=["text"])
    assert_same(f"{good}\n{line}\r\n\r{good}".encode(), text_fields=["text", "b"])


def test_a_byte_order_mark_and_an_empty_file_are_no_records() -> None:
    for content in (b"", b"\n\r\n\r", b'\xef\xbb\xbf{"text": "a"}'):
        assert_same(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "a", "b", "\u4e2d"]), inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=6), st.booleans(), st.sampled_from(["\n", "\r", "\r\n"]))
@settings(deadline=None)
def test_any_records_are_read_as_a_plain_reader_does(records: list[Any], escaped: bool, end: str) -> None:
    content = end.join(json.dumps(record, ensure_ascii=escaped) for record in records)
    try:
        encoded = content.encode()
    except UnicodeEncodeError:
        return  # half a pair written as itself is no UTF-8
    assert_same(encoded, text_fields=["text", "a"])


@pytest.mark.fault("D10", inject="any signs at all (Hypothesis), by the fast reader and a plain one")
@given(st.text(alphabet='{}[]":,\\u0041ntext \n\r1.-e\u4e2d', max_size=40))
@settings(deadline=None, max_examples=300)
def test_any_signs_are_read_as_a_plain_reader_does(signs: str) -> None:
    assert_same(('{"text": "a"}\n' + signs).encode())
    assert_same(('{"text": "' + signs).encode())


@pytest.mark.parametrize("part", [b'{"text": "a"}\n', b"[", b"{", b'{"a":', b"\n", b'{"text": "', b"\r", b'{"text": "\\""}\n'])
def test_time_is_linear(part: bytes) -> None:
    seconds = []
    for count in (30_000, 60_000):
        started = time.process_time()
        quickly(part * count, SourceSchema(folder="f", bad_records=1))
        seconds.append(time.process_time() - started)
    assert seconds[1] < 3.5 * seconds[0] + 0.1


def test_an_id_or_a_label_keeps_all_its_digits() -> None:
    line = b'{"text": "a", "id": 123456789012345678901234567890, "n": 123456789012345678901234567890}'
    assert list(read_jsonl(line, 1, SourceSchema(folder="f", id_field="id"), "p")) == [("123456789012345678901234567890", "a")]
    labelled = SourceSchema(folder="f", text_fields=["n"], label="field:n")
    assert list(read_jsonl(line, 1, labelled, "p")) == [("1", "123456789012345678901234567890")]
