"""Wikitext to plain text: templates, tables, references and the marks of links and fonts go; their readable words stay.

One pass over the marks, with a stack of what is open; no pattern looks further than its own mark, so time is linear whatever is left open.
"""

import html
import re

NESTING_LIMIT = 256
"""Deeper marks are taken as text."""
_TOKEN = re.compile(
    r"<!--|\{\{\{?|\}\}\}?|\{\||\|\}|\[\[|\]\]|\[(?=https?://|//|mailto:)|\]|'{2,5}|\||"
    r"</?[A-Za-z][A-Za-z0-9]{0,15}(?=[\s/>])|__[A-Z]{3,20}__|\n",
)
_HIDDEN_TAGS = frozenset(
    [
        "ref",
        "references",
        "math",
        "timeline",
        "gallery",
        "imagemap",
        "score",
        "chem",
        "ce",
        "syntaxhighlight",
        "source",
        "graph",
        "mapframe",
        "templatestyles",
    ]
)
_BREAKS = frozenset(("br", "p", "div", "li", "tr", "blockquote", "hr", "center"))
_FILES = frozenset(["file", "image", "category", "media", "datei", "bild", "fichier", "kategorie", "catégorie", "文件", "分类", "分類"])
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,10})?\Z")
_LIST_MARKS = re.compile(r"[*#:;]{1,16}\s*")
_EMPTY_BRACKETS = re.compile(r" ?\([ ,;:]{0,20}\)")
"""What is left where a template said how a word is spoken."""
_EMPTY_LINES = re.compile(r"\n{3,}")
_TAG_LIMIT_CHARACTERS = 2000


def plain_text(wikitext: str) -> str:
    """Paragraphs, headings and list items, one a line; entities decoded. What a mark leaves open at the end of the page closes there."""
    return _tidy(_Reader(wikitext).read())


class _Reader:
    """`parts` is the text of the innermost thing that is kept; `open` what is open, with the parts outside it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.open: list[tuple[str, list[str]]] = []
        self.hidden = 0

    def read(self) -> str:
        place = 0
        for_token = _TOKEN.search
        while (token := for_token(self.text, place)) is not None:
            if not self.hidden:
                self.parts.append(self.text[place : token.start()])
            place = self.act(token[0], token.end())
        if not self.hidden:
            self.parts.append(self.text[place:])
        while self.open:
            self.close(self.open[-1][0])
        return "".join(self.parts)

    def act(self, mark: str, after: int) -> int:
        """Deal with a mark; return where reading goes on."""
        if mark == "<!--":
            return self._past("-->", after)
        if mark.startswith(("{{", "{|")):
            self.begin(mark, hides=True)
            return after
        if mark.startswith("}}"):
            named = "{{{" if self.open and self.open[-1][0] == "{{{" else "{{"
            self.close(named)
            return after - (1 if mark == "}}}" and named == "{{" else 0)
        if mark == "|}":
            return self._end_of_table(after)
        if mark.startswith("<"):
            return self._tag(mark, after)
        if mark in ("[[", "["):
            self.begin(mark, hides=False)
        elif mark in ("]]", "]"):
            self.close({"]]": "[[", "]": "["}[mark], otherwise=mark)
        elif mark in ("|", "\n"):
            self.say(mark)
        return after  # quotes that make type bold, and __WORDS__ to the program, say nothing

    def say(self, text: str) -> None:
        if not self.hidden:
            self.parts.append(text)

    def begin(self, mark: str, hides: bool) -> None:
        if len(self.open) >= NESTING_LIMIT:
            self.say(mark)
            return
        self.open.append((mark, self.parts))
        self.hidden += hides
        self.parts = []

    def close(self, mark: str, otherwise: str = "") -> None:
        """End the innermost thing if it was begun by `mark`; a link that a template's end cuts is ended with it."""
        while self.open and self.open[-1][0] in ("[[", "[") and mark.startswith("{"):
            self._end()
        if self.open and self.open[-1][0] == mark:
            self._end()
        else:
            self.say(otherwise)

    def _end(self) -> None:
        mark, outside = self.open.pop()
        inside, self.parts = "".join(self.parts), outside
        if mark.startswith("{"):
            self.hidden -= 1
        elif not self.hidden:
            self.parts.append(_shown(inside) if mark == "[[" else inside.partition(" ")[2])

    def _end_of_table(self, after: int) -> int:
        if any(mark == "{|" for mark, _ in self.open[-8:]):
            self.close("{|")
        elif self.text[after : after + 1] == "}":  # `{{name|}}`
            self.close("{{")
            return after + 1
        else:
            self.say("|")
        return after

    def _tag(self, mark: str, after: int) -> int:
        end = self.text.find(">", after, after + _TAG_LIMIT_CHARACTERS)
        if end < 0:
            self.say(mark)
            return after
        name = mark.strip("</").lower()
        if name in _BREAKS:
            self.say("\n")
        if name == "nowiki" and not mark.startswith("</") and self.text[end - 1] != "/":
            stop = self._past("</nowiki", end + 1)
            self.say(self.text[end + 1 : max(end + 1, stop - len("</nowiki"))])
            return self._past(">", stop)
        if name in _HIDDEN_TAGS and not mark.startswith("</") and self.text[end - 1] != "/":
            return self._past(">", self._past(f"</{name}", end + 1))
        return end + 1

    def _past(self, words: str, place: int) -> int:
        """After the next `words`; the end of the page where there are none, so that nothing is searched twice."""
        found = self.text.find(words, place)
        return len(self.text) if found < 0 else found + len(words)


def _shown(inside: str) -> str:
    """What a reader sees of [[target|label]]: files and categories are no text of the article."""
    target, _, label = inside.partition("|")
    space = target[:40].partition(":")[0].strip() if ":" in target[:40] else ""
    if space.lower() in _FILES or _LANGUAGE.match(space):
        return ""
    return label or target.lstrip(":").partition("#")[0] or target


def _tidy(text: str) -> str:
    lines = []
    for line in _EMPTY_BRACKETS.sub("", html.unescape(text).replace("\xa0", " ")).split("\n"):
        line = line.rstrip()
        if line.startswith("=") and line.endswith("=") and (heading := line.strip("=").strip()):
            lines += ["", heading, ""]
        else:
            lines.append(_LIST_MARKS.sub("- ", line, count=1) if line[:1] in ("*", "#", ":", ";") else line)
    return _EMPTY_LINES.sub("\n\n", "\n".join(line for line in lines if line not in ("- ", "----"))).strip()
