"""Cuts a long plain text into passages, so that one book is many documents and still splits into train, validation and test."""

import re

_BLANK_LINES = re.compile(rb"\n[ \t\r]*\n")
_SENTENCE_ENDS = tuple(mark.encode() for mark in "\u3002\uff01\uff1f\uff1b.!?; ")
"""Where a line longer than a passage may be cut: after Chinese and Latin sentence ends, or a blank."""


def passages(text: str, passage_bytes: int) -> list[str]:
    """Pieces that together are the text, character for character. Each is at most passage_bytes of UTF-8; the last, 1.25 times that.

    Cut after blank lines; in a block without them after a line; in a longer line after a sentence.
    """
    content = text.encode()
    pieces: list[bytes] = []
    start = 0
    while len(content) - start > passage_bytes:
        end = start + _cut(content[start : start + passage_bytes])
        pieces.append(content[start:end])
        start = end
    rest = content[start:]
    if pieces and len(rest) * 4 < passage_bytes:  # a stub such as "THE END" is no document of its own
        rest = pieces.pop() + rest
    return [piece.decode() for piece in (*pieces, rest) if piece]


def _cut(window: bytes) -> int:
    """Where the first passage ends, above 0. The window is full, and may end inside a character."""
    blank = 0
    for match in _BLANK_LINES.finditer(window):
        blank = match.end()
    if window[:blank].strip():
        return blank
    line = window.rfind(b"\n") + 1
    sentence = line or max(window.rfind(mark) + len(mark) if mark in window else 0 for mark in _SENTENCE_ENDS)
    return sentence or _whole_characters(window)


def _whole_characters(window: bytes) -> int:
    end = len(window)
    while end > 1 and window[end - 1] & 0b1100_0000 == 0b1000_0000:  # a byte that continues a character
        end -= 1
    lead = window[end - 1]
    length = 4 if lead >= 0xF0 else 3 if lead >= 0xE0 else 2 if lead >= 0xC0 else 1
    return len(window) if end - 1 + length == len(window) else end - 1
