import pytest

from assay.data.cleaning.drop import Drop
from assay.data.cleaning.length import fitting_length


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", Drop("empty")),
        (" \n\u3000", Drop("empty")),
        ("abcd", Drop("too_short")),
        ("abcde", "abcde"),
        ("中文字符数", "中文字符数"),
        ("abcdefghij", "abcdefghij"),
        ("abcdefghijk", Drop("too_long")),
    ],
)
def test_limits_are_in_characters_and_belong_to_what_is_kept(text: str, found: str | Drop) -> None:
    assert fitting_length(text, min_characters=5, max_characters=10) == found
