"""Pages are decoded by what they declare, and their text comes from a library."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.html.page import PAGE_LIMIT_BYTES, page_characters, python_name, read_fragment, read_page

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
    found = page_characters(content, charset)
    assert isinstance(found, str)
    assert "\u4e2d\u6587" in found or "d\u00e9j\u00e0" in found or "\u2019\u00e9" in found


@pytest.mark.parametrize("name", ["rot13", "base64", "idna", "unicode_escape", "zip", "utf-16", "", "x" * 500, "\0"])
def test_a_declared_charset_that_is_none_of_text_is_not_used(name: str) -> None:
    assert python_name(name) is None


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
    assert isinstance(found, dict) or found == Drop("undecodable")
