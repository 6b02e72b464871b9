"""A document, its id, and what became of the documents of one unit of work."""

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from json.encoder import encode_basestring

import xxhash

DROPS_SHOWN = 20
"""Documents listed for each reason, those with the smallest ids: enough to judge a rule by eye."""
CHANGES_SHOWN = 5
"""Changes listed for each step."""
EXCERPT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    text: str
    source: str
    path: str
    record: str


@dataclass(frozen=True, slots=True, order=True)
class Dropped:
    id: str
    reason: str
    source: str
    path: str
    record: str
    excerpt: str


@dataclass(frozen=True, slots=True, order=True)
class Changed:
    """A text before and after a step, around the first difference."""

    id: str
    step: str
    before: str
    after: str


@dataclass
class Outcome:
    """Results of reading the documents of a unit, or of many. Counts are of documents; `read_documents` = len(kept) + the sum of `dropped`."""

    kept: list[Document] = field(default_factory=list)
    read_documents: int = 0
    read_bytes: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    removed_characters: Counter[str] = field(default_factory=Counter)
    shown: dict[str, list[Dropped]] = field(default_factory=dict)
    changes: dict[str, list[Changed]] = field(default_factory=dict)

    def drop(self, document: Document, reason: str) -> None:
        self.dropped[reason] += 1
        shown = self.shown.setdefault(reason, [])
        shown.append(dropped(document, reason))
        if len(shown) >= 20 * DROPS_SHOWN:
            self.trim()

    def change(self, document: Document, step: str, before: str, after: str, removed: int | None = None) -> None:
        """`removed` characters, or bytes where they could not be decoded; by default as many as the text is shorter."""
        self.changed[step] += 1
        self.removed_characters[step] += len(before) - len(after) if removed is None else removed
        shown = self.changes.setdefault(step, [])
        if len(shown) < CHANGES_SHOWN or document.id < shown[-1].id:
            insort(shown, Changed(document.id, step, *_around_difference(before, after)))
            del shown[CHANGES_SHOWN:]

    def trim(self) -> None:
        self.shown = {reason: sorted(shown)[:DROPS_SHOWN] for reason, shown in self.shown.items()}

    def add(self, other: "Outcome") -> None:
        """The counts of another unit; its documents lie in the store."""
        self.read_documents += other.read_documents
        self.read_bytes += other.read_bytes
        self.dropped.update(other.dropped)
        self.changed.update(other.changed)
        self.removed_characters.update(other.removed_characters)
        for reason, drops in other.shown.items():
            self.shown[reason] = [*self.shown.get(reason, []), *drops]
        for step, changes in other.changes.items():
            self.changes[step] = sorted([*self.changes.get(step, []), *changes])[:CHANGES_SHOWN]
        self.trim()


def dropped(document: Document, reason: str) -> Dropped:
    excerpt = document.text[:EXCERPT_CHARACTERS].encode("utf-8", "replace").decode()  # it may hold half a surrogate pair
    return Dropped(document.id, reason, document.source, document.path, document.record, excerpt)


def _around_difference(before: str, after: str) -> tuple[str, str]:
    start = max(0, _first_difference(before, after) - EXCERPT_CHARACTERS // 4)
    old, new = (text[start : start + EXCERPT_CHARACTERS].encode("utf-8", "replace").decode() for text in (before, after))
    return old, new


def _first_difference(before: str, after: str) -> int:
    """Block by block, then character by character: 200 MB that differ at their end took 8 s one character at a time."""
    end = min(len(before), len(after))
    blocks = (place for place in range(0, end, 4096) if before[place : place + 4096] != after[place : place + 4096])
    start = next(blocks, end)
    return next((place for place in range(start, end) if before[place] != after[place]), end)


def document_id(source: str, path: str, record: str) -> str:
    """Hash source, path and record as JSON, so that ("a", "bc") and ("ab", "c") differ."""
    return xxhash.xxh3_128_hexdigest(f"[{','.join(map(encode_basestring, (source, path, record)))}]".encode())


def text_hash(text: str | memoryview) -> str:
    """Return the hash of a text, or of its UTF-8."""
    return xxhash.xxh3_128_hexdigest(text.encode() if isinstance(text, str) else text)
