"""Pages are decoded by what they declare, and their text comes from a library."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.html.page import PAGE_LIMIT_BYTES, read_fragment, read_page
from assay.data.reading.record import Change

PROSE = "A sentence of the article, long enough to be one that somebody wrote. " * 4


@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura"])
def test_a_page_has_its_title_and_its_main_text(extractor: str) -> None:
    page = f"<title>A &amp; b</title><nav><a href=/>Home</a></nav><article><p>{PROSE}</p></article>"
    assert read_page(page.encode(), extractor=extractor) == {"title": "A & b", "text": PROSE.strip()}


def test_html_that_is_no_page_is_read_as_a_whole() -> None:
    assert read_fragment("<div class=footer>Yours, <b>A</b></div>") == {"title": "", "text": "Yours, A"}


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("<meta charset=gb2312><p>\u4e2d\u6587</p>".encode("gb18030"), None),
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><p>\u2019\u00e9</p>'.encode("cp1252"), None),
        ("<p>\u4e2d\u6587</p>".encode("big5"), "Big5"),
        ("<meta charset=latin1><p>\u4e2d\u6587</p>".encode(), "utf-8"),
        ("<p>\u4e2d\u6587</p>".encode("utf-16"), None),
        ("<p>d\u00e9j\u00e0</p>".encode("cp1252"), None),
        ("<p>d\u00e9j\u00e0</p>".encode(), "no-such-charset"),
        ("<?xml version='1.0' encoding='gb2312'?><p>\u4e2d\u6587</p>".encode("gb18030"), None),
    ],
)
def test_the_charset_is_that_of_the_mark_the_transport_or_the_page(content: bytes, charset: str | None) -> None:
    found = read_page(content, charset)
    assert isinstance(found, dict)
    assert found["text"] in ("\u4e2d\u6587", "d\u00e9j\u00e0", "\u2019\u00e9")


def test_bad_bytes_are_replaced_and_counted_and_change_nothing_else() -> None:
    changes: list[Change] = []
    page = "<meta charset=utf-8><p>\u00fcber d\u00e9j\u00e0 \u2019x\u2019</p>".encode().replace(b"x", b"\xe4\xff")
    assert read_page(page, record="7", changes=changes) == {"title": "", "text": "\u00fcber d\u00e9j\u00e0 \u2019\ufffd\u2019"}
    assert [(change.record, change.step, change.removed) for change in changes] == [("7", "undecodable_bytes", 2)]


def test_a_page_of_no_plausible_encoding_is_read_as_it_declares_unless_it_is_mostly_bad() -> None:
    changes: list[Change] = []
    page = b"<meta charset=utf-8><p>" + b"a word or two of text, " * 9 + b"\x81\xff\xfe</p>"
    found = read_page(page, changes=changes)
    assert isinstance(found, dict)
    assert found["text"].endswith("of text, \ufffd")
    assert [(change.step, change.removed) for change in changes] == [("undecodable_bytes", 3)]
    assert isinstance(read_page(b"<meta charset=utf-8>" + b"\x81\xff\xfe" * 99), Drop)


def test_an_encoding_that_nobody_declared_is_counted() -> None:
    changes: list[Change] = []
    text = "\u4eca\u5929\u4e0d\u4e0b\u96e8\u3002"
    assert read_page(f"<p>{text}</p>".encode("gb18030"), changes=changes) == {"title": "", "text": text}
    assert [change.step for change in changes] == ["decoded_from_gb18030"]


@pytest.mark.parametrize("charset", ["utf-8", None, "no-such-charset", "rot13", "utf-16"])
def test_a_page_in_utf8_is_no_change(charset: str | None) -> None:
    changes: list[Change] = []
    assert read_page("<p>d\u00e9j\u00e0</p>".encode(), charset, changes=changes) == {"title": "", "text": "d\u00e9j\u00e0"}
    assert changes == []


def test_xhtml_is_read_as_xml() -> None:
    page = b"<html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body><p>one<a id='x'/></p><p>two</p></body></html>"
    assert read_page(page, is_xhtml=True) == read_page(b"<?xml version='1.0'?>\n" + page) == {"title": "", "text": "one\n\ntwo"}


def test_a_page_above_the_limit_is_reported() -> None:
    assert read_page(b"x" * (PAGE_LIMIT_BYTES + 1)) == Drop("html_too_large")


MARKS = [*"<>/&;\"'= ax!-#", "<p>", "</p>", "<ul><li>", "<table>", "<td>", "<!--", "-->", "&lt", "<script>", "<?xml?>", "\u4e2d", "\0"]


@given(st.lists(st.sampled_from(MARKS), max_size=60), st.sampled_from(["resiliparse", "trafilatura", "all_text"]), st.booleans())
@settings(deadline=None)
def test_any_sequence_of_marks_gives_a_title_and_a_text(parts: list[str], extractor: str, is_xhtml: bool) -> None:
    found = read_page("".join(parts).encode(), None, extractor, is_xhtml)
    assert isinstance(found, dict)
    assert found.keys() == {"title", "text"}


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_crash_it(content: bytes) -> None:
    found = read_page(content)
    assert isinstance(found, dict) or found.reason in ("undecodable", "nul_bytes")
