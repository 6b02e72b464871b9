"""Message catalogues of gettext (.po): a source sentence and its translation for each entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assay.data.cleaning.drop import Drop
from assay.data.reading.record import Change, ReadRecord, decode_record
from assay.errors import DataError

FIELDS = ("source", "translation", "context")
_CHARSET = re.compile(rb"Content-Type:[^\"\r\n]{0,200}?charset=([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr\[[0-9]{1,2}\]|msgstr)?\s*"(.*)"\Z', re.DOTALL)
_ESCAPE = re.compile(r"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@dataclass
class _Entry:
    start: int = 0
    """Number of its first line, from 1."""
    flags: str = ""
    quoted: dict[str, list[str]] = field(default_factory=dict)
    """Quoted strings by keyword; `keyword` is that of the last line."""
    keyword: str = ""
    fault: str = ""

    def add(self, line: str, number: int) -> None:
        self.start = self.start or number
        found = _LINE.match(line)
        if found is None or not (found[1] or self.keyword):
            self.fault = self.fault or f"{number}: expected msgid, msgstr or a quoted line.\n  Found: {line[:80]!r}"
            return
        self.keyword = "msgstr" if found[1] == "msgstr[0]" else found[1] or self.keyword
        self.quoted.setdefault(self.keyword, []).append(found[2])

    def is_ended_by(self, line: str) -> bool:
        """Empty lines stand between most entries, but may be missing, or stand inside of one."""
        if not line or line.startswith("#"):
            return "msgstr" in self.quoted or bool(self.fault)
        begins = re.match("msgctxt|msgid(?!_)", line)
        return begins is not None and (begins[0] in self.quoted or "msgid" in self.quoted or "msgstr" in self.quoted)


def read_po(content: bytes, text_fields: list[str], place: str, changes: list[Change]) -> Iterator[ReadRecord]:
    """{source, translation, context} of each entry under the number of its first line; a DataError for one that is none of the format's.

    The charset that the catalogue declares is believed. A fuzzy, empty or equal translation is no field, and a drop where `text_fields` ask
    for it. Obsolete entries (#~) and the header are passed over.
    """
    if not set(text_fields) <= set(FIELDS):
        raise DataError(f"{place}: a .po file has the fields {', '.join(FIELDS)}; text_fields are {', '.join(text_fields)}.")
    header = b"\nmsgid".join(content.split(b"\nmsgid", 2)[:2])  # the first entry, and comments before it
    charset = _CHARSET.search(header)
    text = decode_record(content, ["auto"], [charset[1].decode()] if charset else [], "", changes)
    if isinstance(text, Drop):
        yield "", text
        return
    for entry in _entries(text):
        if not entry.fault and not {"msgid", "msgstr"} <= set(entry.quoted):
            entry.fault = f"{entry.start}: expected an entry with msgid and msgstr, found {', '.join(entry.quoted)}."
        if entry.fault:
            yield str(entry.start), DataError(f"{place}:{entry.fault}")
        elif any(entry.quoted["msgid"]):
            fields = _fields(entry)
            untranslated = "translation" in text_fields and "translation" not in fields
            yield str(entry.start), Drop("untranslated", fields["source"]) if untranslated else fields


def _entries(text: str) -> Iterator[_Entry]:
    entry = _Entry()
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        line = line.strip()
        if entry.is_ended_by(line):
            yield entry
            entry = _Entry()
        if line.startswith("#,"):
            entry.flags += line
        elif line and not line.startswith("#"):
            entry.add(line, number)
    if entry.start:
        yield entry


def _fields(entry: _Entry) -> dict[str, str]:
    source, translation, context = (_unescaped(entry.quoted.get(keyword, [])) for keyword in ("msgid", "msgstr", "msgctxt"))
    is_sure = "fuzzy" not in entry.flags and translation.strip() and translation != source
    fields = {"source": source, "translation": translation if is_sure else "", "context": context}
    return {name: value for name, value in fields.items() if value}


def _unescaped(lines: list[str]) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1]) or _character(match[1]), "".join(lines))


def _character(word: str) -> str:
    if word[0] in "01234567":
        return chr(int(word, 8))
    return chr(int(word[1:], 16)) if word[0] == "x" and len(word) > 1 else word
