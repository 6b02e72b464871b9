"""Dumps of a wiki (MediaWiki XML export): title and plain text of each article. A stream parser, so no tree is held."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from assay.data.cleaning.drop import Drop
from assay.data.reading.namespaces import HIDDEN_KEYS, HIDDEN_NAMES
from assay.data.reading.record import Change, Record
from assay.data.reading.wikitext import plain_text
from assay.errors import DataError

ARTICLES = "0"
"""The name space of articles; talk, templates, files and categories have others."""
DEPTH_LIMIT = 64
_CHUNK_BYTES = 2**20
_WANTED = ("title", "ns", "id", "text", "model", "namespace")


@dataclass
class _Pages:
    """State of the parser. `done` fills with finished pages and is emptied by the reader."""

    done: list[Record] = field(default_factory=list)
    page: dict[str, str] = field(default_factory=dict)
    parts: list[str] | None = None
    depth: int = 0
    redirect: bool = False
    hidden_namespaces: set[str] = field(default_factory=lambda: set(HIDDEN_NAMES))
    namespace: str | None = None
    changes: list[Change] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise ValueError("elements nest too deep")
        tag = name.rpartition("}")[2]
        if tag == "page":
            self.page, self.redirect = {}, False
        elif tag == "redirect":
            self.redirect = True
        elif tag == "namespace":
            self.namespace, self.parts = attributes.get("key"), []
        elif tag in _WANTED and (tag == "text" or tag not in self.page):
            self.parts = []

    def data(self, text: str) -> None:
        if self.parts is not None:
            self.parts.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        tag = name.rpartition("}")[2]
        if self.parts is not None and tag in _WANTED:
            self.page[tag] = "".join(self.parts)
            self.parts = None
            if tag == "namespace" and self.namespace in HIDDEN_KEYS:
                self.hidden_namespaces.add(self.page[tag].replace("_", " ").strip().lower())
        elif tag == "page":
            self.finish()

    def finish(self) -> None:
        page = self.page
        if "id" not in page or page.get("ns", ARTICLES) != ARTICLES:
            return
        text = page.get("text", "")
        if self.redirect or text[:200].lstrip().lower().startswith("#redirect"):
            self.done.append((page["id"], Drop("redirect")))
        elif page.get("model", "wikitext") != "wikitext":
            self.done.append((page["id"], Drop("no_wikitext")))
        else:
            plain, repairs = plain_text(text, self.hidden_namespaces)
            if repairs.before:
                self.changes.append(Change(page["id"], "wiki_unclosed_markup", "\n".join(repairs.before), "\n".join(repairs.after)))
            self.done.append((page["id"], {"title": page.get("title", ""), "text": plain}))

    def refuse(self, *declared: object) -> None:
        raise ValueError("a dump declares no entities")


def read_wiki(content: bytes, place: str, changes: list[Change]) -> Iterator[Record]:
    """{title, text} of each article under its page id; of several revisions the last. Raises DataError where the XML is damaged."""
    pages = _Pages(changes=changes)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = pages.start, pages.end, pages.data
    parser.EntityDeclHandler = pages.refuse
    parser.buffer_text = True
    try:
        for start in range(0, max(1, len(content)), _CHUNK_BYTES):
            part = content[start : start + _CHUNK_BYTES]
            parser.Parse(part, start + _CHUNK_BYTES >= len(content))
            yield from pages.done
            pages.done.clear()
    except (expat.ExpatError, ValueError) as error:
        raise DataError(f"{place} is no whole wiki dump ({error}).") from None
