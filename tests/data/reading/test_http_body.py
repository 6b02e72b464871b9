import gzip
import time
import zlib

import pyarrow as arrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.drop import Drop
from assay.data.html.page import PAGE_LIMIT_BYTES
from assay.data.reading.http_body import read_body

TEXT = b"<p>some text of a page</p>" * 3


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def brotli(content: bytes) -> bytes:
    return bytes(arrow.compress(content, codec="brotli", asbytes=True))


def zstd(content: bytes) -> bytes:
    return bytes(arrow.compress(content, codec="zstd", asbytes=True))


PACKED = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli, "zstd": zstd}


def read(body: bytes, coding: str = "", transfer: str = "", is_truncated: bool = False) -> tuple[bytes, bool] | Drop:
    return read_body({"content-encoding": coding, "transfer-encoding": transfer}, body, is_truncated)


@pytest.mark.fault("D21", inject="two members of gzip, zlib and raw deflate, several codings, another coding than was declared or none")
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:])),
        ("x-gzip", gzip.compress(TEXT) + bytes(9)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli(TEXT)),
        ("zstd", zstd(TEXT[:9]) + zstd(TEXT[9:])),
        ("gzip, identity", gzip.compress(TEXT)),
        ("GZIP , gzip", gzip.compress(gzip.compress(TEXT))),
        ("deflate, br", brotli(zlib.compress(TEXT))),
        ("br", gzip.compress(TEXT)),
        ("none", zstd(TEXT)),
        ("", gzip.compress(TEXT)),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else ""
    ),  # not the bytes, which hold the time: two workers would collect tests of different names
)
def test_a_body_is_unpacked_by_its_bytes(coding: str, body: bytes) -> None:
    assert read(body, coding) == (TEXT, False)


@pytest.mark.fault("D21", inject="a body in clear under every coding")
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "none", "identity", "gzip, br", "compress", "utf-8"])
@pytest.mark.parametrize("body", [TEXT, b"x^2 begins as zlib does", "\u4e2d\u6587".encode(), "<p>x".encode("utf-16"), b""])
def test_a_body_in_clear_passes_whatever_was_declared(coding: str, body: bytes) -> None:
    assert read(body, coding) == (body, False)


@pytest.mark.fault("D21", inject="compressed bodies cut at every byte, or with a byte changed")
@pytest.mark.parametrize("coding", list(PACKED))
def test_of_a_damaged_body_the_beginning_is_kept_and_its_loss_told(coding: str) -> None:
    content = bytes(str(list(range(3000))), "ascii")
    body = PACKED[coding](content)
    lengths = []
    for end in range(len(body) // 4, len(body) - 8, len(body) // 20):
        found = read(body[:end], coding)
        assert found == Drop("bad_coding") or (isinstance(found, tuple) and content.startswith(found[0]) and found[1])
        lengths.append(0 if isinstance(found, Drop) else len(found[0]))
    assert lengths == sorted(lengths)
    assert lengths[-1] > 0 or coding == "zstd"  # of its blocks of 128 KiB


@pytest.mark.parametrize("coding", list(PACKED))
def test_a_bomb_is_dropped_with_little_work(coding: str) -> None:
    bomb = PACKED[coding](bytes(20 * PAGE_LIMIT_BYTES))
    started = time.process_time()
    assert read(bomb, coding) == Drop("html_too_large")
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"3\r\nabc\r\n5;a=b\r\ndefgh\r\n0\r\n\r\n", (b"abcdefgh", False)),
        (b"3 \nabc\n0\n", (b"abc", False)),
        (b"0\r\n\r\n", (b"", False)),
        (b"3\r\nabc\r\n5\r\nde", (b"abcde", True)),
        (b"3\r\nabc\r\nno chunk", (b"abc", True)),
        (b"3\r\nabc\r\n", (b"abc", True)),
    ],
)
def test_chunks_are_joined_and_a_missing_one_told(body: bytes, expected: tuple[bytes, bool]) -> None:
    assert read(body, transfer="chunked") == expected


@pytest.mark.fault("D21", inject="text in clear under a chunked header that begins with a number, as chunks do")
@pytest.mark.parametrize(
    "body", [b"1812\r\nwas a year", b"ace\nof spades", b"5\r\nmore than five letters", b"0\r\nis a number", b"2001: a year", b"no number"]
)
def test_text_in_clear_is_no_chunk(body: bytes) -> None:
    assert read(body, transfer="chunked") == (body, False)


def test_a_first_chunk_that_is_cut_is_one_where_the_archive_says_so_or_it_is_packed() -> None:
    packed = gzip.compress(TEXT)
    assert read(b"1812\r\n<p>x", transfer="chunked", is_truncated=True) == (b"<p>x", True)
    assert read(b"1812\r\n" + packed, "gzip", "chunked") == (TEXT, True)
    assert read(packed, transfer="gzip, chunked") == (TEXT, False)


def test_more_codings_than_servers_use_are_refused() -> None:
    assert read(TEXT, ",".join(["gzip"] * 9)) == Drop("unknown_coding")


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", ""]), st.sampled_from(["", "chunked"]))
def test_no_body_crashes_it(body: bytes, coding: str, transfer: str) -> None:
    for content in (body, b"\x1f\x8b\x08" + body, b"\x78\x9c" + body, b"\x28\xb5\x2f\xfd" + body, b"5\r\n" + body):
        assert isinstance(read(content, coding, transfer), tuple | Drop)
