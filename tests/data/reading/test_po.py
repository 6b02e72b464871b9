import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.reading.po import read_po
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


def test_an_entry_is_a_source_and_a_translation_and_unsure_ones_have_none() -> None:
    assert list(read_po(CATALOGUE, "place")) == [
        ("6", {"source": 'Open "it"\tnow', "translation": "打开它\n", "context": "menu"}),
        ("13", {"source": "Close"}),
        ("15", {"source": "%d file", "translation": "%d 个文件"}),
        ("20", {"source": "Later"}),
    ]


def test_escapes_of_c_are_undone() -> None:
    assert list(read_po(r'msgid "\\n \x41 \101 \q"' + '\nmsgstr "t"', "p")) == [("1", {"source": "\\n A A q", "translation": "t"})]


@pytest.mark.parametrize("bad", ['msgid "open', 'mgsid "x"', '"no keyword"', "plain text", 'msgid "a" b'])
def test_a_line_of_no_catalogue_stops_with_its_number(bad: str) -> None:
    with pytest.raises(DataError, match="place:3: expected msgid"):
        list(read_po(f"# a\n\n{bad}\n", "place"))


@given(st.text(alphabet='ab"\\n0x7\u4e2d', max_size=20), st.text(alphabet="ab\u4e2d", min_size=1))
def test_what_gettext_writes_is_read_back(source: str, translation: str) -> None:
    written = source.replace("\\", "\\\\").replace('"', '\\"')
    found = list(read_po(f'msgid "{written}"\nmsgstr "{translation}"\n', "p"))
    assert [record["source"] for _, record in found if isinstance(record, dict)] == ([source] if source else [])
