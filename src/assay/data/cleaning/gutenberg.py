"""Cuts the frame that Project Gutenberg puts around a text: header, "small print", credits and licence.

Three generations of it: `*** START OF THE PROJECT GUTENBERG EBOOK ...` (since about 2001), the small print that ends in `*END*`
(1991 to 2003), and files whose header was already removed, which stay as they are.
"""

import re

HEADER_SHARE = 0.5
"""The frame's start lies in the first half of a file: a later one is quoted text."""
_FLAGS = re.IGNORECASE | re.MULTILINE
_PAST = r"[^\n]*(?:\n|\Z)"
_STARTS = (
    re.compile(
        r"^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)" + r"(?:[^\n*]*\n){0,3}?[^\n]*\*{3}[ \t]*(?:\n|\Z)", _FLAGS
    ),
    re.compile(r"^\*END[ *]*THE SMALL PRINT!" + _PAST, _FLAGS),
    re.compile(r"^\**\s?END\*?\s?THE SMALL PRINT!" + _PAST, _FLAGS),
)
_ENDS = (
    re.compile(r"^\*{3} ?END OF (?:THE|THIS) PROJECT GUTENBERG", _FLAGS),
    re.compile(r"^[ \t]*(?:\*{3} ?)?End of (?:the |this )?Project Gutenberg(?:'s|\u2019s)?(?: etext| ebook)?\b", _FLAGS),
    re.compile(r"^[ \t]*\**[ \t]*START: FULL LICENSE", _FLAGS),
)
_CREDIT = re.compile(
    r"\A\s*(?:(?:This etext was |E-?text )?(?:produced|prepared|transcribed|scanned|typed|proofed) (?:by|for)\b[^\n]*(?:\n[^\n]+)*\n\s*\n)",
    re.IGNORECASE,
)


def without_gutenberg_frame(text: str) -> str:
    start = _after_header(text)
    body = text[start : _before_footer(text, start)]
    if start:
        body = _CREDIT.sub("", body, count=1)
    return body.strip("\r\n") if body != text else text


def _after_header(text: str) -> int:
    """Position after the last line of the header, 0 without one. The latest mark counts: newer files hold both generations."""
    limit = max(int(len(text) * HEADER_SHARE), 20_000)
    return max((match.end() for mark in _STARTS for match in mark.finditer(text, 0, limit)), default=0)


def _before_footer(text: str, start: int) -> int:
    return min((match.start() for mark in _ENDS if (match := mark.search(text, start))), default=len(text))
