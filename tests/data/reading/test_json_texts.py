import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.cleaning.decoding import well_formed
from assay.data.cleaning.drop import Drop
from assay.data.formats import split_lines
from assay.data.reading.json_lines import read_jsonl
from assay.data.reading.json_texts import read_json_texts
from assay.data.schema import SourceSchema
from assay.errors import DataError


def strict(content: bytes, source: SourceSchema) -> tuple[list[tuple[str, str]], list[tuple[str, str]]] | str:
    try:
        found = list(read_jsonl(split_lines(content.decode().removeprefix("\ufeff")), 5, source, "place"))
    except DataError as error:
        return str(error)
    checked = [(name, text if isinstance(text, Drop) else well_formed(text)) for name, text in found]
    kept = [(name, text) for name, text in checked if isinstance(text, str)]
    return kept, [(name, text.reason) for name, text in checked if isinstance(text, Drop)]


def fast(content: bytes, source: SourceSchema) -> tuple[list[tuple[str, str]], list[tuple[str, str]]] | str:
    try:
        found = read_json_texts(content, source, "place", 5)
    except DataError as error:
        return str(error)
    return [(found.record(number), text) for number, text in enumerate(found.batch.texts())], found.drops


def assert_same(content: bytes, **source: Any) -> None:
    for document in ("row", "field"):
        for bad_records in (0.0, 1.0):
            declared = SourceSchema(folder="f", document=document, bad_records=bad_records, **source)  # type: ignore[arg-type]
            assert fast(content, declared) == strict(content, declared)


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
    '{"text": "a", "n": ' + "9" * 4400 + "}",
    '{"text": "a"} x',
    '{"text": "a"},',
    '{"text": "a",}',
    '{"text": "tab\there"}',
    '{"text": "bad \\x escape"}',
    '{"text": "cut',
    '{"text"',
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
def test_each_kind_of_line_is_read_as_the_strict_reader_does(line: str) -> None:
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
def test_any_records_are_read_as_the_strict_reader_does(records: list[Any], escaped: bool, end: str) -> None:
    content = end.join(json.dumps(record, ensure_ascii=escaped) for record in records)
    try:
        encoded = content.encode()
    except UnicodeEncodeError:
        return  # half a pair written as itself is no UTF-8
    assert_same(encoded, text_fields=["text", "a"])


@pytest.mark.fault("D10", inject="any signs at all (Hypothesis), by the compiled reader and the strict one")
@given(st.text(alphabet='{}[]":,\\u0041ntext \n\r1.-e\u4e2d', max_size=40))
@settings(deadline=None, max_examples=300)
def test_any_signs_are_read_as_the_strict_reader_does(signs: str) -> None:
    assert_same(('{"text": "a"}\n' + signs).encode())
    assert_same(('{"text": "' + signs).encode())
