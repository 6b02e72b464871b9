import numpy as np
import pytest
from hypothesis import given, settings
from texts import texts

from assay.data.measures.fields import NAMES
from assay.data.measures.kernels.passes import rooms
from assay.data.measures.kernels.words import ENDS, NEW_LINE, count_sentences, cut_words
from assay.data.measures.words import stop_table, tables


def cut(text: str) -> list[int]:
    """Characters of each word."""
    content = np.frombuffer(text.encode(), np.uint8)
    classes, *_, kind, short_forms = tables()
    hashes, lengths, flags = rooms(256, 16)[:3]
    row = np.zeros(len(NAMES), np.int64)
    count = cut_words(content, 0, len(content), kind, classes, short_forms, *stop_table(()), hashes, lengths, flags, row)
    return lengths[:count].tolist()


@pytest.mark.parametrize(
    "words",
    [
        "don 't", "it \u2019s", "well - known", "24 - year - old", "COVID-19", "U.S.", "U.S. ,", "Mr. Smith", "end .", "wait ...", "a -- b", "1,000.5", "10:30",
        "a , b", "x:1", "key : value", "1/2", "and / or", "a@b.c", "http://x.y/z?a=b", "snake_case", "f(x )",
        "\u4e2d \u6587 \u3002", "e\u0301t", "\u0e44 \u0e17 \u0e22", "\U0001f600 \U0001f600",
        "( a )", "@name", ".22", "voters-",
    ],
)  # fmt: skip
def test_words_are_cut_where_blanks_stand_here(words: str) -> None:
    joined = words.replace(" ", "") if words not in ("Mr. Smith", "a -- b") else words
    assert cut(joined) == [len(word) for word in words.split()]


@settings(deadline=None, max_examples=300)
@given(texts)
def test_words_hold_every_character_but_blanks_once(text: str) -> None:
    text = text.replace("://", ":")  # an address is read up to the next blank of ASCII
    assert sum(cut(text)) == sum(not letter.isspace() for letter in text)


def test_a_sentence_begins_at_a_line_and_behind_a_closing_mark() -> None:
    flags = np.array([NEW_LINE, ENDS, 0, ENDS, ENDS, NEW_LINE, 0], np.uint8)
    assert count_sentences(flags, len(flags)) == 3


@settings(deadline=None)
@given(texts)
def test_a_word_is_the_same_at_the_end_of_a_text_as_before_blanks(text: str) -> None:
    """Eight bytes are read at once only where a text has them."""
    assert cut(text + " " * 9) == cut(text)
