"""The compiled pass against the same rules written plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
from assay.data.language.kernel import WIDTH, Counts, _count, identify_texts
from assay.data.language.names import SCRIPTS
from assay.data.language.tables import tables


def counted(text: str) -> Counts:
    counts = Counts(np.zeros(len(SCRIPTS), np.int64), np.zeros(WIDTH, np.int32), np.zeros(len(SCRIPTS), np.int64))
    content = np.frombuffer(text.encode(), dtype=np.uint8)
    _count(content, 0, len(content), tables(), counts)
    return counts


@settings(deadline=None)
@given(st.text(alphabet="aéßжЯ们們中かア한กع1 -。😀", max_size=60))
def test_bytes_by_script_are_what_counting_characters_gives(text: str) -> None:
    expected = dict.fromkeys(SCRIPTS, 0)
    for letter in text:
        expected[SCRIPTS[tables().scripts[ord(letter)]] if ord(letter) < 0x10000 else "none"] += len(letter.encode())
    found = counted(text).script_bytes
    assert {name: found[place] for place, name in enumerate(SCRIPTS) if place} == {k: v for k, v in expected.items() if k != "none"}


@pytest.mark.parametrize(
    ("text", "words"), [("the zzzz", 1), ("THE", 1), ("Über über ÜBER", 3), ("apt-the /the .the @the", 0), ("the's", 2)]
)
def test_words_are_known_in_any_case_and_not_inside_names(text: str, words: int) -> None:
    assert counted(text).words.sum() == words


def test_a_window_never_reads_past_its_text() -> None:
    """A character cut by the end of the buffer would be read beyond it."""
    content = np.frombuffer("é".encode()[:1] * 3, dtype=np.uint8)
    codes, _ = identify_texts(content, np.array([0, 1, 2, 3], dtype=np.int64), tables())
    assert codes.tolist() == [0, 0, 0]


def test_offsets_may_start_inside_a_larger_buffer() -> None:
    batch = TextBatch.of(["x" * 50, "Das ist die Frage, die wir nicht beantworten können."])
    codes, _ = identify_texts(batch.content, batch.offsets[1:], tables())
    assert codes.shape == (1,)
    assert codes[0] == identify_texts(batch.content, batch.offsets, tables())[0][1]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["The", "before", "because", "between", "f\u00fcr", "\u0447\u0442\u043e", "x1", "-", ".", "\u00e9"])).map(
        " ".join
    )
)
def test_a_word_is_known_at_the_end_of_a_text_as_before_blanks(text: str) -> None:
    """Eight bytes are read at once only where a text has them."""
    assert [found.tolist() for found in counted(text)] == [found.tolist() for found in counted(text + " " * 9)]
