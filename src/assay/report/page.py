"""HTML pages that need nothing else: jinja2 templates with autoescape, one stylesheet, and a content security policy that names both by hash.

A report is a title, a few tiles, and sections of blocks. Code builds the blocks from data; only the templates hold markup, so that what comes
from a document, a file name or a run is always escaped.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).with_name("templates")
LONG_CHARACTERS = 60
"""A cell with a longer text gets a wide column; in a narrow one it would be folded to a word a line."""

BarKind = Literal["kept", "dropped"]


@dataclass(frozen=True)
class Bars:
    """Horizontal bars below each other; each part is (length as a share of the column, 0 to 1; kind). `label` is printed before them."""

    parts: tuple[tuple[float, BarKind], ...]
    label: str = ""


def share_bar(share: float, kind: BarKind = "kept") -> Bars:
    """A share with its percentage in figures."""
    return Bars(((share, kind),), f"{share:.1%}")


Cell = int | str | Bars


@dataclass(frozen=True)
class Table:
    """Integers are set right with separators of thousands; everything else is text or bars."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    kind: Literal["table"] = "table"

    def column_class(self, column: int) -> str:
        return self.cell_class(self.rows[0][column]) if self.rows else ""

    @staticmethod
    def cell_class(cell: Cell) -> str:
        if isinstance(cell, int):
            return "number"
        if isinstance(cell, Bars):
            return "bars"
        return "long" if len(cell) > LONG_CHARACTERS else ""


@dataclass(frozen=True)
class Paragraph:
    text: str
    small: bool = False
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Sample:
    """A text of a document under a caption. `spans` are (text, whether it is marked as the difference)."""

    caption: str
    spans: Sequence[tuple[str, bool]]
    role: Literal["", "before", "after"] = ""


@dataclass(frozen=True)
class Samples:
    """Samples that open when the summary is clicked; without a summary they are always open."""

    summary: str
    samples: Sequence[Sample]
    kind: Literal["samples"] = "samples"


@dataclass(frozen=True)
class Curve:
    """A line in a chart by its points in pixels, and the value of each point as text."""

    name: str
    points: Sequence[tuple[float, float]]
    values: Sequence[str]
    css_class: str
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A line chart in pixels. Ticks are (position, label)."""

    label: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    x_label: str
    y_label: str
    curves: Sequence[Curve]
    kind: Literal["chart"] = "chart"


Block = Table | Paragraph | Samples | Chart


@dataclass(frozen=True)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Tile:
    """A figure that a reader looks for first."""

    value: str
    label: str


def report_page(title: str, lead: str, tiles: Sequence[Tile], sections: Sequence[Section]) -> str:
    return render("report.html", title=title, lead=lead, tiles=tiles, sections=sections, script="")


def render(template: str, *, title: str, script: str = "", **values: Any) -> str:
    """The page of a template that extends base.html. `script` is the page's own JavaScript; no other script runs."""
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src {_source(script) if script else chr(39) + 'none' + chr(39)}; "
        f"style-src {_source(style)}; base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template(template).render(title=title, style=style, script=script, policy=policy, **values)


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


CONTROL_CHARACTERS = {
    ord("\r"): "␍",
    ord("\t"): "⇥\t",
    0xFEFF: "[BOM]",
    **{code: chr(0x2400 + code) for code in range(32) if code not in (9, 10, 13)},
}


def visible(text: str) -> str:
    """The text with its control characters, tabs and carriage returns made visible."""
    return text.translate(CONTROL_CHARACTERS)


def sample(caption: str, text: str, role: Literal["", "before", "after"] = "") -> Sample:
    return Sample(caption, [(visible(text), False)], role)


def difference(caption: str, before: str, after: str) -> tuple[Sample, Sample]:
    """Two versions of a text. What lies between their common beginning and their common end is marked.

    Where they differ in white space alone, the spaces and line ends of the marked part are made visible.
    """
    shorter = min(len(before), len(after))
    start = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    end = next((place for place in range(shorter - start) if before[-1 - place] != after[-1 - place]), shorter - start)
    only_white_space = "".join(before.split()) == "".join(after.split())
    return _marked(caption, before, start, end, "before", only_white_space), _marked("", after, start, end, "after", only_white_space)


def _marked(caption: str, text: str, start: int, end: int, role: Literal["before", "after"], only_white_space: bool) -> Sample:
    changed = visible(text[start : len(text) - end])
    if only_white_space:
        changed = changed.replace(" ", "·").replace("\n", "⏎\n")
    spans = [(visible(text[:start]), False), (changed, True), (visible(text[len(text) - end :] if end else ""), False)]
    return Sample(caption, [(part, marked) for part, marked in spans if part], role)
