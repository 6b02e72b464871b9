"""Wikitext to plain text: templates, tables, references and the marks of links and fonts go; their readable words stay.

One pass over the marks with a stack of what is open. What a mark hides is decided where it is closed, so a mark that is never closed hides
nothing but itself, as on a page of MediaWiki. Time is linear in the text, whatever is left open.
"""

import html
import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field

NESTING_LIMIT = 256
"""Marks that open deeper are taken as text."""
LINK_CHARACTERS = 300
"""Characters of a link's target or a template's name that are looked at."""
EXCERPT_CHARACTERS = 100
EXCERPTS = 20
_TAG_LIMIT_CHARACTERS = 2000
_TOKEN = re.compile(
    r"<!--|\{\{\{?|\}\}\}?|^[ \t:]{0,20}\{\|(?![^{}\n]{0,300}\})|^[ \t]{0,20}\|\}(?!\})|\[\[|\]\]|\[(?=https?://|//|mailto:)|\]|'{2,5}|"
    r"</?[A-Za-z][A-Za-z0-9]{0,15}(?=[\s/>])|__[A-Z]{3,20}__",
    re.MULTILINE,
)
_OPENED_BY = {"}}": "{{", "}}}": "{{{", "]]": "[[", "]": "[", "|}": "{|"}
_HIDDEN = "ref references math timeline gallery imagemap score chem ce syntaxhighlight source graph mapframe templatestyles"
_SHOWN = (
    "abbr b bdi bdo big blockquote br caption center cite code col colgroup data dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img "
    "includeonly indicator ins kbd li link mark maplink meta noinclude nowiki ol onlyinclude p poem pre q rb rp rt rtc ruby s samp section "
    "small span strike strong sub sup table tbody td tfoot th thead time tr translate tt tvar u ul var wbr languages categorytree inputbox hiero"
)
_HIDDEN_TAGS = frozenset(_HIDDEN.split())
_RAW_TAGS = frozenset(("nowiki", "pre"))
_TAGS = _HIDDEN_TAGS.union(_SHOWN.split())
"""HTML that MediaWiki lets through, and its extensions. It shows any other as text."""
_BREAKS = frozenset(("br", "p", "div", "li", "tr", "blockquote", "hr", "center", "pre"))
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,10})?\Z")
_PARAMETERS = re.compile(r"[^\n|{}\[\]]{0,200}\n(?:[ \t]*[|*}][^\n]*(?:\n|\Z))+")
"""After `{{`: a name at the end of its line, and lines of parameters."""
_ROWS = re.compile(r"(?:(?!=)[^\n]+(?:\n|\Z))*(?:\n+[ \t]*[|!](?:(?!=)[^\n]*(?:\n|\Z))(?:(?!=)[^\n]+(?:\n|\Z))*)*")
"""After `{|`: its paragraph, and those after it that begin with a cell."""
_VARIANTS = re.compile(r"-\{([^{}]{0,2000})\}-")
_VARIANT = re.compile(r"(?:^|;)\s*(?:[^;:]{0,200}=>)?\s*[a-z]{2,3}(?:-[a-z]{2,8})?\s*:\s*([^;]*)")
_LIST_MARKS = re.compile(r"[*#:;]{1,16}\s*")
_EMPTY_BRACKETS = re.compile(r" ?\([ ,;:]{0,20}\)")
"""Brackets that are empty after the template of a pronunciation is removed."""
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass
class Repairs:
    """Marks without their other half: what was read of each, and what of that stands in the text."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def add(self, before: str, after: str) -> None:
        self.before.append(before)
        self.after.append(after)


def plain_text(wikitext: str, hidden_namespaces: Set[str]) -> tuple[str, Repairs]:
    """Paragraphs, headings and list items, one a line, entities decoded; and what was left open or closed without being open.

    Links into `hidden_namespaces`, in small letters, are left out: files, and the categories of the page.
    """
    reader = _Reader(wikitext, hidden_namespaces)
    return _tidy(reader.read()), reader.repairs


class _Reader:
    """`open` holds marks, where they end, and the parts of text outside of them; `parts` is the text inside of the innermost."""

    def __init__(self, text: str, hidden_namespaces: Set[str]) -> None:
        self.text, self.hidden_namespaces = text, hidden_namespaces
        self.parts: list[str] = []
        self.open: list[tuple[str, int, list[str]]] = []
        self.count: Counter[str] = Counter()
        self.repairs = Repairs()
        self.ends: dict[str, re.Match[str] | None] = {}

    def read(self) -> str:
        place = 0
        while (token := _TOKEN.search(self.text, place)) is not None:
            self.parts.append(self.text[place : token.start()])
            place = self.act(token[0], token.end())
        self.parts.append(self.text[place:])
        self.leave_open(0)
        return "".join(self.parts)

    def act(self, mark: str, after: int) -> int:
        """Deal with a mark; return where reading goes on. Quotes that make type bold, and __WORDS__ to the program, say nothing."""
        if mark == "<!--":
            return self.comment(after)
        if mark[0] == "<":
            return self.tag(mark, after)
        mark = mark.strip(" \t:")
        if mark in ("{{", "{{{", "[[", "[", "{|"):
            return self.begin(mark, after)
        if mark in _OPENED_BY:
            return self.close(mark, after)
        return after

    def begin(self, mark: str, after: int) -> int:
        if len(self.open) >= NESTING_LIMIT:
            self.parts.append(mark)
            self.repaired(mark, after, "")
        else:
            self.open.append((mark, after, self.parts))
            self.count[mark] += 1
            self.parts = []
        return after

    def close(self, mark: str, after: int) -> int:
        """End the innermost thing that `mark` closes, and leave what was opened inside of it and not closed."""
        braces = self.innermost("{{", "{{{") if mark[0] == "}" else ""
        if mark == "}}}" and braces != "{{{":
            mark, after = "}}", after - 1
        opened = braces or _OPENED_BY[mark]
        if not self.count[opened]:
            is_cell_mark = mark == "|}"  # of a table that a template began
            self.parts.append("" if is_cell_mark else mark)
            if mark != "]":
                self.repaired(mark, after, mark if is_cell_mark else "")
            return after
        depth = len(self.open) - 1
        while self.open[depth][0] != opened:
            depth -= 1
        self.leave_open(depth + 1)
        _, start, outside = self.open.pop()
        self.count[opened] -= 1
        inside, self.parts = "".join(self.parts), outside
        shown = self.shown(opened, inside)
        if opened == "{{{" and mark == "}}":  # a brace, and a template
            self.parts.append("{")
        if shown is None:
            self.parts += [opened, inside, mark]
            self.repaired(opened, start, "")
        else:
            self.parts.append(shown)
        return after

    def innermost(self, *marks: str) -> str:
        return next((mark for mark, _, _ in reversed(self.open) if mark in marks), "")

    def shown(self, opened: str, inside: str) -> str | None:
        """Return the visible text of what was closed; None where it was no template and no link after all."""
        if opened == "[":
            return None if "\n" in inside else inside.partition(" ")[2]
        if opened == "[[":
            return self.link(inside)
        name = inside[:LINK_CHARACTERS].partition("|")[0].strip()
        return None if opened == "{{" and "\n\n" in name and not name.startswith("#") else ""

    def link(self, inside: str) -> str | None:
        """Return the visible text of [[target|label]]; None for what spans paragraphs, unless it is a file with a long caption."""
        target, _, label = inside.partition("|")
        space = target[:LINK_CHARACTERS].partition(":")[0].replace("_", " ").strip().lower() if ":" in target[:LINK_CHARACTERS] else ""
        if space in self.hidden_namespaces or _LANGUAGE.match(target[:40].partition(":")[0].strip() if space else ""):
            return ""
        if "\n" in target.strip() or "\n\n" in label:
            return None
        return label or target.lstrip(":").partition("#")[0] or target

    def leave_open(self, depth: int) -> None:
        """Treat what was opened beyond `depth` as never closed: its text is text of the page, but for parameters and rows of cells."""
        texts = []
        for mark, start, outside in reversed(self.open[depth:]):
            text = "".join(self.parts)
            cut = _PARAMETERS.match(text) if mark == "{{" else _ROWS.match(text) if mark == "{|" else None
            kept = mark + text if cut is None else text[cut.end() :]
            self.repaired(mark, start, "" if cut is None else mark + cut[0])
            texts.append(kept)
            self.count[mark] -= 1
            self.parts = outside
        del self.open[depth:]
        self.parts += reversed(texts)

    def repaired(self, mark: str, after: int, cut: str) -> None:
        """Note a mark without its other half, and what was cut with it; of marks that stay in the text the first EXCERPTS."""
        if cut:
            self.repairs.add(cut, "")
        elif len(self.repairs.before) < EXCERPTS:
            shown = self.text[after - len(mark) : after + EXCERPT_CHARACTERS]
            self.repairs.add(shown, shown)

    def comment(self, after: int) -> int:
        """After a comment. MediaWiki hides what follows one that is never closed."""
        end = self.text.find("-->", after)
        if end >= 0:
            return end + 3
        self.repaired("<!--", after, "<!--" + self.text[after:])
        return len(self.text)

    def tag(self, mark: str, after: int) -> int:
        name = mark.strip("</").lower()
        end = self.text.find(">", after, after + _TAG_LIMIT_CHARACTERS)
        if name not in _TAGS or end < 0:
            self.parts.append(mark)
            return after
        if name in _BREAKS:
            self.parts.append("\n")
        if mark.startswith("</") or self.text[end - 1] == "/" or name not in _HIDDEN_TAGS | _RAW_TAGS:
            return end + 1
        closed = self.end_of(name, end + 1)
        if closed is None:
            self.repaired(self.text[after - len(mark) : end + 1], end + 1, "")
            return end + 1
        if name in _RAW_TAGS:
            self.parts.append(self.text[end + 1 : closed.start()])
        return closed.end()

    def end_of(self, name: str, place: int) -> re.Match[str] | None:
        """The end tag of a tag whose content is not parsed. A reference that is followed by another one has none: they do not nest."""
        found = self.ends.get(name)
        if name not in self.ends or (found is not None and found.start() < place):
            found = self.ends[name] = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(self.text, place)
        if name == "ref" and found is not None and _REFERENCE.search(self.text, place, found.start()):
            return None
        return found


_REFERENCE = re.compile(r"<ref(?:\s[^<>]{0,500})?(?<!/)>", re.IGNORECASE)


def _tidy(text: str) -> str:
    lines = []
    text = _VARIANTS.sub(_variant, text) if "-{" in text else text
    for line in _EMPTY_BRACKETS.sub("", html.unescape(text).replace("\xa0", " ")).split("\n"):
        line = line.rstrip()
        if line.startswith("=") and line.endswith("=") and (heading := line.strip("=").strip()):
            lines += ["", heading, ""]
        else:
            lines.append(_LIST_MARKS.sub("- ", line, count=1) if line[:1] in ("*", "#", ":", ";") else line)
    return _EMPTY_LINES.sub("\n\n", "\n".join(line for line in lines if line not in ("- ", "----"))).strip()


def _variant(found: re.Match[str]) -> str:
    """One form of words that a wiki of several scripts converts, the first: -{zh-hans:a;zh-hant:b}-, -{flags|...}-, -{as it is}-."""
    flags, bar, text = found[1].rpartition("|")
    if bar and ({"H", "T", "D", "-"} & {flag.strip() for flag in flags.split(";")}):  # conversions for the rest of the page, its title
        return ""
    form = _VARIANT.search(text)
    return form[1] if form is not None else text
