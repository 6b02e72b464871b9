"""Which files of a source are read: shell patterns against the full name, and a message when one of them matches nothing."""

import fnmatch
import re

from rapidfuzz import fuzz, process

from assay.errors import DataError


class Patterns:
    """Matches names and remembers what was seen, so that a pattern that never matched can be reported with near names."""

    def __init__(self, patterns: list[str]) -> None:
        self._unused = set(patterns)
        self._compiled = [(pattern, re.compile(fnmatch.translate(pattern))) for pattern in patterns]
        self._seen: list[str] = []

    def match(self, name: str) -> bool:
        """Whether any pattern matches; `*` crosses folders, and case counts on every system."""
        self._seen.append(name)
        used = {pattern for pattern, compiled in self._compiled if compiled.match(name)}
        self._unused -= used
        return bool(used)

    def check_all_used(self, place: str) -> None:
        """Raise DataError if a pattern matched no name."""
        if not self._unused:
            return
        pattern = min(self._unused)
        near = [name for name, _, _ in process.extract(pattern, sorted(set(self._seen)), scorer=fuzz.WRatio, limit=3)]
        names = "".join(f"\n    {name}" for name in near) or "\n    (no file at all)"
        raise DataError(f"{place}: no file matches members pattern {pattern!r}. Nearest names:{names}\n  Correct `members` in conf/data/.")
