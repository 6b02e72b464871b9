"""Messages about mistakes in a config: where it is, what is wrong, and the nearest name that would be right."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assay.errors import ConfigError

SECRET_WORDS = frozenset({"apikey", "credential", "credentials", "key", "passphrase", "passwd", "password", "secret", "secrets", "token"})
LOGIN_IN_URL = re.compile(r"://[^/\s?#]*@")
MOST_SHOWN = 50


@dataclass(frozen=True)
class Problem:
    """One mistake: `place` is a file with its line, or the override as it was typed."""

    place: str
    text: str
    unread: str = ""  # the file that could not be read, so that nothing is known of what it holds or lacks

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def refuse(problems: Sequence[Problem]) -> None:
    """Raise one ConfigError with every problem, each said once; return if there is none."""
    lines = list(dict.fromkeys(str(problem) for problem in problems))
    if not lines:
        return
    more = [f"and {len(lines) - MOST_SHOWN} more"] if len(lines) > MOST_SHOWN else []
    count = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    raise ConfigError("\n  ".join([f"{count} in the config; nothing was started", *lines[:MOST_SHOWN], *more]))


def show(value: Any) -> str:
    """The value for a message: short, without control characters, and without a login it may hold."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**30:
        return "a number of more than 30 digits"  # str() of a very long one raises
    text = repr(value)
    if LOGIN_IN_URL.search(text):
        return "a URL with a login"
    return text if len(text) <= 80 else text[:77] + "..."


def dotted(path: Sequence[str | int]) -> str:
    return printable(".".join(str(part) for part in path)) or "the file"


def printable(text: str) -> str:
    """The text on one line, so that a name from a file or the command line cannot steer the terminal."""
    escaped = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return escaped if len(escaped) <= 120 else escaped[:117] + "..."


def looks_secret(name: str) -> bool:
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return any(word.lower() in SECRET_WORDS for word in words)


def override_place(text: str) -> str:
    """The override as typed; its value is left out where it may be a secret, since messages end up in logs."""
    key, equals, _ = text.partition("=")
    named = re.findall(r"[\w-]+(?=\s*:)", text)  # the names inside a mapping
    if equals and (any(map(looks_secret, (key, *named))) or LOGIN_IN_URL.search(text)):
        text = f"{key}=..."
    return f"override {printable(text)}"


def nearest(name: str, valid: Iterable[str], at_least: float = 0.5) -> str | None:
    """The valid name most like `name`, by edits and swaps of neighbours, or the one it abbreviates (lr) or begins (sha)."""
    from rapidfuzz.distance import OSA  # here, because a right config never needs it

    names = sorted(valid)
    abbreviated = [each for each in names if len(name) > 1 and "".join(word[:1] for word in each.split("_")) == name]
    begun = [each for each in names if len(name) > 2 and each.startswith(name)]
    if abbreviated or begun:
        return (abbreviated + begun)[0]
    scored = [(OSA.normalized_similarity(name, each), each) for each in names]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= at_least else None


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    found = nearest(name, valid)
    return f"; did you mean {found}?" if found else ""
