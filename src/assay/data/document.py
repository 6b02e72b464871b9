"""A document, its id, and what became of the documents of one unit of work."""

from collections import Counter
from dataclasses import dataclass, field

import xxhash

from assay.files import canonical_json

DROPS_SHOWN = 20
"""Of each reason, the ones with the smallest ids: enough to judge a rule by eye."""
EXCERPT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    text: str
    source: str
    path: str
    record: str
    text_hash: str


@dataclass(frozen=True, slots=True, order=True)
class Dropped:
    id: str
    reason: str
    source: str
    path: str
    record: str
    excerpt: str


@dataclass
class Outcome:
    """Counts are of documents; `read_documents` = len(kept) + the sum of `dropped`, always."""

    kept: list[Document] = field(default_factory=list)
    read_documents: int = 0
    read_bytes: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    removed_characters: Counter[str] = field(default_factory=Counter)
    shown: dict[str, list[Dropped]] = field(default_factory=dict)

    def drop(self, document: Document, reason: str) -> None:
        self.dropped[reason] += 1
        shown = self.shown.setdefault(reason, [])
        excerpt = document.text[:EXCERPT_CHARACTERS].encode("utf-8", "replace").decode()  # it may hold half a surrogate pair
        shown.append(Dropped(document.id, reason, document.source, document.path, document.record, excerpt))
        if len(shown) >= 20 * DROPS_SHOWN:
            self.trim()

    def trim(self) -> None:
        self.shown = {reason: sorted(shown)[:DROPS_SHOWN] for reason, shown in self.shown.items()}

    def add(self, other: "Outcome") -> None:
        self.kept.extend(other.kept)
        self.read_documents += other.read_documents
        self.read_bytes += other.read_bytes
        self.dropped.update(other.dropped)
        self.changed.update(other.changed)
        self.removed_characters.update(other.removed_characters)
        for reason, shown in other.shown.items():
            self.shown[reason] = sorted([*self.shown.get(reason, []), *shown])[:DROPS_SHOWN]


def document_id(source: str, path: str, record: str) -> str:
    """As JSON, so that ("a", "bc") and ("ab", "c") differ."""
    return xxhash.xxh3_128_hexdigest(canonical_json([source, path, record]))


def text_hash(text: str) -> str:
    return xxhash.xxh3_128_hexdigest(text.encode())
