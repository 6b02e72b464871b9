import time

import mwparserfromhell
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.reading.namespaces import HIDDEN_NAMES
from assay.data.reading.wikitext import NESTING_LIMIT, plain_text


def plain(wikitext: str) -> str:
    return plain_text(wikitext, HIDDEN_NAMES)[0]


def cut(wikitext: str) -> list[tuple[str, str]]:
    repairs = plain_text(wikitext, HIDDEN_NAMES)[1]
    return list(zip(repairs.before, repairs.after, strict=True))


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
        ("-{zh-hans:\u7f51;zh-hant:\u7db2}- -{A|zh-cn:\u4e00;zh-tw:\u4e8c}--{H|zh-cn:a;zh-tw:b}--{[[x|y]]}-", "\u7f51 \u4e00y"),
        ("[[\u0424\u0430\u0439\u043b:a.jpg|x]][[Th\u1ec3_lo\u1ea1i:b]][[:Category:c]]", "Category:c"),
        ("x<pre>{{[[</pre>y", "x\n{{[[y"),
        ("if a <q b> c <q7> d", "if a  c <q7> d"),
    ],
)
def test_marks_go_and_readable_words_stay(wikitext: str, text: str) -> None:
    assert plain(wikitext) == text


AFTER = "\n\nNext [[one|1]].\n\n== Two ==\n3{{t}}"


@pytest.mark.fault(
    "D19", inject="templates, tables, links, references and other tags that are never closed, or by another name, in any case of letters"
)
@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("a {{ b", "a {{ b"),
        ("a {{{ b", "a {{{ b"),
        ("a {{ b\n\nc}} d", "a {{ b\n\nc}} d"),
        ("{{box\n| a = [[b]]\n|c=d\n\nText.", "Text."),
        ("the set {|n| > 2}", "the set {|n| > 2}"),
        ("{|n| > 2} is a set", "{|n| > 2} is a set"),
        ("{| {{style|a}} class=b\n| c\n|}\nText.", "Text."),
        ("{|\n|-\n| a\nb\n\n| c\n\nText.", "Text."),
        ("{|\n| {{t\n|}\nText.", "Text."),
        ("a<REF name=b>c</Ref>d<ReF Name=b />", "ad"),
        ("a<ref>b c<ref>d</ref>e", "ab ce"),
        ("a<ref>b", "ab"),
        ("a <Math>x</MATH>b", "a b"),
        ("a<ce>b</cell>c", "ab</cell>c"),
        ("a [[b c", "a [[b c"),
        ("a [[b\n\nc]] d", "a [[b\n\nc]] d"),
        ("a [[b [[c|d]]", "a [[b d"),
        ("a {{t|[[b}} c", "a  c"),
        ("a]] }} b", "a]] }} b"),
        ("a [http://b.c d", "a [http://b.c d"),
        ("a <nowiki>b", "a b"),
        ("a <gallery> b", "a  b"),
    ],
)
def test_what_is_never_closed_hides_none_of_the_rest(wikitext: str, text: str) -> None:
    assert plain(wikitext + AFTER) == f"{text}\n\nNext 1.\n\nTwo\n\n3"


@pytest.mark.fault("D19", inject="parameters, cells and comments that are cut with what is never closed")
@pytest.mark.parametrize(
    ("wikitext", "repairs"),
    [
        ("a {{t}} [[b]] {|c|} <ref>d</ref>", []),
        ("a {{ b", [("{{ b", "{{ b")]),
        ("{{box\n| a = b\nc", [("{{box\n| a = b\n", "")]),
        ("{|\n| a\n\nc", [("{|\n| a\n", "")]),
        ("a <!-- b", [("<!-- b", "")]),
        ("a <timeline>", [("<timeline>", "<timeline>")]),
        ("a }} b", [("}} b", "}} b")]),
        ("a\n|}\nb", [("|}", "")]),
    ],
)
def test_what_is_never_closed_is_reported_with_what_was_cut(wikitext: str, repairs: list[tuple[str, str]]) -> None:
    assert cut(wikitext) == repairs


def test_marks_beyond_the_limit_of_nesting_are_text_and_reported() -> None:
    deep = NESTING_LIMIT + 1
    assert plain("[[" * deep + "a") == "[[" * deep + "a"
    assert cut("[[" * deep + "a")


WHOLE = [
    "one ",
    "two\n\n",
    "{{t}} ",
    "{{t|a={{u|[[x|y]]}}}} ",
    "[[three]]s ",
    "[[x|four]] ",
    "''five'' ",
    "[http://a.b six] ",
    "<b>seven</b> ",
]


@given(st.lists(st.sampled_from(WHOLE), max_size=12))
def test_whole_markup_reads_as_mwparserfromhell_reads_it(parts: list[str]) -> None:
    text = "".join(parts)
    assert plain(text).split() == mwparserfromhell.parse(text).strip_code().split()


@given(st.lists(st.sampled_from(["{{a|", "}}", "[[b|", "]]", "\n{|\n", "\n|}\n", "<ref>", "</ref>", "\n\n", "''"]), max_size=20))
def test_words_vanish_only_inside_of_what_is_closed_or_reported(marks: list[str]) -> None:
    words = [f"w{number}" for number in range(len(marks) + 1)]
    text = "".join(f"{mark} {word} " for mark, word in zip(["", *marks], words, strict=True))
    seen = plain(text) + "".join(before for before, _ in cut(text))
    is_closed = any(mark in marks for mark in ("}}", "]]", "\n|}\n", "</ref>"))
    assert is_closed or all(word in seen for word in words)


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
    assert isinstance(plain("".join(parts)), str)


@pytest.mark.fault("D19", inject="100,000 marks that are never closed")
@pytest.mark.parametrize(
    "mark",
    [
        *MARKS,
        "{{a|",
        "\n{|\n|",
        "<ref/>",
        "<ref>{{",
        "-{",
        "{{a\n|b\n",
        "\n\n! b",
        "<b ",
        "[[File:",
        "= ",
        "x\n",
        "[http://a ",
        "(",
        "__A",
        "* ",
        "&amp;",
    ],
)
def test_time_is_linear_whatever_is_left_open(mark: str) -> None:
    seconds = []
    for count in (50_000, 100_000):
        started = time.process_time()
        plain(mark * count)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 3.5 * seconds[0] + 0.1
