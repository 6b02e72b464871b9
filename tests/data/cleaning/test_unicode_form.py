import time
import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.cleaning.unicode_form import MARKS_LIMIT, normal_form, unstable_characters


def test_composed_and_compatible_forms() -> None:
    assert normal_form("e\u0301", "NFC") == "\u00e9"
    assert normal_form("\ufb01", "NFC") == "\ufb01"
    assert normal_form("\ufb01", "NFKC") == "fi"


def test_ten_thousand_combining_marks_are_a_reason_to_drop_and_cost_no_time() -> None:
    started = time.process_time()
    assert normal_form("a" + "\u0301\u0327" * 50_000, "NFC") == Drop("combining_marks")
    assert time.process_time() - started < 3  # unguarded: 9 s


def test_stacked_marks_of_real_scripts_are_kept() -> None:
    assert normal_form("a" + "\u0301" * (MARKS_LIMIT - 1), "NFC") == "\u00e1" + "\u0301" * (MARKS_LIMIT - 2)


@pytest.mark.parametrize(
    "text", ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u202eabc\u202c"]
)
def test_emoji_joiners_and_directions_are_kept(text: str) -> None:
    assert normal_form(text, "NFC") == text


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
def test_a_text_of_stable_characters_is_in_the_form(form: Literal["NFC", "NFKC"]) -> None:
    table = unstable_characters(form)
    stable = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000 and (point >= len(table) or not table[point]))
    assert "\u00e9" in stable
    assert "中" in stable
    for text in (stable, stable[::-1], "".join(sorted(stable, key=hash_of))):
        assert unicodedata.is_normalized(form, text)


def hash_of(character: str) -> int:
    """Another order of all characters, so that each stands beside others."""
    return ord(character) * 2_654_435_761 % 2**32


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "M", "N"])))
def test_a_text_that_is_not_in_the_form_has_an_unstable_character(text: str) -> None:
    table = unstable_characters("NFC")
    if not unicodedata.is_normalized("NFC", text):
        assert any(ord(character) < len(table) and table[ord(character)] for character in text)


@pytest.mark.parametrize("before", [0, 1, 499, 999, 1000, 1001])
def test_a_run_of_marks_is_found_at_any_place(before: int) -> None:
    assert normal_form("a" * before + "\u0301" * 1000, "NFC") == Drop("combining_marks")
    assert normal_form("a" * before + "\u0301" * 999, "NFC") != Drop("combining_marks")
