"""What a compiled pass leaves out must need nothing: else texts would be stored as they came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
from assay.data.cleaning.unicode_form import normal_form
from assay.data.cleaning.whitespace import normalise_whitespace
from assay.data.kernel import NOT_ASCII, UNTIDY, any_in_class, untidy

PLAIN = "a b\n\n\nc\td"
AWKWARD = "ab \n\t\r\x0b\x0c\x1c\x7f\x85\x9f\xa0\u1680\u2000\u200a\u200b\u200d\u2028\u2029\u202f\u205f\u3000\ufeff\u0301é中😀"


def flags(text: str) -> int:
    batch = TextBatch.of([text])
    (found,) = untidy(batch.content, batch.offsets).tolist()
    return int(found)


@settings(deadline=None, max_examples=500)
@given(st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs"]))))
def test_a_text_that_is_passed_over_is_one_that_the_steps_leave_as_it_is(text: str) -> None:
    found = flags(text)
    if not found & UNTIDY:
        assert normalise_whitespace(text) == text
    if not found & NOT_ASCII:
        assert text.isascii()
        assert normal_form(text, "NFC") == text


@settings(deadline=None, max_examples=500)
@given(st.text(st.sampled_from(AWKWARD)))
def test_a_text_that_is_not_passed_over_would_be_changed(text: str) -> None:
    """Else the compiled pass would save nothing."""
    assert bool(flags(text) & UNTIDY) == (normalise_whitespace(text) != text)


def test_tidy_texts_are_told_from_others_in_one_pass() -> None:
    batch = TextBatch.of(["", PLAIN, "é", "a \n", "中\u3000", PLAIN])
    assert untidy(batch.content, batch.offsets).tolist() == [0, 0, NOT_ASCII, UNTIDY | NOT_ASCII, UNTIDY | NOT_ASCII, 0]


@pytest.mark.parametrize("text", ["\na", "a\n", "a\n\n\n\nb", " ", "a\rb", "\u2028"])
def test_each_trouble_is_seen(text: str) -> None:
    assert flags(text) & UNTIDY


def test_a_class_of_characters_is_found_wherever_it_stands() -> None:
    classes = np.zeros(0x10FFFF, dtype=np.uint8)
    classes[[ord("é"), ord("中"), ord("😀")]] = 1
    batch = TextBatch.of(["", "abc", "é", "ab中", "😀b", "\U0010ffff", "ê"])
    assert any_in_class(batch.content, batch.offsets, classes).tolist() == [False, False, True, True, True, False, False]
