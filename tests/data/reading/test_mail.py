import base64
import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.reading.mail import read_mail, read_mbox
from assay.data.reading.record import Change


def one(content: bytes) -> dict[str, str] | Drop:
    [(name, record)] = read_mail(content, [])
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


def steps(content: bytes) -> list[str]:
    changes: list[Change] = []
    list(read_mail(content, changes))
    return [change.step for change in changes]


@pytest.mark.fault("D18", inject="encoded words of a subject whose base64 is cut, or is none")
@pytest.mark.parametrize("word", ["=?utf-8?b?QUJDR?=", "=?utf-8?b?A?=", "=?no-such?b?QUJDR?="])
def test_a_subject_that_cant_be_decoded_stays_as_it_was_written_and_other_words_are_read(word: str) -> None:
    box = f"From a@b Mon\nSubject: {word} and =?utf-8?q?=C3=A9?=\n\none\n\nFrom c@d Tue\nSubject: x\n\ntwo\n".encode()
    changes: list[Change] = []
    found = [record for _, record in read_mbox(box, changes)]
    assert found == [{"subject": f"{word} and \u00e9", "text": "one\n\n"}, {"subject": "x", "text": "two\n"}]
    assert changes == [Change("1", "mail_header_raw", word, word, 0)]


@pytest.mark.fault("D18", inject="a header line without a name, first, in the middle or last")
@pytest.mark.parametrize("line", ["no name", "X with blanks: y", "=?utf-8?q?x?=", ">From a@b Mon"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_header_line_without_a_name_is_no_text_and_ends_no_headers(line: str, place: int) -> None:
    headers = ["Subject: s", "Content-Type: text/plain; charset=koi8-r", "To: a@b"]
    headers.insert(place, line)
    mail = ("\n".join(headers) + "\n\n\u0447\u0430\u0439").encode("koi8-r")
    assert one(mail) == {"subject": "s", "text": "\u0447\u0430\u0439"}
    assert steps(mail) == ["mail_header_raw"]


def test_a_text_that_begins_without_an_empty_line_stays_text() -> None:
    assert one(b"Subject: s\nDear all,\nthe plan: wait\n\nYours") == {"subject": "s", "text": "Dear all,\nthe plan: wait\n\nYours"}


def test_a_character_may_be_cut_between_two_encoded_words() -> None:
    assert one(b"Subject: a =?utf-8?q?=C3?=\n =?utf-8?q?=A9?= b\n\nx") == {"subject": "a \u00e9 b", "text": "x"}


@pytest.mark.fault("D17", inject="mails whose charset is not that of their bytes, and letters outside ASCII in headers as they are")
@pytest.mark.parametrize("charset", ["us-ascii", "iso-8859-1", "windows-1251", "no-such", "utf-8"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_text_that_is_utf_8_is_read_as_utf_8_whatever_single_byte_charset_was_declared(charset: str, kind: str) -> None:
    body = "na\u00efve \u2013 \u4e2d\u6587"
    mail = f"Subject: {body}\nContent-Type: text/{kind}; charset={charset}\n\n{body}".encode()
    assert one(mail) == {"subject": body, "text": body}
    if kind == "plain":
        assert steps(mail) == ([] if charset == "utf-8" else ["charset_not_as_declared"])


def test_a_declared_charset_is_believed_where_it_reads_the_bytes() -> None:
    body = "\u0447\u0430\u0439 \u0438 \u0445\u043b\u0435\u0431"
    assert one(b"Subject: x\nContent-Type: text/plain; charset=koi8-r\n\n" + body.encode("koi8-r")) == {"subject": "x", "text": body}


@pytest.mark.parametrize(
    ("charset", "encoding", "body"),
    [
        ("big5", "big5", "\u4eca\u5929\u958b\u6703"),
        ("koi8-r", "koi8-r", "\u0447\u0430\u0439 \u0438 \u0445\u043b\u0435\u0431"),
        ("us-ascii", "shift_jis", "\u304a\u8336\u3092\u98f2\u307f\u307e\u3059\u3002\u3068\u3066\u3082"),
        ("us-ascii", "euc_kr", "\uc624\ub298 \ud68c\uc758\uac00 \uc788\uc2b5\ub2c8\ub2e4"),
    ],
)
def test_a_subject_of_bare_bytes_is_read_as_the_text_is_or_by_its_characters(charset: str, encoding: str, body: str) -> None:
    mail = f"Subject: {body}\nContent-Type: text/plain; charset={charset}\n\n{body}"
    assert one(mail.encode(encoding)) == {"subject": body, "text": body}


def test_bad_bytes_of_a_mail_are_replaced_and_counted_once() -> None:
    mail = "Subject: \u00e9t\u00e9 ici * x\nContent-Type: text/plain; charset=utf-8\n\nl'\u00e9t\u00e9 ici * x".encode().replace(
        b"*", b"\xff"
    )
    assert one(mail) == {"subject": "\u00e9t\u00e9 ici \ufffd x", "text": "l'\u00e9t\u00e9 ici \ufffd x"}
    assert steps(mail) == ["undecodable_bytes"]


@pytest.mark.fault("D18", inject="a byte order mark before the headers")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_header(encoding: str) -> None:
    assert one("Subject: s\n\nt\u00e9".encode(encoding)) == {"subject": "s", "text": "t\u00e9"}
    assert [name for name, _ in read_mbox("From a@b Mon\nSubject: s\n\nt".encode(encoding), [])] == ["1"]


MULTIPART = (
    b'Subject: x\nContent-Type: multipart/%s; boundary="%s"\n\n--b c\nContent-Type: text/plain\n\none\n'
    b"--b c\nContent-Type: text/html\n\n<p>two</p>\n--b c--\n"
)


def test_a_multipart_is_read_by_the_boundary_it_has_where_it_declares_another() -> None:
    assert text(MULTIPART % (b"mixed", b"bc")) == text(MULTIPART % (b"mixed", b"b c")) == "one\n\ntwo"
    assert text(MULTIPART % (b"alternative", b"bc")) == "one"
    assert steps(MULTIPART % (b"mixed", b"bc")) == ["mail_boundary"]
    assert text(b"Subject: x\nContent-Type: multipart/mixed\n\nno parts, \xc3\xa9") == "no parts, \u00e9"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (base64.encodebytes(b"long text " * 10) + b"\nfooter of a list\n", "long text " * 10 + "\nfooter of a list"),
        (base64.encodebytes(b"cut")[:-1] + b"Q", "cut"),
        (b"in clear, all of it", "in clear, all of it"),
        (b"Word\nand more words", "Word\nand more words"),
    ],
)
def test_text_in_clear_under_base64_is_kept_and_whole_bytes_of_what_was_cut(body: bytes, expected: str) -> None:
    mail = b"Subject: x\nContent-Transfer-Encoding: base64\n\n" + body
    assert text(mail) == expected
    assert steps(mail) == ["mail_base64"]


DATED = b"From a@b Mon Mar  3 10:00:00 2025\n"


@pytest.mark.fault("D18", inject="paragraphs of a mailbox that begin with From, text before its first mail")
@pytest.mark.parametrize("line", ["From here it goes on.", "From: is a header", "From 3 Mar 2025 the ferry runs.", "From me\nto you"])
def test_a_paragraph_that_begins_with_from_begins_no_mail(line: str) -> None:
    box = DATED + b"Subject: 1\n\none\n\n" + line.encode() + b"\nmore\n\n" + DATED + b"Subject: 2\n\ntwo\n"
    assert [(name, record) for name, record in read_mbox(box, [])] == [
        ("1", {"subject": "1", "text": f"one\n\n{line}\nmore\n\n"}),
        ("2", {"subject": "2", "text": "two\n"}),
    ]


@pytest.mark.parametrize(
    "line", [DATED, b"From - 3 Mar 2025 10:00\n", b"From a@b 2025-03-03T10:00:00\n", b"From a\nX-Folder: b\nReceived: from c\n by d\n"]
)
def test_a_mail_begins_where_the_line_has_a_date_or_headers_follow(line: bytes) -> None:
    box = DATED + b"Subject: 1\n\none\n\n" + line + b"Subject: 2\n\ntwo\n"
    assert [record["subject"] for _, record in read_mbox(box, []) if isinstance(record, dict)] == ["1", "2"]


def test_what_stands_before_the_first_mail_of_a_mailbox_is_counted() -> None:
    assert [(name, record) for name, record in read_mbox(b"no headers\n\n" + DATED + b"Subject: 1\n\none", [])] == [
        ("0", Drop("no_mail")),
        ("1", {"subject": "1", "text": "one"}),
    ]


def test_a_mailbox_is_cut_at_from_lines_after_an_empty_line_only() -> None:
    box = b"From a@b Mon\nSubject: 1\n\none\nFrom here on it is text\n>From quoted\n\nFrom c@d Tue\nSubject: 2\n\ntwo\n"
    assert [(name, record) for name, record in read_mbox(box, [])] == [
        ("1", {"subject": "1", "text": "one\nFrom here on it is text\nFrom quoted\n\n"}),
        ("2", {"subject": "2", "text": "two\n"}),
    ]
    assert list(read_mbox(b"no box", [])) == [("1", Drop("no_mailbox"))]


PARTS = [b"\n", b"From a\n", b"Subject: x\n", b"Content-Type: multipart/mixed; boundary=b\n", b"--b\n", b"--b--\n", b"\xff\0", b"x"]


@given(st.lists(st.sampled_from(PARTS), max_size=30))
def test_no_mailbox_crashes_it(parts: list[bytes]) -> None:
    for _, record in read_mbox(b"".join(parts), []):
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
