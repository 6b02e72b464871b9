"""Web archives (WARC 1.0 and 1.1, ISO 28500): the title and text of each HTML or plain-text answer of a server."""

import re
import zlib
from collections.abc import Iterator

from assay.data.cleaning.decoding import decode
from assay.data.cleaning.drop import Drop
from assay.data.html.page import PAGE_LIMIT_BYTES, read_page
from assay.data.reading.record import Record
from assay.errors import DataError

HEADERS_LIMIT_BYTES = 64 * 2**10
"""Of one record or answer."""
_VERSION = re.compile(rb"WARC/1\.[01]\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)


def read_warc(content: bytes, place: str, extractor: str = "resiliparse") -> Iterator[Record]:
    """{url, title, text} of each record that answers with text, under its number from 1; what else an archive holds is passed over.

    Raises DataError where the archive itself is damaged: what follows can't be found.
    """
    position = number = 0
    while position < len(content):
        number += 1
        headers, start = _headers(content, position, f"{place}: record {number}")
        end = start + _length(headers, f"{place}: record {number}")
        if end > len(content):
            raise DataError(f"{place}: record {number} is cut: {end - len(content):,} bytes are missing.")
        found = _text(headers, content[start:end], extractor)
        if found is not None:
            yield str(number), found
        position = _past_blank_lines(content, end)


def _past_blank_lines(content: bytes, position: int) -> int:
    while content[position : position + 1] in (b"\r", b"\n"):
        position += 1
    return position


def _headers(content: bytes, position: int, place: str) -> tuple[dict[str, str], int]:
    version = _VERSION.match(content, position)
    end = _end_of_headers(content, position)
    if version is None or end < 0:
        raise DataError(f"{place}: expected a record that begins with WARC/1.0 or WARC/1.1, found {content[position : position + 20]!r}.")
    return _fields(content[version.end() : end]), end


def _end_of_headers(content: bytes, position: int) -> int:
    limit = position + HEADERS_LIMIT_BYTES
    ends = [found + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (found := content.find(mark, position, limit)) >= 0]
    return min(ends, default=-1)


def _fields(lines: bytes) -> dict[str, str]:
    """Names in small letters. Of a name that occurs twice the first counts."""
    fields: dict[str, str] = {}
    for line in lines.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _length(headers: dict[str, str], place: str) -> int:
    value = headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,15}", value):
        raise DataError(f"{place}: Content-Length is {value!r}, expected a number of bytes.")
    return int(value)


def _text(headers: dict[str, str], block: bytes, extractor: str) -> dict[str, str] | Drop | None:
    """None for a record that holds no text of a page: requests, metadata, images."""
    kind = headers.get("warc-type")
    url = {"url": headers.get("warc-target-uri", "").strip("<>")}
    if kind == "conversion":  # the text itself, as in Common Crawl's WET files
        found = decode(block, ["utf-8"])
        return found if isinstance(found, Drop) else {**url, "title": "", "text": found[0]}
    if kind == "resource":
        return _answer(headers.get("content-type", ""), block, url, extractor)
    if kind != "response" or not headers.get("content-type", "").lower().startswith("application/http"):
        return None
    end = _end_of_headers(block, 0)
    if end < 0 or not block.startswith(b"HTTP/"):
        return Drop("bad_http")
    if block.split(b"\r\n", 1)[0].split()[1:2] != [b"200"]:
        return None
    answer = _fields(block[:end].split(b"\n", 1)[1])
    body = _body(answer, block[end:])
    return body if isinstance(body, Drop) else _answer(answer.get("content-type", ""), body, url, extractor)


def _answer(kind: str, body: bytes, url: dict[str, str], extractor: str) -> dict[str, str] | Drop | None:
    media = kind.partition(";")[0].strip().lower()
    charset = _CHARSET.search(kind)
    name = charset[1] if charset else None
    if media in ("text/html", "application/xhtml+xml"):
        page = read_page(body, name, extractor, media == "application/xhtml+xml")
        return page if isinstance(page, Drop) else {**url, **page}
    if media != "text/plain":
        return None
    found = decode(body, ["utf-8", "cp1252"], [name] if name else [])
    return found if isinstance(found, Drop) else {**url, "title": "", "text": found[0]}


def _body(headers: dict[str, str], body: bytes) -> bytes | Drop:
    """Without the codings of the transfer. Many crawlers store the body decoded and keep the headers, so a body in clear passes."""
    if headers.get("transfer-encoding", "").lower() == "chunked" and re.match(rb"[0-9A-Fa-f]{1,8}\s*[;\r]", body):
        body = _unchunked(body)
    coding = headers.get("content-encoding", "").lower()
    if coding not in ("gzip", "x-gzip", "deflate") or (coding != "deflate" and not body.startswith(b"\x1f\x8b")):
        return body if coding in ("", "identity", "gzip", "x-gzip") else Drop("unknown_coding")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = unpacker.decompress(body, PAGE_LIMIT_BYTES + 1)
    except zlib.error:
        return Drop("bad_coding")
    return Drop("html_too_large") if len(plain) > PAGE_LIMIT_BYTES else plain


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    position = 0
    while True:
        line = body.find(b"\r\n", position, position + 100)
        size = re.match(rb"[0-9A-Fa-f]{1,8}", body[position : max(line, position)])
        if size is None or int(size[0], 16) == 0:
            return b"".join(parts)
        start = line + 2
        parts.append(body[start : start + int(size[0], 16)])
        position = start + int(size[0], 16) + 2
