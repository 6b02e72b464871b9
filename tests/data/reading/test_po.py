import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.reading.po import read_po
from assay.data.reading.record import Change, ReadRecord
from assay.errors import DataError

CATALOGUE = r"""# header
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

#: a.c:1
msgctxt "menu"
msgid "Open \"it\"\tnow"
msgstr ""
"打开"
"它\n"

#, fuzzy
msgid "Close"
msgstr "关"
msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d 个文件"
msgstr[1] "x"

msgid "Later"
msgstr ""
#~ msgid "Old"
#~ msgstr "旧"
"""


def read(catalogue: str | bytes, *text_fields: str, changes: list[Change] | None = None) -> list[ReadRecord]:
    content = catalogue.encode() if isinstance(catalogue, str) else catalogue
    return list(read_po(content, list(text_fields or ["source"]), "place", [] if changes is None else changes))


def sources(catalogue: str | bytes) -> list[str]:
    """Those of a catalogue; "bad" for each entry that can't be read."""
    return [record["source"] if isinstance(record, dict) else "bad" for _, record in read(catalogue)]


def test_an_entry_is_a_source_and_a_translation_and_unsure_ones_have_none() -> None:
    assert read(CATALOGUE) == [
        ("6", {"source": 'Open "it"\tnow', "translation": "打开它\n", "context": "menu"}),
        ("13", {"source": "Close"}),
        ("15", {"source": "%d file", "translation": "%d 个文件"}),
        ("20", {"source": "Later"}),
    ]
    assert [record for _, record in read(CATALOGUE, "translation")][1:] == [
        Drop("untranslated"),
        {"source": "%d file", "translation": "%d 个文件"},
        Drop("untranslated"),
    ]


def test_escapes_of_c_are_undone() -> None:
    assert read(r'msgid "\\n \x41 \101 \q"' + '\nmsgstr "t"') == [("1", {"source": "\\n A A q", "translation": "t"})]


HEADERS = [
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=%s\\n"',
    '# a\nmsgid ""\nmsgstr ""\n"X: y\\n"\n"content-type: text/plain; charset=%s\\n"',
]


@pytest.mark.fault("D17", inject="catalogues in encodings that only their header names, rightly or not")
@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("KOI8-R", "Чай горячий"),
        ("CP1251", "Чай"),
        ("ISO-8859-2", "Žluťoučký kůň"),
        ("ISO-8859-7", "Καλημέρα"),
        ("EUC-JP", "お茶です"),
        ("BIG5", "熱茶"),
        ("utf-8", "čaj – 茶"),
    ],
)
@pytest.mark.parametrize(
    "header",
    [
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=%s\\n"',
        '# a\nmsgid ""\nmsgstr ""\n"X: y\\n"\n"content-type: text/plain; charset=%s\\n"',
    ],
)
def test_a_catalogue_is_read_by_the_charset_that_its_header_declares(encoding: str, text: str, header: str) -> None:
    changes: list[Change] = []
    catalogue = (header % encoding + f'\n\nmsgid "tea"\nmsgstr "{text}"\n').encode(encoding)
    assert [record["translation"] for _, record in read(catalogue, changes=changes)] == [text]
    assert changes == []


def test_a_catalogue_that_declares_no_known_charset_or_a_wrong_one_is_read_by_its_bytes() -> None:
    for declared in ("CHARSET", "no-such", "ISO-8859-1", "us-ascii"):
        catalogue = f'msgid ""\nmsgstr "Content-Type: text/plain; charset={declared}\\n"\n\nmsgid "tea"\nmsgstr "茶 čaj"\n'.encode()
        assert [record["translation"] for _, record in read(catalogue)] == ["茶 čaj"]


def test_bad_bytes_of_a_catalogue_are_replaced_and_counted() -> None:
    changes: list[Change] = []
    catalogue = 'msgid "tea"\nmsgstr "žluťoučký čaj *"\n'.encode().replace(b"*", b"\xff")
    assert [record["translation"] for _, record in read(catalogue, changes=changes)] == ["žluťoučký čaj \ufffd"]
    assert [change.step for change in changes] == ["undecodable_bytes"]


@pytest.mark.parametrize("bad", ['msgid "open', 'mgsid "x"', '"no keyword"', "plain text", 'msgid "a" b'])
def test_a_line_of_no_catalogue_is_named_and_costs_its_entry_only(bad: str) -> None:
    found = read(f'msgid "a"\nmsgstr "b"\n\n# c\n{bad}\nmsgstr "d"\n\nmsgid "e"\nmsgstr "f"\n')
    assert [name for name, _ in found] == ["1", "5", "8"]
    assert isinstance(found[1][1], DataError)
    assert str(found[1][1]).startswith("place:5: expected msgid")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ('msgid "a"\nmsgstr "b"\nmsgid "c"\nmsgstr "d"', ["a", "c"]),
        ('msgid "a"\n\nmsgid "c"\nmsgstr "d"', ["bad", "c"]),
        ('msgid "a"\n\nmsgstr "b"\n# x\n\nmsgid "c"\nmsgstr "d"', ["a", "c"]),
        ('msgctxt "x"\nmsgid "a"\nmsgstr "b"\nmsgctxt "y"\nmsgid "c"\nmsgstr "d"', ["a", "c"]),
        ('msgctxt "x"\nmsgctxt "y"\nmsgid "c"\nmsgstr "d"', ["bad", "c"]),
        ('msgid "a"\nmsgstr "b"\n\nmsgstr "c"', ["a", "bad"]),
        ('msgid "a"\nmsgstr "b"\n\nmsgid "c"', ["a", "bad"]),
        ('#~ msgid "old"\n#~ msgstr "x"\nmsgid "a"\nmsgstr "b"\r\n\r\nmsgid "c"\rmsgstr "d"', ["a", "c"]),
        ("", []),
    ],
)
def test_no_entry_runs_into_the_next(entries: str, expected: list[str]) -> None:
    assert sources(entries) == expected


def test_other_fields_than_those_of_a_catalogue_are_refused() -> None:
    with pytest.raises(DataError, match=r"a \.po file has the fields source, translation, context"):
        read("", "text")


@given(
    st.lists(
        st.tuples(st.text('ab"\\n\t\u4e2d\u2028', min_size=1), st.text('ab"\\\n\u4e2d', min_size=1), st.none() | st.text('a"\\')),
        max_size=4,
    )
)
def test_what_polib_writes_is_read_back(entries: list[tuple[str, str, str | None]]) -> None:
    catalogue = polib.POFile()
    catalogue.extend(polib.POEntry(msgid=source, msgstr=text, msgctxt=context) for source, text, context in entries)
    found = [(record["source"], record.get("translation"), record.get("context")) for _, record in read(str(catalogue))]
    assert found == [(source, text if text.strip() and text != source else None, context or None) for source, text, context in entries]
