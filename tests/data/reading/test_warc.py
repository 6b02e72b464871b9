import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.reading.warc import read_warc
from assay.errors import DataError


def record(kind: str, block: bytes, media: str = "application/http; msgtype=response") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://a/\r\nContent-Type: {media}\r\nContent-Length: {len(block)}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


HTML = "Content-Type: text/html; charset=gb2312"


def test_answers_with_pages_are_read_and_all_else_is_passed_over() -> None:
    archive = (
        record("warcinfo", b"software: x\r\n", "application/warc-fields")
        + record("request", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request")
        + record("response", answer("<title>t</title><p>\u4e2d\u6587</p>".encode("gb2312"), HTML))
        + record("response", answer(b"<p>gone</p>", HTML, status="404 Not Found"))
        + record("response", answer(b"\x89PNG", "Content-Type: image/png"))
        + record("response", answer(b"plain", "Content-Type: text/plain"))
        + record("conversion", b"text of a page", "text/plain")
    )
    assert list(read_warc(archive, "place")) == [
        ("3", {"url": "http://a/", "title": "t", "text": "\u4e2d\u6587"}),
        ("6", {"url": "http://a/", "title": "", "text": "plain"}),
        ("7", {"url": "http://a/", "title": "", "text": "text of a page"}),
    ]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(b"<p>x</p>", mtime=0), ["Content-Encoding: gzip"]),
        (b"3\r\n<p>\r\n5;a=b\r\nx</p>\r\n0\r\n\r\n", ["Transfer-Encoding: chunked"]),
        (b"<p>x</p>", ["Content-Encoding: gzip", "Transfer-Encoding: chunked"]),
    ],
)
def test_the_codings_of_a_transfer_are_undone_where_the_crawler_left_them(body: bytes, headers: list[str]) -> None:
    [(_, found)] = read_warc(record("response", answer(body, "Content-Type: text/html", *headers)), "place")
    assert found == {"url": "http://a/", "title": "", "text": "x"}


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (b"no http at all", "bad_http"),
        (answer(gzip.compress(bytes(40_000_000), mtime=0), "Content-Type: text/html", "Content-Encoding: gzip"), "html_too_large"),
        (answer(gzip.compress(b"x" * 100, mtime=0)[:10] + b"\xff" * 50, "Content-Type: text/html", "Content-Encoding: gzip"), "bad_coding"),
        (answer(b"x", "Content-Type: text/html", "Content-Encoding: br"), "unknown_coding"),
    ],
)
def test_one_bad_answer_is_a_drop_and_the_next_is_read(block: bytes, reason: str) -> None:
    good = record("response", answer(b"<p>x</p>", "Content-Type: text/html"))
    found = list(read_warc(record("response", block) + good, "place"))
    assert found[0] == ("1", Drop(reason))
    assert found[1][0] == "2"


def test_pages_are_read_by_the_library_that_is_asked_for() -> None:
    archive = record("response", answer(b"<div>" * 300 + b"deep", "Content-Type: text/html"))
    assert list(read_warc(archive, "place", "trafilatura")) == [("1", Drop("html_too_deep"))]


def test_xhtml_is_read_as_xml() -> None:
    page = b"<html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body><p>one</p></body></html>"
    ((_, found),) = read_warc(record("response", answer(page, "Content-Type: application/xhtml+xml")), "place")
    assert isinstance(found, dict)
    assert found["text"] == "one"


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (b"<p>no archive</p>", "record 1: expected a record that begins with WARC"),
        (record("conversion", b"whole") + record("conversion", b"cut")[:-6], "record 2 is cut"),
        (b"WARC/1.0\r\nContent-Length: -5\r\n\r\n", "Content-Length is '-5'"),
        (b"WARC/1.0\r\nX: " + b"y" * 100_000, "expected a record"),
    ],
)
def test_a_damaged_archive_stops_with_the_record(archive: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        list(read_warc(archive, "place"))


@given(st.binary(max_size=100), st.sampled_from(["response", "resource", "conversion"]))
def test_no_answer_crashes_it(body: bytes, kind: str) -> None:
    for block in (body, answer(body, "Content-Type: text/html", "Transfer-Encoding: chunked", "Content-Encoding: gzip")):
        for _, found in read_warc(record(kind, block), "place"):
            assert isinstance(found, dict | Drop)
