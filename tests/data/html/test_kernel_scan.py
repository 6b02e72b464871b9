import pytest

from assay.data.html.page import read_page

PROSE = "A sentence of the article, long enough to be one that somebody wrote. " * 4


def lines_of(page: str) -> list[str]:
    found = read_page(page.encode())
    assert isinstance(found, dict)
    return found["text"].split("\n")


@pytest.mark.parametrize("name", ["with-sidebar", "no-menu", "navy", "bodynav2"])
def test_a_word_that_only_looks_like_navigation_is_none(name: str) -> None:
    assert lines_of(f"<p>{PROSE}</p><div class='{name}'>x</div>")[-1] == "x"


@pytest.mark.parametrize(
    "attribute", ["class=sidebar", "id='page-footer'", 'role="navigation"', "CLASS=Cookie_Banner", "class=' a\tmenu '"]
)
def test_words_of_class_id_and_role_mark_navigation(attribute: str) -> None:
    assert lines_of(f"<p>{PROSE}</p><div {attribute}>x</div>") == [PROSE.strip()]


def test_the_body_is_not_navigation_whatever_its_class_says() -> None:
    assert lines_of(f"<body class='sidebar nav'><p>{PROSE}</p><footer>x</footer>") == [PROSE.strip()]


def test_cells_of_a_row_are_told_from_rows_and_long_cells_are_columns_of_a_layout() -> None:
    assert lines_of("<table><tr><td>a<td>b<tr><td>c</table>") == ["a | b", "c"]
    assert lines_of(f"<table><tr><td>a<td>{PROSE}</table>") == ["a", PROSE.strip()]


def test_items_are_numbered_list_by_list() -> None:
    assert lines_of("<ol><li>a<ol><li>b</ol><li>c</ol><ol><li>d</ol>") == ["1. a", "  1. b", "2. c", "", "1. d"]


def test_hidden_parts_end_where_their_element_does() -> None:
    assert lines_of("<div hidden><p>a<table><tr><td>b</table></div>c<noscript><div>d</noscript>e") == ["c", "e"]
