"""Declarations of the values that a field of a schema may hold. Schemas are plain dataclasses, so checking a config imports nothing heavy."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field
from typing import Any

FOLDER_IN_PROJECT = r"(?!(.*/)?\.\.(/|$))\w[\w./-]*"
"""Pattern of a relative path that stays below the project: no `..`, no leading slash or dash."""
FOLDER, FOLDER_OR_NAME = "folder", "folder or name"
"""Kinds of fields with a path: always a path, or a path where there is a slash and else a name."""


@dataclass(frozen=True)
class Range:
    """The values that a field may hold beyond its type, and its meaning."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    pattern: str | None = None
    words: str = ""  # the pattern in words, for people
    path: str = ""  # FOLDER or FOLDER_OR_NAME; a relative one begins at the current folder if typed, at the project if in a file
    help: str = ""


def setting(default: Any = MISSING, *, make: Callable[[], Any] | None = None, **rules: Any) -> Any:
    """A dataclass field with its range: `setting(12, at_least=1, help="layers")`; without a default it is required."""
    metadata = {"range": Range(**rules)}
    if make is not None:
        return field(default_factory=make, metadata=metadata)
    return field(default=default, metadata=metadata)
