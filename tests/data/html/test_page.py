import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
from assay.data.cleaning.drop import Drop
from assay.data.html.page import PAGE_LIMIT_BYTES, page_characters, python_name, read_fragment, read_page, read_pages

SRC = Path(__file__).resolve().parents[3] / "src"
PROSE = "A sentence of the article, long enough to be one that somebody wrote. " * 4


def text(page: str) -> str:
    found = read_page(page.encode())
    assert isinstance(found, dict)
    return found["text"]


def test_navigation_footer_and_cookie_note_go_and_the_article_stays() -> None:
    page = f"""<html><head><title>The &amp; title</title><style>p {{}}</style><script>var a = "<p>no</p>"</script></head><body>
    <div class="cookie-banner"><p>We use cookies.</p></div><ul id="main-nav"><li><a href=/>Home</a></ul>
    <article><h1>Head</h1><p>{PROSE}</p></article><aside>Other stories</aside><footer>All rights reserved</footer></body></html>"""
    assert read_page(page.encode()) == {"title": "The & title", "text": f"Head\n\n{PROSE.strip()}"}


def test_without_marks_a_run_of_links_is_a_menu_and_one_link_is_text() -> None:
    menu = "".join(f"<div><a href={number}>Page {number}</a></div>" for number in range(5))
    page = text(f"<body>{menu}<p>{PROSE}</p><p><a href=x>See the paper</a></p></body>")
    assert page == f"{PROSE.strip()}\n\nSee the paper"


def test_a_page_that_lies_in_one_aside_is_kept() -> None:
    assert text(f"<aside><p>{PROSE}</p></aside><p>x</p>").startswith("A sentence")


def test_the_heading_in_the_header_of_a_page_is_kept() -> None:
    assert text(f"<header><h1>Head</h1><p>Site</p></header><main><p>{PROSE}</p></main>").startswith("Head\n\nA sentence")


def test_lists_tables_and_code_stay_readable() -> None:
    assert text("<ul><li>a<li>b<ol><li>c<li>d</ol></ul>") == "- a\n- b\n  1. c\n  2. d"
    assert text("<table><tr><th>x<th>y<tr><td>1<td><p>2</p></table>") == "x | y\n1 | 2"
    assert text("<pre>\nif x:\n    y  &amp;&amp; z\n</pre><p>a<br>b</p>") == "if x:\n    y  && z\n\na\nb"
    assert text("<dl><dt>term<dd>meaning<dt>other<dd>one</dl>") == "term\nmeaning\nother\none"


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>no</p>",
        "<p style='color: red; DISPLAY : none'>no</p>",
        "<div style=visibility:hidden>no</div>",
        "<span aria-hidden=true>no</span>",
        "<a class=headerlink>no</a>",
        "<noscript>no</noscript>",
        "<svg><title>no</title></svg>",
        "<select><option>no</select>",
        "<!-- <p>no</p> -->",
        "<textarea><p>no</p></textarea>",
        "<template>no</template>",
    ],
)
def test_what_no_reader_sees_is_left_out(hidden: str) -> None:
    assert text(f"<p>before</p>{hidden}<p>after</p>") == "before\n\nafter"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("&eacute;&#233;&#xE9;", "ééé"),
        ("&copy 2020 &notit;", "© 2020 ¬it;"),
        ("&#150;&#0;&#xD800;&#99999999999;", "–\ufffd\ufffd\ufffd"),
        ("&unknown; & &; &#; &#x;", "&unknown; & &; &#; &#x;"),
        ("a&nbsp;&nbsp; b", "a b"),
        ("&NotEqualTilde;", "\u2242\u0338"),
        ("5 < 6 <", "5 < 6 <"),
        ("a\u00a0b", "a b"),
    ],
)
def test_entities_are_decoded_as_browsers_do(written: str, read: str) -> None:
    assert text(f"<p>{written}</p>") == read


def test_end_tags_that_html_lets_out_are_supplied_and_stray_ones_close_nothing() -> None:
    assert text("<p>one<p>two</b></span>three</div><div>four") == "one\n\ntwothree\n\nfour"
    assert text("<ul><li><b>a<li>b</ul><p>c") == "- a\n- b\n\nc"


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
    ],
)
def test_the_charset_is_that_of_the_mark_the_transport_or_the_page(content: bytes, charset: str | None) -> None:
    found = page_characters(content, charset)
    assert isinstance(found, str)
    assert "\u4e2d\u6587" in found or "d\u00e9j\u00e0" in found or "\u2019\u00e9" in found


@pytest.mark.parametrize("name", ["rot13", "base64", "idna", "unicode_escape", "zip", "utf-16", "", "x" * 500, "\0"])
def test_a_declared_charset_that_is_none_of_text_is_not_used(name: str) -> None:
    assert python_name(name) is None


