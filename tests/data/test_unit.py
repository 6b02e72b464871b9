import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.schema import CleaningSchema
from assay.data.document import Outcome
from assay.data.schema import SourceSchema
from assay.data.sources import Unit
from assay.data.unit import clean_unit
from assay.errors import DataError

BASIC = CleaningSchema(encodings=["utf-8", "gb18030", "cp1252"], unicode_form="NFC")


def cleaned(content: bytes, path: str = "a.txt", cleaning: CleaningSchema = BASIC, **source: object) -> Outcome:
    return clean_unit(Unit(0, path, content), SourceSchema(folder="f", **source), cleaning)  # type: ignore[arg-type]


def texts(outcome: Outcome) -> list[str]:
    return [document.text for document in outcome.kept]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"ab\0cd", "nul_bytes"),
        (b"\xff\xfe\x00", "undecodable"),
        (b"\xef\xbb\xbf", "empty"),
        (("a" + "\u0301" * 2000).encode(), "combining_marks"),
    ],
)
def test_a_hostile_file_is_one_document_dropped_with_its_reason(content: bytes, reason: str) -> None:
    outcome = cleaned(content)
    assert outcome.kept == []
    assert outcome.read_documents == 1
    assert outcome.dropped == {reason: 1}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("😀😀😀".encode(), "😀😀😀"),
        ("שלום עולם".encode(), "שלום עולם"),
        ("می\u200cخواهم".encode(), "می\u200cخواهم"),
        (b"a\r\nb\r\n", "a\nb"),
        ("\ufeffhello".encode(), "hello"),
        ("hello".encode("utf-16"), "hello"),
        ("e\u0301tude".encode(), "\u00e9tude"),
        (b"look <|endoftext|> here", "look <|endoftext|> here"),
    ],
)
def test_unusual_text_is_kept(content: bytes, text: str) -> None:
    assert texts(cleaned(content)) == [text]


def test_a_file_of_unknown_format_is_counted() -> None:
    assert cleaned(b"\x89PNG", "a.png").dropped == {"unknown_format": 1}


def test_a_half_surrogate_of_one_record_drops_that_record_only() -> None:
    outcome = cleaned(b'{"text": "a\\ud83d"}\n{"text": "\\ud83d\\ude00 fine"}\n', "a.jsonl")
    assert texts(outcome) == ["😀 fine"]
    assert outcome.dropped == {"lone_surrogate": 1}


def test_a_plain_text_is_cut_and_its_passages_numbered() -> None:
    content = "\n\n".join("verse " * 10 for _ in range(8)).encode()
    outcome = cleaned(content, cleaning=CleaningSchema(passage_bytes=128))
    assert [document.record for document in outcome.kept] == [f"1.{number}" for number in range(1, len(outcome.kept) + 1)]
    assert len({document.id for document in outcome.kept}) == len(outcome.kept) >= 4


def test_null_passage_bytes_keeps_a_text_whole() -> None:
    assert len(cleaned(b"a\n\n" * 200, cleaning=CleaningSchema(passage_bytes=None)).kept) == 1


def test_the_frame_of_a_source_is_cut_and_its_characters_counted() -> None:
    frame = "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n"
    outcome = cleaned(f"{frame}the play".encode(), boilerplate="gutenberg")
    assert texts(outcome) == ["the play"]
    assert outcome.removed_characters["boilerplate"] == len(frame)


def test_changes_are_counted_by_step() -> None:
    outcome = cleaned('{"text": "a \\r\\nb"}\n{"text": "cd"}\n{"text": "e\\u0301e"}'.encode("cp1252"), "a.jsonl")
    assert {step: count for step, count in outcome.changed.items() if count} == {"whitespace": 1, "unicode_form": 1}
    assert cleaned("où".encode("cp1252"), cleaning=CleaningSchema(encodings=["utf-8", "cp1252"])).changed["decoded_from_cp1252"] == 1


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.py", "a.unknown"]), st.sampled_from(["auto", "lines"]))
def test_no_bytes_crash_it_and_every_document_is_kept_or_dropped(content: bytes, path: str, form: str) -> None:
    outcome = cleaned(content, path, format=form)
    assert outcome.read_documents == len(outcome.kept) + sum(outcome.dropped.values())
    for document in outcome.kept:
        document.text.encode()


def test_large_inputs_cost_linear_time() -> None:
    for content in (b"word " * 1_000_000, b"line\n" * 1_000_000, b"\n" * 5_000_000):
        outcome = cleaned(content, cleaning=CleaningSchema())
        assert outcome.read_documents == len(outcome.kept) + sum(outcome.dropped.values())


def test_a_record_that_cant_be_read_is_counted_and_the_others_are_kept() -> None:
    outcome = cleaned(b'{"text": "good one"}\n{"text": 3}\n', "a.jsonl", bad_records=0.5)
    assert texts(outcome) == ["good one"]
    assert outcome.dropped == {"bad_record": 1}
    assert outcome.read_documents == 2


