import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.reading.wikitext import plain_text


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("'''Bold''' and ''italic''.", "Bold and italic."),
        ("[[Target|label]] and [[Target]] and [[Page#part]]s", "label and Target and Pages"),
        ("[http://a.org the site] [http://b.org]", "the site"),
        ("a{{cite|x={{y|[[z]]}}}}b{{{1|default}}}c", "abc"),
        ("{| class=x\n|-\n| a || b\n{|\n|c\n|}\n|}after", "after"),
        ("a<ref name=x>note [[b]]</ref>c<ref name=x />d<!-- e -->f", "acdf"),
        ("[[File:A.jpg|thumb|A [[caption]] here]]text[[Category:B]][[de:Seite]]", "text"),
        ("== Head ==\ntext\n* one\n** two\n# three\n", "Head\n\ntext\n- one\n- two\n- three"),
        ("&amp;lt;&nbsp;&eacute;", "&lt; \u00e9"),
        ("<nowiki>[[as it is]]</nowiki> x<br/>y", "[[as it is]] x\ny"),
        ("Albedo ({{IPA|x}}) is ({{a}}, {{b}}) (light)", "Albedo is (light)"),
        ("a | b __NOTOC__", "a | b"),
        ("5 < 6 and <math>x</math>", "5 < 6 and"),
        ("{{open [[link", ""),
        ("a]] }} |} b", "a]]  | b"),
    ],
)
def test_marks_go_and_readable_words_stay(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


MARKS = [
    "{{",
    "}}",
    "{{{",
    "}}}",
    "[[",
    "]]",
    "[",
    "]",
    "[http://",
    "{|",
    "|}",
    "|",
    "<ref>",
    "</ref>",
    "<!--",
    "-->",
    "''",
    "=",
    "x",
    "<nowiki>",
    "</nowiki>",
]


@given(st.lists(st.sampled_from([*MARKS, "\n", " "]), max_size=40))
def test_any_sequence_of_marks_ends(parts: list[str]) -> None:
    assert isinstance(plain_text("".join(parts)), str)


@pytest.mark.parametrize("mark", [*MARKS, "<b ", "[[File:", "= ", "x\n", "[http://a ", "(", "__A", "* ", "&amp;"])
def test_time_is_linear_whatever_is_left_open(mark: str) -> None:
    seconds = []
    for count in (50_000, 100_000):
        started = time.process_time()
        plain_text(mark * count)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 3.5 * seconds[0] + 0.1
