import pytest

from assay.data.cleaning.drop import Drop
from assay.data.reading.record import Change
from assay.data.reading.wiki import read_wiki
from assay.errors import DataError


def dump(*pages: str) -> bytes:
    return f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11">{"".join(pages)}</mediawiki>'.encode()


def page(number: int, text: str, space: int = 0, more: str = "") -> str:
    return (
        f"<page><title>T{number}</title><ns>{space}</ns><id>{number}</id>{more}"
        f"<revision><id>9{number}</id><model>wikitext</model><text bytes='1'>{text}</text></revision></page>"
    )


def test_articles_are_read_under_their_page_id_and_other_spaces_passed_over() -> None:
    content = dump(page(1, "'''One''' &amp;amp; [[two]]"), page(2, "talk", space=1), page(3, "\u4e2d\u6587 {{x}}"))
    assert list(read_wiki(content, "place", [])) == [
        ("1", {"title": "T1", "text": "One & two"}),
        ("3", {"title": "T3", "text": "\u4e2d\u6587"}),
    ]


@pytest.mark.fault("D19", inject="links to files and categories by names that only the dump's own header tells")
def test_the_header_of_a_dump_names_the_namespaces_that_are_no_text() -> None:
    header = '<siteinfo><namespaces><namespace key="6">Ofelo</namespace><namespace key="10">Modelo</namespace></namespaces></siteinfo>'
    text = "[[ofelo:a.jpg|thumb|x]]one [[Modelo:b|two]][[Category:c]]"
    assert list(read_wiki(dump(header, page(1, text)), "place", [])) == [("1", {"title": "T1", "text": "one two"})]


def test_markup_that_is_never_closed_is_one_change_of_its_article() -> None:
    changes: list[Change] = []
    list(read_wiki(dump(page(1, "a {{ b [[ c"), page(2, "{{d}}")), "place", changes))
    assert [(change.record, change.step) for change in changes] == [("1", "wiki_unclosed_markup")]


def test_redirects_and_pages_of_data_are_counted() -> None:
    data = page(3, "{}").replace("wikitext", "json")
    content = dump(page(1, "#REDIRECT [[x]]"), page(2, "x", more='<redirect title="y" />'), data)
    assert [found for _, found in read_wiki(content, "place", [])] == [Drop("redirect"), Drop("redirect"), Drop("no_wikitext")]


@pytest.mark.fault("D9", inject="XML nested 100,000 deep, entities that hold entities, a cut dump")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no element found"),
        (dump(page(1, "x"))[:-20], "unclosed token|no element found"),
        (b"<a>" * 100_000, "nest too deep"),
        (b'<!DOCTYPE a [<!ENTITY b "bbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', "declares no entities"),
        (b"plain text", "not well-formed|syntax error"),
    ],
)
def test_a_damaged_or_hostile_dump_stops(content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=rf"place is no whole wiki dump \(.*({words})"):
        list(read_wiki(content, "place", []))


def test_a_dump_larger_than_one_read_gives_every_page_once() -> None:
    content = dump(*(page(number, "word " * 500) for number in range(1, 1001)))
    assert len(content) > 2 * 2**20
    assert [name for name, _ in read_wiki(content, "place", [])] == [str(number) for number in range(1, 1001)]