def test_the_recipe_chooses_the_library_for_pages() -> None:
    page = b"<div>" * 300 + b"deep"
    assert texts(cleaned(page, "a.html")) == ["deep"]
    assert cleaned(page, "a.html", CleaningSchema(html="trafilatura")).dropped == {"html_too_deep": 1}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.jsonl", b'{"text": "one", "id": 1}\n{"id": 2, "text": "two"}\n'),
        ("b.csv", b"id,text\n1,one\n2,two\n"),
        ("c.json", b'[{"text": "one", "id": 1}, {"text": "two", "id": 2}]'),
    ],
)
def test_records_with_names_of_their_own_are_the_same_documents_in_any_file(path: str, content: bytes) -> None:
    found = cleaned(content, path, id_field="id")
    assert [(document.path, document.record, document.text) for document in found.kept] == [("", "1", "one"), ("", "2", "two")]
    assert found.kept == cleaned(b'{"text": "one", "id": 1}\n\n{"text": "two", "id": 2}', "other/file.jsonl", id_field="id").kept
    assert found.kept != cleaned(content, path).kept


def test_a_record_that_cant_be_read_cites_its_file_and_line_though_others_have_names() -> None:
    found = cleaned(b'{"text": "one", "id": 1}\n{"text": "two"}\n', "a.jsonl", id_field="id", bad_records=0.5)
    assert [(drop.path, drop.record) for drop in found.shown["bad_record"]] == [("a.jsonl", "2")]


@pytest.mark.fault("D16", inject="a bad byte, a cut character, a NUL in one record of a file in each format of records")
@pytest.mark.parametrize(
    ("path", "content", "kept"),
    [
        ("a.csv", b"id,text\n1,\xe4\xb8\xad\n2,a%sb\n3,\xc3\xa9\n", ["1", "3"]),
        ("a.tsv", b"id\ttext\n1\t\xe4\xb8\xad\n2\ta%sb\n3\t\xc3\xa9\n", ["1", "3"]),
        ("a.json", b'[{"text": "\xe4\xb8\xad"}, {"text": "a%sb"}, {"text": "\xc3\xa9"}]', ["1", "3"]),
        ("a.jsonl", b'{"text": "\xe4\xb8\xad"}\n{"text": "a%sb"}\n{"text": "\xc3\xa9"}\n', ["1", "3"]),
    ],
)
@pytest.mark.parametrize("wrong", [b"\xff", b"\xe2\x80", b"\0"])
def test_bad_bytes_of_one_record_drop_that_record_only(path: str, content: bytes, kept: list[str], wrong: bytes) -> None:
    broken = content.replace(b"%s", wrong)
    for encodings in (["utf-8"], ["auto"], ["utf-8", "gb18030", "cp1252"]):
        cleaning = CleaningSchema(encodings=encodings)  # type: ignore[arg-type]
        found = cleaned(broken, path, cleaning, bad_records=0.5)
        assert [(document.record, document.text) for document in found.kept] == [("1", "\u4e2d"), ("3", "\u00e9")]
        assert found.dropped == {"bad_record": 1}
        assert found.read_documents == 3
        with pytest.raises(DataError, match=rf"{path}(:[23]|: record 2)"):
            cleaned(broken, path, cleaning)


@pytest.mark.fault("D16", inject="lines of a text, one of them with a byte that is no UTF-8, and most of them")
def test_each_line_that_is_no_text_is_a_drop_of_its_own() -> None:
    found = cleaned(b"first\nsec\xffond\nth\xc3\xafrd\n", format="lines")
    assert texts(found) == ["first", "th\u00efrd"]
    assert [(drop.record, drop.reason, drop.excerpt) for drop in found.shown["undecodable"]] == [("2", "undecodable", "sec\\xffond")]
    mostly = cleaned(b"first\n" + b"caf\xe9\n" * 5, cleaning=CleaningSchema(encodings=["utf-8"]), format="lines")
    assert (mostly.read_documents, texts(mostly), mostly.dropped) == (6, ["first"], {"undecodable": 5})


def test_a_bad_spot_of_a_single_document_is_one_sign_and_a_counted_change() -> None:
    content = "Gr\u00fc\u00dfe aus Jever".encode() + b" \xff\xfe."
    found = cleaned(content)
    assert texts(found) == ["Gr\u00fc\u00dfe aus Jever \ufffd."]
    assert (found.changed["undecodable_bytes"], found.removed_characters["undecodable_bytes"]) == (1, 2)
    [change] = found.changes["undecodable_bytes"]
    assert "\\xff\\xfe" in change.before
    assert "\ufffd" in change.after


@pytest.mark.fault("D17", inject="a Python file in the encoding that its first lines name")
def test_a_python_file_is_read_by_the_encoding_that_it_names() -> None:
    content = "# coding: koi8-r\nname = '\u043f\u0430\u0440\u043e\u043c'\n".encode("koi8-r")
    found = cleaned(content, "a.py")
    assert texts(found) == ["# coding: koi8-r\nname = '\u043f\u0430\u0440\u043e\u043c'"]
    assert found.changed["decoded_from_koi8-r"] == 1
