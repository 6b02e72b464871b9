"""What the libraries are asked for, and the form in which XHTML is given to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.html.extraction import ParserLimitError, all_text, html_of_xhtml, resiliparse_text, trafilatura_text

PROSE = "A sentence of the article, long enough to be one that somebody wrote. " * 4
PAGE = f"""<html><head><title>The &amp; title</title><style>p {{}}</style><script>var a = "<p>no</p>"</script></head><body>
<nav><a href=/>Home</a> <a href=/b>Archive</a></nav><article><h1>Head</h1><p>{PROSE}</p><p>{PROSE[:70]}</p></article>
<aside><a href=x>Other stories</a></aside><div class="comments"><p>I disagree</p></div><footer>All rights reserved</footer></body></html>"""
XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html>'


@pytest.mark.parametrize("extract", [resiliparse_text, trafilatura_text])
def test_the_article_stays_and_what_surrounds_it_goes(extract) -> None:
    title, text = extract(PAGE)
    assert title == "The & title"
    assert text.count("A sentence of the article") == 5
    assert "Head" in text
    assert not any(word in text for word in ("Home", "Other stories", "I disagree", "All rights", "no<", "var a"))


@pytest.mark.parametrize("extract", [resiliparse_text, trafilatura_text])
def test_code_keeps_its_lines(extract) -> None:
    page = f"<article><p>{PROSE}</p><pre>if x:\n    y &amp;&amp; z</pre><p>{PROSE}</p></article>"
    assert "if x:\n    y && z" in extract(page)[1]


@pytest.mark.parametrize("extract", [resiliparse_text, trafilatura_text])
def test_rows_of_a_table_keep_their_lines(extract) -> None:
    page = f"<article><p>{PROSE}</p><table><tr><td>1 mile<td>2 miles<tr><td>3<td>4</table><p>{PROSE}</p></article>"
    lines = extract(page)[1].splitlines()
    assert any("1 mile" in line and "2 miles" in line for line in lines)


def test_a_page_without_main_content_is_read_as_a_whole() -> None:
    assert resiliparse_text("<ul><li>a<li>b<ol><li>c<li>d</ol></ul>")[1].split() == ["\u2022", "a", "\u2022", "b", "1.", "c", "2.", "d"]


@pytest.mark.parametrize("extract", [resiliparse_text, trafilatura_text, all_text])
@pytest.mark.parametrize("page", ["", "<html></html>", "<!-- x -->", "<p> \n</p>", "<!DOCTYPE html>"])
def test_a_page_of_nothing_is_empty(extract, page: str) -> None:
    title, text = extract(page)
    assert (title, text.strip()) == ("", "")


@pytest.mark.parametrize("hidden", ["<p hidden>no</p>", "<p style='display:none'>no</p>", "<script>no</script>", "<!-- no -->"])
def test_what_no_reader_sees_is_no_text(hidden: str) -> None:
    assert all_text(f"<p>before</p>{hidden}<p>after</p>") == ("", "before\n\nafter")


@pytest.mark.fault("D9", inject="elements nested deeper than lxml reads, and an attribute longer than it reads")
def test_nesting_beyond_what_lxml_reads_is_reported() -> None:
    assert "deep" in trafilatura_text("<div>" * 200 + "deep " * 20)[1]
    for page in ("<div>" * 300 + "deep", "<b>" * 100_000, "<p title='" + "a" * 11_000_000 + "'>x</p>"):
        with pytest.raises(ParserLimitError):
            trafilatura_text(page)


@pytest.mark.parametrize("empty", ["<title/>", "<script src='x'/>", "<iframe/>", "<a id='x'/>", "<textarea/>", "<div/>", "<style/>"])
def test_an_element_that_xml_closes_at_once_takes_nothing_in(empty: str) -> None:
    page = html_of_xhtml(XHTML.format(f"<p>before</p>{empty}<p>after</p>"))
    assert all_text(page)[1] == "before\n\nafter"


def test_cdata_is_text_and_entities_of_html_are_characters() -> None:
    page = XHTML.format("<p>caf&eacute;&nbsp;&amp; <![CDATA[if a < b &eacute;]]>&#233;&NotEqualTilde;</p>")
    assert all_text(html_of_xhtml(page))[1] == "caf\u00e9\u00a0& if a < b &eacute;\u00e9\u2242\u0338"


def test_prefixes_of_namespaces_change_no_element() -> None:
    page = '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:body><h:script>no</h:script><h:p>a</h:p><h:p>b</h:p></h:body></h:html>'
    assert all_text(html_of_xhtml(page))[1] == "a\n\nb"


@pytest.mark.fault("D9", inject="XHTML whose entities hold entities, or name a file")
@pytest.mark.parametrize("definition", ['"&b;&b;&b;&b;">', 'SYSTEM "file:///etc/passwd">'])
def test_entities_that_a_page_defines_are_not_followed(definition: str) -> None:
    page = f'<!DOCTYPE html [<!ENTITY b "bomb"><!ENTITY a {definition}]>' + XHTML.format("<p>x &a; y</p>")
    assert all_text(html_of_xhtml(page))[1] == "x &a; y"


def test_what_is_not_well_formed_is_left_as_it_is() -> None:
    page = XHTML.format("<p>a<p>b")
    assert html_of_xhtml(page) == page


WORDS = st.text(st.characters(exclude_characters="<&\xa0", exclude_categories=("Cc", "Cs", "Z")), min_size=1)


@given(WORDS)
def test_words_come_out_as_they_went_in(words: str) -> None:
    assert all_text(f"<p>{words}</p>") == ("", words)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff<&"), min_size=1))
def test_xhtml_as_html_holds_the_same_words(words: str) -> None:
    page = XHTML.format(f"<p>{words}</p>")
    assert all_text(html_of_xhtml(page)) == all_text(page)
