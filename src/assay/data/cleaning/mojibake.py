"""Repairs text that was decoded with the wrong encoding: "cafÃ©" for "café". By ftfy, only where a cheap look finds something."""

import re

_SUSPECT = re.compile(
    rb"\xc3[\x82-\xb4](?:\xc2[\x80-\x9f\xa1-\xaa\xac-\xba\xbc-\xbf]|\xe2(?:\x80|\x82\xac|\x84\xa2)|\xc5|\xc6\x92|\xcb)|\xc3[\x82\x83]\xc2|\xc2[\x80-\x9f]"
)
"""The first byte of a UTF-8 character read as Latin-1 or cp1252 (U+00C2 to U+00F4) before a later one so read; or a C1 control character."""
LONGEST_LINE = 100_000
"""Characters. A longer line is no prose, and ftfy tries several encodings on all of it."""


def suspect(text: str) -> bool:
    """Whether text may hold mojibake of Latin-1 or cp1252. Most has no byte C3 or C2 at all, which memchr sees at gigabytes a second."""
    if text.isascii():
        return False
    content = text.encode()
    return (b"\xc3" in content or b"\xc2" in content) and _SUSPECT.search(content) is not None


def without_mojibake(text: str) -> str:
    """Line by line, since files are often put together from parts with different histories."""
    if not suspect(text):
        return text
    from ftfy import fix_encoding

    lines = text.split("\n")
    return "\n".join([fix_encoding(line) if len(line) <= LONGEST_LINE and suspect(line) else line for line in lines])
