"""Which encoding bytes are in. Accuracy on real documents: benchmarks/charsets.py."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.cleaning.decoding import decode
from assay.data.cleaning.detection import CANDIDATES, SAMPLE_BYTES, coding_cookie, declared_charset, detect_encoding
from assay.data.cleaning.drop import Drop

ENGLISH = "I don’t know what the “committee” decided – but they’ll tell us. It costs 5 €."
FRENCH = "Général, où êtes-vous ? La forêt brûlée était déjà très belle à Noël, près du château."
GERMAN = "Das große Müsli für die Bären schmeckt übrigens nicht schlecht, heißt es in Österreich."
SIMPLIFIED = "我们在山上看见的房子是从来没有去过那里的人建的，这个问题还需要讨论。"
TRADITIONAL = "我們在山上看見的房子是從來沒有去過那裡的人建的，這個問題還需要討論。"
JAPANESE = "丘の上に見えた家は、そこに行ったことがない人々によって建てられました。"
KOREAN = "우리가 언덕 위에서 본 집은 그곳에 가 본 적이 없는 사람들이 지었습니다."
CASES = [
    *((text, encoding) for text in (ENGLISH, FRENCH, GERMAN) for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be")),
    *((SIMPLIFIED, encoding) for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")),
    *((TRADITIONAL, encoding) for encoding in ("utf-8", "big5", "gb18030", "utf-16-le", "utf-16-be")),
    *((JAPANESE, encoding) for encoding in ("utf-8", "shift_jis", "utf-16-le")),
    *((KOREAN, encoding) for encoding in ("utf-8", "euc_kr", "utf-16-be")),
]


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_a_sentence_tells_its_encoding(text: str, encoding: str) -> None:
    assert detect_encoding(text.encode(encoding)) == encoding
    assert decode(text.encode(encoding), ["auto"]) == (text, encoding, 0)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *(("Зимой озеро замерзает, и рыбаки ходят по льду.", encoding) for encoding in ("koi8-r", "cp1251", "iso8859-5", "cp866")),
        *(("Τον χειμώνα η λίμνη παγώνει και οι ψαράδες περπατούν.", encoding) for encoding in ("cp1253", "iso8859-7")),
        ("في الشتاء تتجمد البحيرة ويمشي الصيادون على الجليد", "cp1256"),
        ("בחורף האגם קופא והדייגים הולכים על הקרח", "cp1255"),
    ],
)
def test_an_alphabet_of_an_encoding_that_is_not_known_here_is_not_read_as_latin(text: str, encoding: str) -> None:
    assert detect_encoding(text.encode(encoding)) == Drop("undecodable")
    assert decode(text.encode(encoding), [encoding]) == (text, encoding, 0)


@pytest.mark.parametrize("text", ["été", "ÉTÉ À LA FORÊT BRÛLÉE", "Ärger, Öl, Übermut: äöüß ÄÖÜ", "naïve façade"])
def test_accented_latin_letters_stay_latin(text: str) -> None:
    assert detect_encoding(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_what_is_plain_for_a_long_while_changes_nothing(text: str, encoding: str) -> None:
    """The sample must come from where the bytes differ, not from the start of the file."""
    long = "the quick brown fox\n" * 2 * SAMPLE_BYTES + text
    assert detect_encoding(long.encode(encoding)) == encoding


def test_a_byte_order_mark_decides() -> None:
    assert detect_encoding("a酒".encode("utf-16")) == "utf-16-le"
    assert detect_encoding("a酒".encode("utf-8-sig")) == "utf-8"
    assert detect_encoding(b"\xff\xfea") == Drop("undecodable")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "nul_bytes"),
        (bytes(range(256)) * 4, "nul_bytes"),
        (bytes(range(1, 256)) * 5, "undecodable"),
        (b"\x81\xff" * 50, "undecodable"),
    ],
)
def test_what_is_no_text_is_dropped_with_a_reason(content: bytes, reason: str) -> None:
    assert decode(content, ["auto"]) == Drop(reason)


def test_an_error_far_behind_the_sample_is_not_overlooked() -> None:
    content = SIMPLIFIED.encode("gb18030") * 1000
    assert decode(content + b"\xff\xff", ["auto"]) == (SIMPLIFIED * 1000 + "\ufffd", "gb18030", 2)
    found = detect_encoding(content + b"\xff\xff" * 20_000)
    assert isinstance(found, Drop) or found != "gb18030"


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        (b'<html><head><meta charset="gb2312">', "gb18030"),
        (b"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=Big5'>", "big5"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>', "cp1252"),
        (b"<meta charset=utf-16>", "utf-8"),
        (b'<meta charset="klingon">', None),
        (b'<meta charset="base64">', None),
        (b"<p>charset=big5</p>", None),
        (b" " * 1024 + b"<meta charset=big5>", None),
    ],
)
def test_a_page_says_its_encoding_as_browsers_read_it(page: bytes, encoding: str | None) -> None:
    assert declared_charset(page) == encoding


def test_a_declaration_decides_between_readings_but_not_against_the_bytes() -> None:
    name = "→ 中文".encode("euc_kr")[:2]  # one arrow: several encodings have one
    assert detect_encoding(name, declared=["euc_kr"]) == "euc_kr"
    assert detect_encoding(SIMPLIFIED.encode(), declared=["big5"]) == "utf-8"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"# -*- coding: euc-jp -*-\n", "euc_jp"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\n", "koi8-r"),
        (b"\n# coding=latin-1\n", "cp1252"),
        (b"#!/usr/bin/python\r\n# coding: cp1251\r\n", "cp1251"),
        (b"x = 1\n# coding: cp1251\n", None),
        (b"\n\n# coding: cp1251\n", None),
        (b"# coding: klingon\n", None),
        (b'"""coding: cp1251"""\n', None),
        (b"", None),
    ],
)
def test_a_python_file_says_its_encoding_in_a_comment_of_its_first_two_lines(content: bytes, encoding: str | None) -> None:
    assert coding_cookie(content) == encoding


@pytest.mark.parametrize(("text", "encoding"), [case for case in CASES if case[1] in ("gb18030", "big5", "shift_jis", "euc_kr", "cp1252")])
def test_no_part_of_a_text_in_another_encoding_is_taken_for_utf8_with_bad_spots(text: str, encoding: str) -> None:
    for start in range(len(text) - 6):
        part = text[start : start + 6].encode(encoding)
        assert part.isascii() or detect_encoding(part) != "utf-8"


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_the_answer_reads_the_bytes(content: bytes) -> None:
    found = detect_encoding(content)
    assert found in (Drop("undecodable"), Drop("nul_bytes")) or isinstance(found, str)
    if isinstance(found, str):
        assert found in CANDIDATES or found.startswith("utf-")
        decoded = decode(content, ["auto"])
        assert not isinstance(decoded, Drop)
        assert decoded[1] == found
