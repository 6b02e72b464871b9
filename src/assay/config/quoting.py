"""Quotes for values that Hydra's grammar has no words for, as Chinese ones: `labels=[正面,负面]` is read as `labels=["正面","负面"]`."""

import re

_PLAIN = r"[\w\s/\\.+:%@?|$*-]"
"""Characters that may stand in a value without quotes (OverrideLexer.g4), in ASCII."""
_UNKNOWN = re.compile(rf"(?!{_PLAIN})[^\[\]{{}}(),=;'\"]", re.ASCII)
"""Characters that Hydra's lexer has no rule for."""
_STRUCTURE = "[]{},"
_FUNCTION = re.compile(r"\s*[A-Za-z_]\w*\(", re.ASCII)
"""A sweep by a function of Hydra, as choice(a,b): its brackets are structure too. Others are text."""


def quoted(text: str) -> str | None:
    """The override with quotes around each part of its value that needs them, or None where that is no help.

    Brackets and commas outside quotes keep their meaning; the key is left as it is.
    """
    key, equals, value = text.partition("=")
    parts = _parts(value) if equals else []
    if not parts:
        return None
    written = "".join(_written(part, inside) for part, inside in parts)
    return f"{key}={written}" if written != value else None


def _parts(value: str) -> list[tuple[str, str]]:
    """The value cut at its structure: (part, the brackets it is in). Empty where it holds quotes that do not close."""
    parts: list[tuple[str, str]] = []
    structure = _STRUCTURE + "()" if _FUNCTION.match(value) else _STRUCTURE
    inside = start = at = 0
    brackets = ""
    while at < len(value):
        sign = value[at]
        if sign in "'\"" and not value[start:at].strip():
            end = _closing(value, at)
            if end < 0:
                return []
            at = end
        elif sign in structure or (sign == ":" and brackets.endswith("{") and not inside):
            parts += [(value[start:at], brackets), (sign, "")]
            brackets = brackets + sign if sign in "[{" else brackets[:-1] if sign in "]}" else brackets
            inside = int(sign == ":")  # a second colon is part of the value
            start = at + 1
        at += 1
    return [*parts, (value[start:], brackets)]


def _closing(value: str, start: int) -> int:
    found = re.compile(r"\\.|" + value[start]).finditer(value, start + 1)
    return next((match.start() for match in found if match.group() == value[start]), -1)


def _written(part: str, brackets: str) -> str:
    text = part.strip()
    if not text or not _UNKNOWN.search(text) or not set("'\"\\").isdisjoint(text):
        return part
    before, _, after = part.partition(text)
    return f'{before}"{text}"{after}'


def unreadable_signs(text: str) -> str:
    """The signs of a value that keep it from being read as it is, each once; a backslash and quotes among them."""
    value = text.partition("=")[2]
    found = [sign for sign in value if sign in "()=;'\"\\"] or _UNKNOWN.findall(value)
    return "".join(dict.fromkeys(found))