@pytest.mark.fault("D9", inject="100,000 nested elements")
def test_nesting_beyond_256_is_reported_and_256_is_read() -> None:
    assert text("<div>" * 256 + "deep") == "deep"
    assert read_page(b"<div>" * 257 + b"deep") == Drop("html_too_deep")
    for tag in ("<div>", "<b>", "<table><tr><td>", "<ul><li>", "<x-y>", "<font>"):
        assert read_page(tag.encode() * 100_000) == Drop("html_too_deep")


def test_many_siblings_are_not_deep() -> None:
    assert text("<p>x" * 1000 + "<br>" * 1000 + "<img src=a>" * 1000).count("x") == 1000


def test_a_page_above_the_limit_is_reported() -> None:
    assert read_page(b"x" * (PAGE_LIMIT_BYTES + 1)) == Drop("html_too_large")


def test_pages_of_a_batch_are_those_read_one_by_one() -> None:
    pages = ["<title>a</title><p>one</p>", "", "<div>" * 300, "<p>two</p>"]
    titles, texts, deep = read_pages(TextBatch.of(pages))
    assert [*titles.texts()] == ["a", "", "", ""]
    assert [*texts.texts()] == ["one", "", "", "two"]
    assert deep.tolist() == [False, False, True, False]


@given(
    st.lists(
        st.sampled_from(
            [*"<>/&;\"'= ax!-#", "<p>", "</p>", "<ul><li>", "<table>", "<td>", "<!--", "-->", "&lt", "<script>", "\u4e2d", "\0"]
        ),
        max_size=60,
    )
)
@settings(deadline=None)
def test_any_sequence_of_marks_gives_well_formed_text(parts: list[str]) -> None:
    found = read_page("".join(parts).encode())
    assert isinstance(found, dict)
    assert found["text"].encode().decode() == found["text"] == found["text"].strip("\n")


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_crash_it(content: bytes) -> None:
    assert isinstance(read_page(content), dict | Drop)


@given(st.text(st.characters(exclude_characters="<&\xa0", exclude_categories=("Cc", "Cs", "Z")), min_size=1))
@settings(deadline=None)
def test_plain_words_come_out_as_they_went_in(words: str) -> None:
    assert read_fragment(f"<p>{words}</p>") == {"title": "", "text": words}


HOSTILE = {
    "ten_megabyte_attribute": b"<p title='" + b"a b " * 2_600_000 + b"'>x</p>",
    "class_of_many_words": b"<p class='" + b"nav " * 2_600_000 + b"'>x</p>",
    "unclosed_attribute": b"<p title='" + b"<p>x" * 2_600_000,
    "unclosed_comment": b"x<!--" + b"<!--" * 2_600_000,
    "unclosed_script": b"x<script>" + b"</scrip <script>" * 650_000,
    "a_million_empty_tags": b"<b></b>" * 1_000_000 + b"x",
    "a_million_stray_ends": b"<div>" * 200 + b"</b></p>" * 1_000_000,
    "entities": b"&lol9;" * 1_000_000 + b"&" * 1_000_000,
    "open_tags": b"<a " * 3_000_000,
    "list_items": b"<ol>" * 100 + b"<li>x" * 1_000_000,
    "doctype": b"<!DOCTYPE a [<!ENTITY b 'c'>" * 300_000,
}


@pytest.mark.fault(
    "D9", inject="an attribute of 10 MB, an unclosed comment and script, a million empty tags, entity bombs; each half and whole"
)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_pages_cost_linear_time(kind: str) -> None:
    """Twice the page may cost 3.5 times at most, above a noise of 0.05 s."""
    whole = HOSTILE[kind]
    seconds = []
    for content in (whole[: len(whole) // 2], whole):
        read_page(b"<p>warm</p>")
        started = time.process_time()
        assert isinstance(read_page(content), dict | Drop)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 3.5 * seconds[0] + 0.05
    assert seconds[1] < 5


@pytest.mark.fault("D9", inject="the same pages, in a process whose memory is measured")
@pytest.mark.slow
def test_hostile_pages_stay_within_memory(tmp_path: Path) -> None:
    """All of them in one child: beyond what numba itself takes, less than 600 MB for pages of 10 MB."""
    for kind, content in HOSTILE.items():
        (tmp_path / kind).write_bytes(content)
    code = f"""
import resource, sys
sys.path.insert(0, {str(SRC)!r})
from pathlib import Path
from assay.data.html.page import read_page
read_page(b"<p>warm</p>")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path({str(tmp_path)!r}).iterdir()):
    read_page(path.read_bytes())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert int(done.stdout) < 600
