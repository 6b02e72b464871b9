import gzip
import io

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.reading.record import Change
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
    assert list(read_warc(archive, "place", [])) == [
        ("3", {"url": "http://a/", "title": "t", "text": "\u4e2d\u6587"}),
        ("6", {"url": "http://a/", "title": "", "text": "plain"}),
        ("7", {"url": "http://a/", "title": "", "text": "text of a page"}),
    ]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (b"no http at all", "bad_http"),
        (answer(gzip.compress(bytes(40_000_000), mtime=0), "Content-Type: text/html", "Content-Encoding: gzip"), "html_too_large"),
        (answer(gzip.compress(b"x" * 100, mtime=0)[:10] + b"\xff" * 50, "Content-Type: text/html", "Content-Encoding: gzip"), "bad_coding"),
        (answer(b"\0\1x", "Content-Type: text/html", "Content-Encoding: compress"), "unknown_coding"),
    ],
)
def test_one_bad_answer_is_a_drop_and_the_next_is_read(block: bytes, reason: str) -> None:
    good = record("response", answer(b"<p>x</p>", "Content-Type: text/html"))
    found = list(read_warc(record("response", block) + good, "place", []))
    assert found[0] == ("1", Drop(reason))
    assert found[1][0] == "2"


def test_pages_are_read_by_the_library_that_is_asked_for() -> None:
    archive = record("response", answer(b"<div>" * 300 + b"deep", "Content-Type: text/html"))
    assert list(read_warc(archive, "place", [], "trafilatura")) == [("1", Drop("html_too_deep"))]


def test_xhtml_is_read_as_xml() -> None:
    page = b"<html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body><p>one</p></body></html>"
    ((_, found),) = read_warc(record("response", answer(page, "Content-Type: application/xhtml+xml")), "place", [])
    assert isinstance(found, dict)
    assert found["text"] == "one"


@pytest.mark.fault("D21", inject="an archive that is cut, with bytes between its records, wrong lengths, headers without an end")
@pytest.mark.parametrize(
    "damaged",
    [
        record("conversion", b"cut")[:-6],
        b"bytes of nothing\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: -5\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: conversion\r\n\r\nx",
        b"WARC/1.0\r\nX: " + b"y" * 100_000,
        b"WARC/1.0\r\nContent-Length: 99999\r\n\r\nx\r\n",
    ],
)
def test_a_damaged_part_of_an_archive_is_one_drop_and_the_records_around_it_are_read(damaged: bytes) -> None:
    good = record("conversion", b"whole")
    whole = {"url": "http://a/", "title": "", "text": "whole"}
    assert list(read_warc(good + damaged, "place", [])) == [("1", whole), ("2", Drop("bad_warc"))]
    if not damaged.endswith(b"c"):  # a record that is cut takes the first bytes of the next for its own
        assert list(read_warc(good + damaged + b"\r\n" + good, "place", [])) == [("1", whole), ("2", Drop("bad_warc")), ("3", whole)]


@given(st.lists(st.tuples(st.sampled_from(["response", "conversion"]), st.text("ab\r\n\u4e2d", max_size=9)), max_size=9))
def test_whole_archives_are_read_as_fastwarc_reads_them(records: list[tuple[str, str]]) -> None:
    archive = b""
    for kind, text in records:
        block = answer(text.encode(), "Content-Type: text/plain") if kind == "response" else text.encode()
        archive += record(kind, block, "application/http" if kind == "response" else "text/plain")
    found = [value["text"] for _, value in read_warc(archive, "place", []) if isinstance(value, dict)]
    assert found == [entry.reader.read().decode() for entry in ArchiveIterator(io.BytesIO(archive))]


def test_a_file_that_begins_with_no_record_is_refused() -> None:
    with pytest.raises(DataError, match="record 1: expected a record that begins with WARC"):
        list(read_warc(b"<p>no archive</p>", "place", []))
    assert list(read_warc(b"\r\n", "place", [])) == []


def test_a_body_that_is_cut_is_kept_and_counted() -> None:
    page = gzip.compress(b"<p>first</p>" + bytes(range(33, 126)) * 200, mtime=0)
    changes: list[Change] = []
    cut = record("response", answer(page[:-20], "Content-Type: text/html", "Content-Encoding: gzip"))
    image = record("response", answer(b"\0\1", "Content-Type: image/png", "Content-Encoding: compress"))
    [(name, found)] = read_warc(image + cut, "place", changes)
    assert isinstance(found, dict)
    assert found["text"].startswith("first")
    assert [(change.record, change.step) for change in changes] == [("2", "web_body_cut")]
    assert name == "2"


@given(st.binary(max_size=100), st.sampled_from(["response", "resource", "conversion"]))
def test_no_answer_crashes_it(body: bytes, kind: str) -> None:
    for block in (body, answer(body, "Content-Type: text/html", "Transfer-Encoding: chunked", "Content-Encoding: gzip")):
        for _, found in read_warc(record(kind, block), "place", []):
            assert isinstance(found, dict | Drop)
