import io
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from assay.data.cleaning.drop import Drop
from assay.data.formats import format_of, is_document, read_bytes, read_records, split_lines
from assay.data.schema import SourceSchema
from assay.errors import DataError


def read(text: str, form: str, **source: Any) -> list[tuple[str, str | Drop]]:
    return list(read_records(text, form, SourceSchema(folder="f", **source), "place"))


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.txt", "txt"), ("A.TXT", "txt"), ("a.jsonl.gz", "jsonl"), ("d.e/a.csv", "csv"), ("a.py", "python"), ("a.png", None), ("a", None)],
)
def test_the_suffix_names_the_format(name: str, form: str | None) -> None:
    assert format_of(name, SourceSchema(folder="f")) == form


def test_a_declared_format_wins_over_the_suffix() -> None:
    assert format_of("a.txt", SourceSchema(folder="f", format="lines")) == "lines"


def test_lines_end_with_any_line_end_but_not_with_a_separator_inside_a_sentence() -> None:
    assert split_lines("a\r\nb\rc\nd\u2028e\x0cf\n") == ["a", "b", "c", "d\u2028e\x0cf"]
    assert split_lines("") == []
    assert split_lines("a\n\n") == ["a", ""]


def test_each_line_is_a_document_empty_ones_too_so_that_counts_add_up() -> None:
    assert read("a\n\nb\n", "lines") == [("1", "a"), ("2", ""), ("3", "b")]


def test_a_row_joins_its_fields_in_their_order_and_lists_by_lines() -> None:
    text = '{"text": ["x", "y"], "title": "t"}\n'
    assert read(text, "jsonl", text_fields=["title", "text"]) == [("1", "t\nx\ny")]


def test_of_several_fields_in_a_row_one_is_enough() -> None:
    assert read('{"a": null, "b": "x"}', "jsonl", text_fields=["a", "b"]) == [("1", "x")]


def test_each_field_can_be_a_document() -> None:
    assert read('{"a": "x", "b": "y"}', "jsonl", text_fields=["a", "b"], document="field") == [("1.a", "x"), ("1.b", "y")]


