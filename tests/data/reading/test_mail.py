import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.reading.mail import read_mail, read_mbox


def one(content: bytes) -> dict[str, str] | Drop:
    [(name, record)] = read_mail(content)
    assert name == "1"
    return record


def text(content: bytes) -> str:
    found = one(content)
    assert isinstance(found, dict)
    return found["text"]


def test_headers_go_and_an_encoded_subject_is_read() -> None:
    mail = b"From: a@b\r\nSubject: =?utf-8?q?d=C3=A9j=C3=A0?=\r\n vu\r\n\r\nHello\r\nyou\r\n"
    assert one(mail) == {"subject": "d\u00e9j\u00e0 vu", "text": "Hello\nyou\n"}


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "big5"])
def test_every_transfer_encoding_and_declared_charset_gives_the_same_text(encoding: str, charset: str) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("\u4e2d\u6587 = long " + "word " * 30 + "\n", charset=charset, cte=encoding)
    assert text(message.as_bytes()).startswith("\u4e2d\u6587 = long word")


def test_of_alternatives_the_plain_one_is_read_and_attachments_are_not() -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("plain\n")
    message.add_alternative("<p>html</p>", subtype="html")
    message.add_attachment(b"bytes", maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment("text of a file", filename="a.txt")
    assert text(message.as_bytes()) == "plain\n"


def test_a_mail_of_html_is_read_as_a_page() -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("<style>p {}</style><p>one &amp; two</p>", subtype="html")
    assert text(message.as_bytes()) == "one & two"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no_mail"),
        (b"no header here\n\nbody", "no_mail"),
        (b"Subject: x\n\n", "no_text"),
        (b"Subject: x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw==\n", "no_text"),
        (b"Content-Type: text/plain; a=b" + b"; a*0=b" * 100_000 + b"\n\nx", "bad_mail"),
        (b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(400)) + b"\nx", "mail_too_deep"),
        (b"Content-Type: message/rfc822\n\n" * 5000, "mail_too_deep"),
    ],
)
def test_a_mail_that_cant_be_read_is_a_reported_drop(content: bytes, reason: str) -> None:
    assert one(content) == Drop(reason)


def test_broken_encodings_and_charsets_give_what_can_be_read() -> None:
    head = b"Subject: =?no-such?q?x?= =?utf-8?b?!!!?=\nContent-Type: text/plain; charset=no-such\n"
    assert text(head + b"Content-Transfer-Encoding: base64\n\n*not base64*") != ""
    assert text(head + b"\nd\xe9j\xe0 vu") == "d\u00e9j\u00e0 vu"


def test_a_mailbox_is_cut_at_from_lines_after_an_empty_line_only() -> None:
    box = b"From a@b Mon\nSubject: 1\n\none\nFrom here on it is text\n>From quoted\n\nFrom c@d Tue\nSubject: 2\n\ntwo\n"
    assert [(name, record) for name, record in read_mbox(box)] == [
        ("1", {"subject": "1", "text": "one\nFrom here on it is text\nFrom quoted\n\n"}),
        ("2", {"subject": "2", "text": "two\n"}),
    ]
    assert list(read_mbox(b"no box")) == [("1", Drop("no_mailbox"))]


PARTS = [b"\n", b"From a\n", b"Subject: x\n", b"Content-Type: multipart/mixed; boundary=b\n", b"--b\n", b"--b--\n", b"\xff\0", b"x"]


@given(st.lists(st.sampled_from(PARTS), max_size=30))
def test_no_mailbox_crashes_it(parts: list[bytes]) -> None:
    for _, record in read_mbox(b"".join(parts)):
        assert isinstance(record, dict | Drop)


def test_time_is_linear_in_the_parts_of_a_mail() -> None:
    part = b"--b\nContent-Type: text/plain\n\n" + b"line\n" * 200
    head = b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    seconds = []
    for count in (500, 1000):
        started = time.process_time()
        assert len(text(head + part * count)) > 1000 * count - count
        seconds.append(time.process_time() - started)
    assert seconds[1] < 3.5 * seconds[0] + 0.1
