"""Web archives (WARC 1.0 and 1.1, ISO 28500): the title and text of each HTML or plain-text answer of a server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assay.data.cleaning.drop import Drop
from assay.data.html.page import read_page
from assay.data.reading.http_body import read_body
from assay.data.reading.record import Change, Record, decode_record
from assay.errors import DataError

HEADERS_LIMIT_BYTES = 64 * 2**10
"""Limit of the headers of one record or answer."""
EXCERPT_BYTES = 200
_VERSION = re.compile(rb"WARC/1\.[01]\r?\n")
_PAGES = ("text/html", "application/xhtml+xml")
_TEXT = (*_PAGES, "text/plain")
_NEXT_RECORD = b"\nWARC/1."
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)


def read_warc(content: bytes, place: str, changes: list[Change], extractor: str = "resiliparse") -> Iterator[Record]:
    """{url, title, text} of each record that answers with text, under its number from 1; what else an archive holds is passed over.

    Where the archive is damaged, one drop stands for all up to the next record. Raises DataError for a file that begins with no record.
    """
    if content.strip() and _VERSION.match(content.lstrip(b"\r\n")) is None:
        raise DataError(f"{place}: record 1: expected a record that begins with WARC/1.0 or WARC/1.1, found {content[:20]!r}.")
    position = number = 0
    while (position := _past_blank_lines(content, position)) < len(content):
        number += 1
        try:
            headers, start = _headers(content, position)
            end = start + _length(headers)
            if end > len(content):
                raise _DamageError(f"{end - len(content):,} bytes are missing")
        except _DamageError as damage:
            yield str(number), Drop("bad_warc", f"{damage}: {content[position : position + EXCERPT_BYTES].decode('utf-8', 'replace')}")
            following = content.find(_NEXT_RECORD, position)
            position = following + 1 if following >= 0 else len(content)
            continue
        found = _Reader(extractor, str(number), changes).read(headers, content[start:end])
        if found is not None:
            yield str(number), found
        position = end


class _DamageError(Exception):
    """Where a record ends can't be told."""


def _past_blank_lines(content: bytes, position: int) -> int:
    while content[position : position + 1] in (b"\r", b"\n"):
        position += 1
    return position


def _headers(content: bytes, position: int) -> tuple[dict[str, str], int]:
    version = _VERSION.match(content, position)
    end = _end_of_headers(content, position)
    if version is None or end < 0:
        raise _DamageError("no headers of a record")
    return _fields(content[version.end() : end]), end


def _end_of_headers(content: bytes, position: int) -> int:
    limit = position + HEADERS_LIMIT_BYTES
    following = content.find(_NEXT_RECORD, position, limit)
    limit = following if following >= 0 else limit  # so that no byte is looked at twice, however many records have no end of headers
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


def _length(headers: dict[str, str]) -> int:
    value = headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,15}", value):
        raise _DamageError(f"Content-Length is {value!r}")
    return int(value)


@dataclass
class _Reader:
    """Reads one record. What is repaired on the way is added to `changes` under the record's name."""

    extractor: str
    name: str
    changes: list[Change]

    def read(self, headers: dict[str, str], block: bytes) -> dict[str, str] | Drop | None:
        """None for a record that holds no text of a page: requests, metadata, images."""
        kind = headers.get("warc-type")
        url = {"url": headers.get("warc-target-uri", "").strip("<>")}
        if kind == "conversion":  # the text itself, as in Common Crawl's WET files
            return self.plain(block, ["utf-8"], None, url)
        if kind == "resource":
            return self.answer(headers.get("content-type", ""), block, url)
        if kind != "response" or not headers.get("content-type", "").lower().startswith("application/http"):
            return None
        end = _end_of_headers(block, 0)
        if end < 0 or not block.startswith(b"HTTP/"):
            return Drop("bad_http", block[:EXCERPT_BYTES].decode("utf-8", "replace"))
        answer = _fields(block[:end].split(b"\n", 1)[1])
        media = answer.get("content-type", "")
        if block.split(b"\r\n", 1)[0].split()[1:2] != [b"200"] or _media(media) not in _TEXT:
            return None
        body = read_body(answer, block[end:], "warc-truncated" in headers)
        if isinstance(body, Drop):
            return body
        page = self.answer(media, body[0], url)
        if body[1] and isinstance(page, dict):
            last = page["text"][-EXCERPT_BYTES:]
            self.changes.append(Change(self.name, "web_body_cut", last, last))
        return page

    def answer(self, kind: str, body: bytes, url: dict[str, str]) -> dict[str, str] | Drop | None:
        found = _CHARSET.search(kind)
        charset = found[1] if found else None
        if _media(kind) in _PAGES:
            page = read_page(body, charset, self.extractor, _media(kind) == "application/xhtml+xml", self.name, self.changes)
            return page if isinstance(page, Drop) else {**url, **page}
        return self.plain(body, ["auto"], charset, url) if _media(kind) in _TEXT else None

    def plain(self, content: bytes, encodings: list[str], charset: str | None, url: dict[str, str]) -> dict[str, str] | Drop:
        text = decode_record(content, encodings, [charset] if charset else [], self.name, self.changes)
        return text if isinstance(text, Drop) else {**url, "title": "", "text": text}


def _media(kind: str) -> str:
    return kind.partition(";")[0].strip().lower()
