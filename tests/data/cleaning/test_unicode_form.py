import time

import pytest

from assay.data.cleaning.drop import Drop
from assay.data.cleaning.unicode_form import MARKS_LIMIT, normal_form


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
