"""Line ends, trailing blanks, empty lines and control characters. Indentation stays: in code and in verse it carries meaning."""

import re

EMPTY_LINES = 2
"""The most empty lines in a row that are kept."""
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")
_MANY_EMPTY = re.compile(f"\n{{{EMPTY_LINES + 2},}}")


def normalise_whitespace(text: str) -> str:
    """Tabs, indentation, no-break spaces and the joiners inside words of Indic and Persian text are kept."""
    text = _CONTROL.sub("", _LINE_ENDS.sub("\n", text))
    # Not one pattern for blanks before a line end: it takes quadratic time on a long run of blanks.
    text = "\n".join([line.rstrip() for line in text.split("\n")])
    return _MANY_EMPTY.sub("\n" * (EMPTY_LINES + 1), text).strip("\n")
