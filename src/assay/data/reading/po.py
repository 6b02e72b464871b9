"""Message catalogues of gettext (.po): a source sentence and its translation for each entry."""

import re
from collections.abc import Iterator

from assay.data.reading.record import Record
from assay.errors import DataError

FIELDS = ("source", "translation", "context")
_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr\[[0-9]{1,2}\]|msgstr)?\s*"(.*)"\Z', re.DOTALL)
_ESCAPE = re.compile(r"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def read_po(text: str, place: str, first_line: int = 1) -> Iterator[Record]:
    """{source, translation, context} of each entry under the number of its first line. A fuzzy, empty or equal translation is no field.

    Obsolete entries (#~) and the header are passed over. Raises DataError at a line that is none of the format's.
    """
    entry: dict[str, list[str]] = {}
    flags, start, current = "", first_line, ""
    for number, line in enumerate(text.split("\n"), first_line):
        line = line.strip()
        if not line or line.startswith("#"):
            if "msgstr" in entry:
                yield from _entry(entry, flags, start)
                entry, flags, current = {}, "", ""
            flags += line if line.startswith("#,") else ""
            continue
        found = _LINE.match(line)
        if found is None or not (found[1] or current):
            raise DataError(f"{place}:{number}: expected msgid, msgstr or a quoted line.\n  Found: {line[:80]!r}")
        keyword = "msgstr" if found[1] == "msgstr[0]" else found[1] or current
        if found[1] and keyword in ("msgid", "msgctxt") and "msgstr" in entry:  # no empty line between two entries
            yield from _entry(entry, flags, start)
            entry, flags = {}, ""
        if not entry:
            start = number
        current = keyword
        entry.setdefault(keyword, []).append(found[2])
    if "msgstr" in entry:
        yield from _entry(entry, flags, start)


def _entry(entry: dict[str, list[str]], flags: str, start: int) -> Iterator[Record]:
    source = _unescaped(entry.get("msgid", []))
    translation = _unescaped(entry["msgstr"])
    if not source:
        return
    fields = {"source": source, "translation": translation, "context": _unescaped(entry.get("msgctxt", []))}
    if "fuzzy" in flags or not translation.strip() or translation == source:
        del fields["translation"]
    yield str(start), {name: value for name, value in fields.items() if value}


def _unescaped(lines: list[str]) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1]) or _character(match[1]), "".join(lines))


def _character(word: str) -> str:
    if word[0] in "01234567":
        return chr(int(word, 8))
    return chr(int(word[1:], 16)) if word[0] == "x" and len(word) > 1 else word
