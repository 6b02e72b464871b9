import pytest

from assay.data.cleaning.decoding import decode, looks_latin, well_formed
from assay.data.cleaning.drop import Drop

BASIC = ["utf-8", "gb18030", "cp1252"]


@pytest.mark.parametrize(
    ("content", "text", "encoding"),
    [
        ("酒店不错，早餐好。".encode(), "酒店不错，早餐好。", "utf-8"),
        ("酒店不错，早餐好。".encode("gb18030"), "酒店不错，早餐好。", "gb18030"),
        ("我用Python写程序".encode("gb18030"), "我用Python写程序", "gb18030"),
        ("Général, où êtes-vous ?".encode("cp1252"), "Général, où êtes-vous ?", "cp1252"),
        ("I don\u2019t know".encode("cp1252"), "I don\u2019t know", "cp1252"),
        (b"\xef\xbb\xbfa", "a", "utf-8"),
        ("a酒".encode("utf-16"), "a酒", "utf-16-le"),
        (b"\xfe\xff" + "a酒".encode("utf-16-be"), "a酒", "utf-16-be"),
        (b"", "", "utf-8"),
    ],
)
def test_the_first_encoding_that_fits_is_taken(content: bytes, text: str, encoding: str) -> None:
    assert decode(content, BASIC) == (text, encoding)


def test_an_apostrophe_of_windows_is_no_chinese_character() -> None:
    """0x92 followed by a letter is a valid pair of GB18030, so decoding alone would not fail."""
    assert "don\u2019t".encode("cp1252").decode("gb18030") != "don\u2019t"
    assert looks_latin("don\u2019t".encode("cp1252").decode("gb18030"))


@pytest.mark.parametrize(
    ("content", "reason"), [(b"a\0b", "nul_bytes"), (b"\xff\xfea", "undecodable"), (b"\xef\xbb\xbf\xff", "undecodable")]
)
def test_what_is_no_text_is_dropped_with_a_reason(content: bytes, reason: str) -> None:
    assert decode(content, BASIC) == Drop(reason)


def test_bytes_that_fit_no_encoding_are_dropped() -> None:
    assert decode(b"caf\xe9 ", ["utf-8"]) == Drop("undecodable")


def test_half_a_surrogate_pair_is_dropped() -> None:
    assert well_formed("a\ud83d") == Drop("lone_surrogate")
    assert well_formed("a\U0001f600") == "a\U0001f600"
