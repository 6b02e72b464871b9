import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.decoding import Decoded, decode, decode_marked, show_bad, well_formed
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
def test_the_encoding_that_fits_best_is_taken(content: bytes, text: str, encoding: str) -> None:
    assert decode(content, BASIC) == Decoded(text, encoding)


def test_an_apostrophe_of_windows_is_no_chinese_character() -> None:
    """0x92 followed by a letter is a valid pair of GB18030, so decoding alone would not fail."""
    content = "don\u2019t".encode("cp1252")
    assert content.decode("gb18030") != "don\u2019t"
    assert decode(content, ["utf-8", "gb18030"]) == Drop("undecodable")


TRADITIONAL = "\u71c8\u5854\u7684\u71c8\u5149\u5728\u591c\u88e1\u4eae\u8d77\u4f86\uff0c\u8239\u54e1\u5011\u90fd\u770b\u898b\u4e86\u3002"


@pytest.mark.fault("D17", inject="a Big5 file under a list of encodings that begins with GB18030, which reads all of its bytes")
def test_of_listed_encodings_the_most_plausible_is_taken_and_not_the_first_that_fits() -> None:
    content = TRADITIONAL.encode("big5")
    assert content.decode("gb18030") != TRADITIONAL
    for listed in (["utf-8", "gb18030", "big5"], ["big5", "gb18030", "utf-8"]):
        assert decode(content, listed) == Decoded(TRADITIONAL, "big5")
        assert decode(TRADITIONAL.encode("gb18030"), listed) == Decoded(TRADITIONAL, "gb18030")


BROKEN = [b"\xff", b"\x92", b"\x00", b"\xe2\x80", "\U0001f600".encode("utf-16-be", "surrogatepass").decode("utf-16-be").encode()[:3]]
TEXTS = [
    "She said: \u201cit\u2019s late\u201d, and left the room.",
    "Gr\u00fc\u00dfe aus der gro\u00dfen Stadt",
    "\u4eca\u5929\u5929\u6c14\u5f88\u597d\uff0c\u6211\u4eec\u53bb\u6563\u6b65\u3002",
]


@pytest.mark.fault("D16", inject="a byte that is no UTF-8, a NUL, a cut character, in a text in UTF-8")
@pytest.mark.parametrize("encodings", [["auto"], ["utf-8"], BASIC, ["utf-8", "gb18030", "big5"], ["gb18030", "utf-8"]])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_bad_spot_changes_nothing_else_of_a_text_in_utf8(broken: bytes, text: str, encodings: list[str]) -> None:
    whole = text.encode()
    for content, expected in ((whole + b" " + broken + b" end", f"{text} \ufffd end"), (whole + broken, f"{text}\ufffd")):
        assert decode(content, encodings) == Decoded(expected, "utf-8", len(broken))


def test_surrogates_written_as_utf8_are_bad_bytes_of_a_text_in_utf8() -> None:
    content = "a \ud83d\ude00 b".encode("utf-8", "surrogatepass")
    assert decode(content, ["auto"]) == Decoded("a \ufffd b", "utf-8", 6)


def test_a_bad_spot_of_another_encoding_changes_nothing_else_either() -> None:
    content = TRADITIONAL.encode("big5")
    assert decode(content + b"\xff", ["auto"]) == Decoded(f"{TRADITIONAL}\ufffd", "big5", 1)
    assert decode("a\u9152".encode("utf-16") * 1 + "text".encode("utf-16-le") * 20 + b"x", ["utf-8"]) == Decoded(
        "a\u9152" + "text" * 20 + "\ufffd", "utf-16-le", 1
    )


RUSSIAN = "\u041a\u043e\u0440\u0430\u0431\u043b\u044c \u0443\u0448\u0451\u043b \u0443\u0442\u0440\u043e\u043c"


@pytest.mark.fault("D17", inject="texts in the encodings that they declare, and in others than they declare")
@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        (RUSSIAN.encode("koi8-r"), "koi8-r", Decoded(RUSSIAN, "koi8-r")),
        (RUSSIAN.encode("cp1251"), "windows-1251", Decoded(RUSSIAN, "cp1251")),
        ("\u706f\u53f0".encode("euc_jp"), "EUC-JP", Decoded("\u706f\u53f0", "euc_jp")),
        ("\u4e2d\u6587".encode("gb2312"), "gb2312", Decoded("\u4e2d\u6587", "gb18030")),
        ("\u4e2d\u6587\u5b57".encode(), "gb2312", Decoded("\u4e2d\u6587\u5b57", "utf-8")),
        ("F\u00e4hre".encode(), "us-ascii", Decoded("F\u00e4hre", "utf-8")),
        ("F\u00e4hre".encode(), "iso-8859-1", Decoded("F\u00e4hre", "utf-8")),
        ("F\u00e4hre".encode("cp1252"), "iso-8859-1", Decoded("F\u00e4hre", "cp1252")),
        ("F\u00e4hre".encode("cp1252"), "utf-8", Decoded("F\u00e4hre", "cp1252")),
        ("F\u00e4hre".encode("cp1252"), "us-ascii", Decoded("F\u00e4hre", "cp1252")),
        (RUSSIAN.encode(), "klingon", Decoded(RUSSIAN, "utf-8")),
        (RUSSIAN.encode() + b"\xff", "utf-8", Decoded(f"{RUSSIAN}\ufffd", "utf-8", 1)),
        (RUSSIAN.encode("utf-16"), "koi8-r", Decoded(RUSSIAN, "utf-16-le")),
    ],
)
def test_a_declared_encoding_is_believed_where_it_reads_the_bytes_but_not_against_a_mark_or_utf8(
    content: bytes, declared: str, expected: Decoded
) -> None:
    assert decode(content, BASIC, [declared]) == expected


@given(st.binary(max_size=200), st.sampled_from([["auto"], ["utf-8"], BASIC]), st.sampled_from([[], ["koi8-r"], ["euc-jp"], ["utf-16"]]))
def test_any_bytes_give_text_without_marks_or_a_reason(content: bytes, encodings: list[str], declared: list[str]) -> None:
    found, marked = decode(content, encodings, declared), decode_marked(content, encodings, declared)
    if isinstance(found, Drop) or isinstance(marked, Drop):
        assert found == marked
        return
    found.text.encode()
    assert found[1:] == marked[1:]
    assert (found.text == marked.text) == (found.bad_bytes == 0)
    show_bad(marked.text).encode()


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
