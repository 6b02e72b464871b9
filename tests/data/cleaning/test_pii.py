import pytest

from assay.data.cleaning.pii import without_personal_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to jane.doe+list@mail.example.co.uk.", "Write to [email]."),
        ("联系zhang_san@qq.com或电话", "联系[email]或电话"),
        ("https://user:secret@host.org/x", "https://[credential]@host.org/x"),
        ("from 93.184.216.34 port 22", "from [ip] port 22"),
        ("via 2001:4860:4860::8888.", "via [ip]."),
        ("电话13812345678。", "电话[phone]。"),
        ("+86 138 1234 5678", "[phone]"),
        ("010-62345678", "[phone]"),
        ("call (212) 555-1234 or 212-555-1234", "call [phone] or [phone]"),
        ("+44 20 7946 0958", "[phone]"),
        ("身份证11010519491231002X", "身份证[id]"),
    ],
)
def test_what_identifies_a_person_is_masked(text: str, masked: str) -> None:
    assert without_personal_data(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1, 192.168.1.10 and ::1 name nobody",
        "version 1.2.3.4.5 of 2020-10-11 at 12:30:45",
        "999.999.999.999",
        "see sections 9.2.1.4 and 4.2.13.1",
        "listening on ::1:25, group ff02::1, ::ffff:127.0.0.1",
        "110105194912310021",  # wrong check digit
        "110105194913310025",  # month 13
        "12345678901234567890",
        "3.14159265358979",
        "user@localhost, @decorator, a @ b",
        "std::vector<int>::iterator",
        "https://host.org:8080/path@v2",
        "ISBN 978-3-16-148410-0",
        "1,234,567,890 people",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert without_personal_data(text) == text


def test_masked_text_has_nothing_left_to_mask() -> None:
    once = without_personal_data("a@b.org 13812345678 93.184.216.34 ftp://a:b@c.org")
    assert without_personal_data(once) == once
