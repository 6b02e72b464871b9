"""Body of an HTTP answer as a web archive holds it: its chunks joined and its compression undone.

Crawlers keep the headers of the server, but many store the body already decoded, or cut. So the bytes decide what is undone, and headers
only where the bytes leave a choice.
"""

import re
import zlib
from collections.abc import Generator, Iterator

import pyarrow as arrow

from assay.data.cleaning.drop import Drop
from assay.data.html.page import PAGE_LIMIT_BYTES

CODINGS_LIMIT = 5
"""One over another; servers use one."""
PIECE_BYTES = 4096
"""Compressed bytes that are read at a time: what comes before a damaged one is kept."""
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]{0,80}(?:;[^\r\n]{0,1000})?\r?\n")
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_CODINGS = ("", "none", "identity", "gzip", "x-gzip", "deflate", "br", "zstd")
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15
"""Window bits, by which zlib tells the three formats."""


def read_body(headers: dict[str, str], body: bytes, is_truncated: bool) -> tuple[bytes, bool] | Drop:
    """(body in clear, whether a part of it is missing), or why it can't be read. `is_truncated`: the archive says that it is cut."""
    transfer, content = (_listed(headers.get(name, "")) for name in ("transfer-encoding", "content-encoding"))
    is_cut = False
    if "chunked" in transfer:
        transfer.remove("chunked")
        body, is_cut = _unchunked(body, is_truncated)
    codings = [*content, *transfer] or [""]
    if len(codings) > CODINGS_LIMIT:
        return Drop("unknown_coding", f"{len(codings)} codings")
    for coding in reversed(codings):
        found = _unpacked(coding, body)
        if isinstance(found, Drop):
            return found
        body, is_cut = found[0], is_cut or found[1]
    return body, is_cut


def _listed(value: str) -> list[str]:
    return [word.strip().lower() for word in value.split(",") if word.strip()]


def _unchunked(body: bytes, is_truncated: bool) -> tuple[bytes, bool]:
    """(body, whether the last chunk is missing). A body is in clear if it begins with no chunk: the year 1984 is a number of bytes, too."""
    parts: list[bytes] = []
    position = 0
    while (chunk := _CHUNK.match(body, position)) is not None:
        start, size = chunk.end(), int(chunk[1], 16)
        if size == 0 and not parts and body[start:].strip():
            return body, False
        if size == 0:
            return b"".join(parts), False
        end = start + size
        if not body.startswith((b"\r\n", b"\n"), end):
            is_chunk = bool(parts) or is_truncated or _packing(body[start:]) is not None
            return (b"".join([*parts, body[start:end]]), True) if is_chunk else (body, False)
        parts.append(body[start:end])
        position = body.index(b"\n", end) + 1
    return (b"".join(parts), True) if parts else (body, False)


def _packing(body: bytes) -> str | None:
    return next((kind for magic, kind in _MAGIC.items() if body.startswith(magic)), None)


def _unpacked(coding: str, body: bytes) -> tuple[bytes, bool] | Drop:
    """(unpacked, whether the end is missing). The body itself where it is in clear, whatever was declared."""
    kind = _packing(body) or (coding if coding in ("deflate", "br") else None)
    if kind is None:
        return (body, False) if coding in _CODINGS or _is_text(body) else Drop("unknown_coding", coding)
    content, is_whole = _drained(_pieces(kind, body))
    if len(content) > PAGE_LIMIT_BYTES:
        return Drop("html_too_large", f"{coding}: {len(body):,} bytes")
    if not is_whole and _packing(body) is None and _is_text(body):
        return body, False
    return (content, not is_whole) if content or is_whole else Drop("bad_coding", coding or kind)


def _is_text(body: bytes) -> bool:
    head = body[:1024]
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or _NO_TEXT.search(head) is None


def _drained(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """(what came before damage, whether there was none); a little more than PAGE_LIMIT_BYTES at most."""
    parts: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            parts.append(piece)
            size += len(piece)
            if size > PAGE_LIMIT_BYTES:
                break
    except (zlib.error, EOFError, OSError):
        return b"".join(parts), False
    return b"".join(parts), True


def _pieces(kind: str, body: bytes) -> Iterator[bytes]:
    if kind in ("br", "zstd"):
        stream = arrow.CompressedInputStream(arrow.BufferReader(body), "brotli" if kind == "br" else kind)
        while piece := stream.read(PIECE_BYTES):
            yield piece
    elif kind == "gzip":
        while _packing(body) == "gzip":  # a file of gzip may have several members, one after another
            body = yield from _inflated(body, _GZIP)
        if body.strip(b"\0"):
            raise EOFError
    else:
        has_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0  # RFC 1950; servers also send none
        yield from _inflated(body, _ZLIB if has_header else _RAW_DEFLATE)


def _inflated(body: bytes, window_bits: int) -> Generator[bytes, None, bytes]:
    """Pieces of one member; returns the bytes after it. Raises EOFError where it is cut."""
    unpacker = zlib.decompressobj(window_bits)
    for start in range(0, len(body), PIECE_BYTES):
        yield unpacker.decompress(body[start : start + PIECE_BYTES])
        if unpacker.eof:
            return unpacker.unused_data + body[start + PIECE_BYTES :]
    raise EOFError
