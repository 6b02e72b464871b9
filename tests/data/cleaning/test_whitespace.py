import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.whitespace import normalise_whitespace


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u2028b\x85c\x0cd", "a\nb\nc\nd"),
        ("a \t \nb\u3000", "a\nb"),
        ("a\n\n\n\n\nb", "a\n\n\nb"),
        ("a\n \n\t\n  \n\nb", "a\n\n\nb"),
        ("\n\n  a\n    b\n\n", "  a\n    b"),
        ("a\x00b\x1bc\ufeffd\x9f", "abcd"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("a\tb  c\u00a0d", "a\tb  c\u00a0d"),
        ("", ""),
    ],
)
def test_line_ends_blanks_and_controls(text: str, normal: str) -> None:
    assert normalise_whitespace(text) == normal


@given(st.text(alphabet=st.sampled_from("a \n\r\t\x0b\u2028\x00\u200d\u3000中")))
def test_a_second_pass_changes_nothing(text: str) -> None:
    once = normalise_whitespace(text)
    assert normalise_whitespace(once) == once


@given(st.text())
def test_every_visible_character_is_kept_in_order(text: str) -> None:
    def visible(value: str) -> str:
        return "".join(
            character for character in value if not character.isspace() and (ord(character) > 0x9F or 0x20 < ord(character) < 0x7F)
        )

    assert visible(normalise_whitespace(text)) == visible(text).replace("\ufeff", "")


def test_time_is_linear_in_a_run_of_blanks() -> None:
    def seconds(blanks: int) -> float:
        started = time.process_time()
        normalise_whitespace(" " * blanks + "x" + "\n" * blanks + "x")
        return time.process_time() - started

    assert seconds(2_000_000) < 1  # a quadratic pattern takes hours
