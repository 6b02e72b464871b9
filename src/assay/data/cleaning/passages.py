"""Cuts a long plain text into passages, so that one book is many documents and still splits into train, validation and test."""

from collections.abc import Iterator

SENTENCE_ENDS = "\u3002\uff01\uff1f\uff1b.!?; "
"""Where a line longer than a passage may be cut: after Chinese and Latin sentence ends, or a blank."""


def passages(text: str, passage_bytes: int) -> list[str]:
    """Pieces that together are the text, character for character. Each is at most 1.25 passage_bytes of UTF-8.

    Cut after blank lines; in a block without them after a line; in a longer line after a sentence.
    """
    found: list[str] = []
    current: list[str] = []
    size = 0
    for block in _blocks(text, passage_bytes):
        block_bytes = len(block.encode("utf-8", "surrogatepass"))
        if current and size + block_bytes > passage_bytes:
            found.append("".join(current))
            current, size = [], 0
        current.append(block)
        size += block_bytes
    if found and size * 4 < passage_bytes:  # a stub such as "THE END" is no document of its own
        current = [found.pop(), *current]
    if current:
        found.append("".join(current))
    return found


def _blocks(text: str, limit_bytes: int) -> Iterator[str]:
    """Lines up to and with the blank lines that follow them; a block over the limit in smaller pieces."""
    block: list[str] = []
    after_blank = False
    for line in _lines(text):
        blank = not line.strip()
        if after_blank and not blank:
            yield from _within("".join(block), limit_bytes)
            block = []
        block.append(line)
        after_blank = blank
    yield from _within("".join(block), limit_bytes)


def _within(block: str, limit_bytes: int) -> Iterator[str]:
    if not block:
        return
    if len(block.encode("utf-8", "surrogatepass")) <= limit_bytes:
        yield block
        return
    for line in _lines(block):
        yield from _sentences(line, limit_bytes)


def _sentences(line: str, limit_bytes: int) -> Iterator[str]:
    window = max(1, limit_bytes // 4)  # characters that fit the limit even at four bytes each
    start = 0
    while len(line) - start > window and len(line[start : start + limit_bytes + 1].encode("utf-8", "surrogatepass")) > limit_bytes:
        end = start + window
        cut = max(line.rfind(mark, start, end) for mark in SENTENCE_ENDS) + 1
        yield line[start : cut if cut > start else end]
        start = cut if cut > start else end
    yield line[start:]


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends; only LF ends one."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end
