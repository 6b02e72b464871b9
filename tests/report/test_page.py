"""Whatever a document, a file name or a run holds is shown as text, and a page needs nothing but itself."""

import re
from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes

from assay.report.chart import Series, line_chart
from assay.report.page import (
    TEMPLATES,
    Bars,
    Paragraph,
    Samples,
    Section,
    Table,
    Tile,
    _environment,
    difference,
    report_page,
    sample,
    share_bar,
)


class Seen(HTMLParser):
    """The tags and the text that a browser finds."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def whole_page(text: str) -> str:
    chart = line_chart(text, text, text, [Series(text, [(1.0, 2.0)]), Series("b", [(1.0, 3.0)])])
    assert chart is not None
    blocks = [Table([text], [[text]]), Paragraph(text), Samples(text, [sample(text, text, "before")]), chart]
    return report_page(text, text, [Tile(text, text)], [Section(text, blocks)])


@given(st.text(alphabet="<>&\"'{}%#/!-abs=c ", min_size=1, max_size=30))
def test_no_text_becomes_markup_wherever_it_stands(text: str) -> None:
    plain, hostile = Seen(whole_page("plain")), Seen(whole_page(text))
    assert hostile.tags == plain.tags
    assert hostile.text.count(text) >= 9


def test_a_page_asks_the_network_for_nothing_and_runs_no_script() -> None:
    content = whole_page("plain")
    assert "://" not in content
    assert re.search(r"default-src 'none'; script-src 'none'; style-src 'sha256-[^ ']{44}'", unescape(content))
    assert "script" not in Seen(content).tags


def test_escaping_is_switched_off_for_our_own_files_alone() -> None:
    """`safe` is allowed for the stylesheet, a page's own script, and the labelling task, whose `<` are escaped where it is built."""
    unescaped = set()
    for path in TEMPLATES.glob("*.html"):
        tree = _environment().parse(path.read_text(encoding="utf-8"))
        unescaped |= {node.node.name for node in tree.find_all(nodes.Filter) if node.name == "safe"}
    assert unescaped == {"style", "script", "task_json"}


def test_numbers_are_set_right_with_separators_and_shares_have_figures_and_a_bar() -> None:
    content = report_page(
        "t", "", [], [Section("s", [Table(["n", "share"], [[1234567, share_bar(0.25)], [1, Bars(((0.0, "dropped"),))]])])]
    )
    assert '<td class="number">1,234,567</td>' in content
    assert '<th class="number">n</th>' in content
    assert '25.0%</span> <svg class="bar" role="presentation"><rect class="kept" width="25.0%"' in content
    assert 'class="dropped"' not in content  # a share of nothing has no bar


def test_a_difference_in_white_space_alone_is_marked_and_made_visible() -> None:
    before, after = difference("id", "one  two\tthree", "one two\tthree")
    assert before.spans == [("one ", False), ("·", True), ("two⇥\tthree", False)]
    assert after.spans == [("one ", False), ("two⇥\tthree", False)]
    assert (before.caption, before.role, after.role) == ("id", "before", "after")


def test_other_differences_keep_their_spaces() -> None:
    before, after = difference("id", "the dogs ran off", "the dog run off")
    assert [before.spans[1], after.spans[1]] == [("s ra", True), (" ru", True)]


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_difference_loses_no_character(before: str, after: str) -> None:
    def plain(text: str) -> str:
        return text.replace("·", " ").replace("⏎\n", "\n")

    for text, shown in zip((before, after), difference("", before, after), strict=True):
        assert plain("".join(part for part, _ in shown.spans)) == plain("".join(part for part, _ in sample("", text).spans))
