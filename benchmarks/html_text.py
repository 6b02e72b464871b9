"""HTML to text: quality and speed of cleaning's two libraries, and what the child process costs beside the library alone.

Two collections: Python's documentation, as Debian packs it, whose source text is known; and, where HTML_PAGES names its folder, web pages whose
article was marked by people: pages/NAME.html.gz and ground-truth.json, {NAME: {"articleBody": ...}}, as scrapinghub/article-extraction-benchmark
has them. The pages belong to their publishers and are not part of this repository.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from workshop import ROOT

PACKAGE = "python3.11-doc"
FOLDER = ROOT / "data" / "cache" / "benchmarks" / PACKAGE
MARKED_PAGES = "HTML_PAGES"
PAGES = 40
TURNS = 21
SHINGLE_WORDS = 4
LEAST_WORDS = 100
_DIRECTIVES = "index only toctree sectionauthor moduleauthor highlight module currentmodule include testsetup testcleanup raw image figure default-domain"
_NO_TEXT = re.compile(rf"^\.\. (?:(?:{'|'.join(_DIRECTIVES.split())})::|_|\[)[^\n]*\n(?:[ \t]+\S[^\n]*\n|[ \t]*\n(?=[ \t]))*", re.MULTILINE)
_COMMENT = re.compile(r"^\.\. (?!\S+::)[^\n]*\n(?:[ \t]+\S[^\n]*\n)*", re.MULTILINE)
_DIRECTIVE = re.compile(r"^(\s*)\.\. [\w:.-]+::", re.MULTILINE)
_OPTION = re.compile(r"^\s+:[\w-]+:.*$", re.MULTILINE)
_ROLE = re.compile(r":[\w:+-]+:`([^`<]*?)(?:\s*<[^`>]*>)?`")
_LINK = re.compile(r"`([^`<]+)\s<[^>]*>`__?")


def measure() -> dict[str, Any]:
    marked = os.environ.get(MARKED_PAGES)
    collections = {"Python's documentation": documentation()}
    if marked:
        collections["web pages"] = marked_pages(Path(marked))
    rows = [[name, *row] for name, pages in collections.items() for row in measured(pages)]
    sizes = ", ".join(f"{len(pages)} of {name} ({megabytes(pages):.1f} MB)" for name, pages in collections.items())
    absent = "" if marked else f" Web pages were not measured: {MARKED_PAGES} names no folder of them."
    return {
        "title": "HTML to text",
        "text": f"Pages: {sizes}. F1, precision and recall of shingles of {SHINGLE_WORDS} words, means over pages, against the source of the "
        "documentation stripped of its markup, or the article that a person marked. Through Assay: bytes to title and text, CPU of this "
        f"process and the child that runs the library; alone: the library in a loop in this process. Medians of {TURNS} turns, the ratio "
        "within each turn." + absent,
        "columns": ["pages", "cleaning.html", "F1", "precision", "recall", "MB per CPU-second", "library alone", "ratio"],
        "rows": rows,
    }


def measured(pages: list[tuple[bytes, str]]) -> Iterator[list[str]]:
    size = megabytes(pages)
    for name, alone in libraries().items():
        through = through_assay(name)
        scores = [agreement(through(page), source) for page, source in pages]
        # In turns, so that what else the machine does meets both.
        turns = [(cpu_seconds_of(through, pages), cpu_seconds_of(alone, pages)) for _ in range(TURNS)]
        precision, recall = (sum(column) / len(column) for column in zip(*scores, strict=True))
        f1 = 2 * precision * recall / (precision + recall)
        speeds = [size / median(seconds) for seconds in zip(*turns, strict=True)]
        yield [
            name,
            *(f"{score:.3f}" for score in (f1, precision, recall)),
            *(f"{speed:.1f}" for speed in speeds),
            f"{median(alone_seconds / seconds for seconds, alone_seconds in turns):.2f}",
        ]


def cpu_seconds_of(read: Callable[[bytes], str], pages: list[tuple[bytes, str]]) -> float:
    started = cpu_seconds()
    for page, _ in pages:
        read(page)
    return cpu_seconds() - started


def megabytes(pages: list[tuple[bytes, str]]) -> float:
    return sum(len(page) for page, _ in pages) / 1e6


def cpu_seconds() -> float:
    """CPU of this process and, to a nanosecond, of the child that runs the library."""
    from assay.data.html import process

    child = process._process
    spent = Path(f"/proc/{child.process.pid}/schedstat").read_text().split()[0] if child is not None else "0"
    return time.process_time() + int(spent) / 1e9


def marked_pages(folder: Path) -> list[tuple[bytes, str]]:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = folder / "pages" if (folder / "pages").is_dir() else folder / "html"
    return [(gzip.decompress((pages / f"{name}.html.gz").read_bytes()), facts["articleBody"]) for name, facts in sorted(truth.items())]


def documentation() -> list[tuple[bytes, str]]:
    """(page, its source without markup), the same pages every time. Fetched by apt on the first call."""
    if not FOLDER.exists():
        if shutil.which("apt-get") is None:
            raise SystemExit(f"this benchmark reads Debian's {PACKAGE}, and there is no apt-get here")
        draft = FOLDER.with_suffix(".draft")
        draft.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", PACKAGE], cwd=draft, check=True)
        subprocess.run(["dpkg-deb", "-x", next(draft.glob("*.deb")), draft], check=True)
        draft.rename(FOLDER)
    top = FOLDER / "usr" / "share" / "doc" / "python3.11" / "html"
    found = []
    for path in sorted((top / "_sources").rglob("*.rst.txt")):
        page = top / path.relative_to(top / "_sources").with_suffix("").with_suffix(".html")
        source = without_markup(path.read_text(encoding="utf-8"))
        if page.exists() and len(source.split()) >= LEAST_WORDS:
            found.append((page.read_bytes(), source))
    return found[:: max(1, len(found) // PAGES)][:PAGES]


def without_markup(rst: str) -> str:
    for pattern, kept in ((_NO_TEXT, ""), (_COMMENT, ""), (_DIRECTIVE, r"\1"), (_OPTION, ""), (_ROLE, r"\1"), (_LINK, r"\1")):
        rst = pattern.sub(kept, rst)
    return rst


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Runs of words with their counts, as the benchmark of marked pages counts them: those at either end are shorter."""
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[max(0, start) : start + SHINGLE_WORDS]) for start in range(1 - SHINGLE_WORDS, len(words)))


def agreement(text: str, source: str) -> tuple[float, float]:
    """Precision and recall."""
    found, wanted = shingles(text), shingles(source)
    common = (found & wanted).total()
    return common / max(1, found.total()), common / max(1, wanted.total())


def through_assay(name: str) -> Callable[[bytes], str]:
    from assay.data.html.page import read_page

    def read(page: bytes) -> str:
        found = read_page(page, extractor=name)
        return found["text"] if isinstance(found, dict) else ""

    return read


def libraries() -> dict[str, Callable[[bytes], str]]:
    """The same options as in src/assay/data/html/extraction.py."""
    import trafilatura
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    options = {"main_content": True, "alt_texts": False, "comments": False, "post_meta": False}
    return {
        "resiliparse": lambda page: extract_plain_text(HTMLTree.parse_from_bytes(page), **options),
        "trafilatura": lambda page: trafilatura.extract(page, fast=True, include_comments=False) or "",
    }


if __name__ == "__main__":
    print(Path(__file__).name, f"is started by: {MARKED_PAGES}=FOLDER python benchmarks/run.py html_text")