def test_where_each_field_is_a_document_none_may_be_missing() -> None:
    with pytest.raises(DataError, match=r"place:1: no field 'b'; the record has 'a'"):
        read('{"a": "x"}', "jsonl", text_fields=["a", "b"], document="field")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ('{"text": "x"', "not JSON"),
        ('{"txt": "x"}', "no field 'text'; the record has 'txt'"),
        ('{"text": 3}', "holds int, expected text"),
        ('{"text": ["a", 1]}', "holds list, expected text"),
        ('{"text": "a", "text": "b"}', "a key occurs twice"),
        ('["a"]', "expected a record"),
        ('{"text": ' + "9" * 5000 + "}", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_in_the_middle_stops_with_its_number(bad: str, words: str) -> None:
    with pytest.raises(DataError, match="place:3: ") as found:
        read(f'{{"text": "x"}}\n\n{bad}\n{{"text": "y"}}\n', "jsonl")
    assert words in str(found.value)


def test_json_holds_one_record_or_a_list() -> None:
    assert read('{"text": "a"}', "json") == [("1", "a")]
    assert read('[{"text": "a"}, {"text": "b"}]', "json") == [("1", "a"), ("2", "b")]


def test_csv_and_tsv_take_the_named_column() -> None:
    assert read('id,text\n1,"a, ""b""\nc"\n2,d\n', "csv") == [("1", 'a, "b"\nc'), ("2", "d")]
    assert read("text\tid\na b\t1\n", "tsv") == [("1", "a b")]


@pytest.mark.parametrize("text", ["id,text\n1\n", "id,text\n1,a,b\n"])
def test_a_csv_row_of_another_width_stops_with_its_line(text: str) -> None:
    with pytest.raises(DataError, match=r"place:2: expected 2 fields"):
        read(text, "csv")


def test_parquet_reads_only_text_columns() -> None:
    stream = io.BytesIO()
    parquet.write_table(arrow.table({"text": ["a", None, "b"], "n": [1, 2, 3], "other": ["x", "y", "z"]}), stream)
    source = SourceSchema(folder="f", text_fields=["text", "other"])
    assert list(read_bytes(stream.getvalue(), "parquet", source, "place")) == [("1", "a\nx"), ("2", "y"), ("3", "b\nz")]
    with pytest.raises(DataError, match=r"no column 'body'; it has 'text', 'n', 'other'"):
        list(read_bytes(stream.getvalue(), "parquet", SourceSchema(folder="f", text_fields=["body"]), "place"))
    with pytest.raises(DataError, match="no parquet file"):
        list(read_bytes(b"PAR1 no", "parquet", source, "place"))


def test_html_mail_wiki_and_warc_are_read_from_bytes_by_their_fields() -> None:
    source = SourceSchema(folder="f", text_fields=["title", "text"])
    assert list(read_bytes(b"<title>t</title><p>x</p>", "html", source, "place")) == [("1", "t\nx")]
    assert list(read_bytes(b"Subject: s\n\nx", "mail", SourceSchema(folder="f", text_fields=["subject"]), "place")) == [("1", "s")]
    assert list(read_bytes(b"x", "mbox", source, "place")) == [("1", Drop("no_mailbox"))]
    with pytest.raises(DataError, match="record 1: no field 'body'; the record has 'title', 'text'"):
        list(read_bytes(b"<p>x", "html", SourceSchema(folder="f", text_fields=["body"]), "place"))


@pytest.mark.parametrize("page", [b"<title>t</title><a></a>", b"", b"<title>t</title><p>&nbsp;</p>"])
def test_a_page_without_text_is_dropped_and_not_kept_as_its_title(page: bytes) -> None:
    wanted, title = SourceSchema(folder="f", text_fields=["title", "text"]), SourceSchema(folder="f", text_fields=["title"])
    assert list(read_bytes(page, "html", wanted, "place")) == [("1", Drop("no_text"))]
    assert [record for record, _ in read_bytes(page, "html", title, "place")] == ["1"]


@pytest.mark.parametrize(("name", "form"), [("a.xhtml", "xhtml"), ("a.XHT.gz", "xhtml"), ("a.html", "html")])
def test_a_file_named_as_xhtml_is_read_as_xml_where_html_is_declared_too(name: str, form: str) -> None:
    assert [format_of(name, SourceSchema(folder="f", format=given)) for given in ("auto", "html")] == [form, form]


def test_a_catalogue_gives_its_source_its_translation_or_both() -> None:
    catalogue = b'msgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n'
    found = {
        fields: list(read_bytes(catalogue, "po", SourceSchema(folder="f", text_fields=list(fields)), "place"))
        for fields in [("source",), ("source", "translation")]
    }
    assert found == {("source",): [("1", "a"), ("4", "c")], ("source", "translation"): [("1", "a\nb"), ("4", Drop("untranslated"))]}


def test_a_broken_entry_of_a_catalogue_stops_with_its_line_or_is_one_of_the_bad_records_that_are_allowed() -> None:
    catalogue = b'msgid "a"\nmsgstr "b"\n\nmsgid c\nmsgstr "d"\n'
    with pytest.raises(DataError, match="place:4: expected msgid"):
        list(read_bytes(catalogue, "po", SourceSchema(folder="f", text_fields=["source"]), "place"))
    source = SourceSchema(folder="f", text_fields=["source"], bad_records=0.5)
    assert list(read_bytes(catalogue, "po", source, "place")) == [("1", "a"), ("4", Drop("bad_record"))]


@pytest.mark.parametrize(
    ("name", "form"), [("a.html.zst", "html"), ("a.warc.gz", "warc"), ("a.po.bz2", "po"), ("a.eml", "mail"), ("a.zip", None)]
)
def test_a_packed_file_has_the_format_of_what_it_holds(name: str, form: str | None) -> None:
    assert format_of(name, SourceSchema(folder="f")) == form


def test_of_a_saved_data_set_only_its_tables_are_documents() -> None:
    source = SourceSchema(folder="f", format="dataset")
    assert format_of("train/data-00000-of-00001.arrow", source) == "arrow"
    assert [is_document(name, source) for name in ("train/data.arrow", "a.parquet", "state.json", "dataset_info.json", "README.md")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_table_is_read_with_the_column_that_names_its_rows() -> None:
    table = arrow.table({"text": ["a", "b"], "id": ["x", "y"], "other": [1, 2]})
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    source = SourceSchema(folder="f", id_field="id")
    assert list(read_bytes(sink.getvalue(), "parquet", source, "p")) == [("x", "a"), ("y", "b")]
