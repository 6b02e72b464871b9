"""HTML to text against trafilatura and resiliparse, on pages whose source text is known: Python's documentation as Debian packs it."""

import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workshop import ROOT

PACKAGE = "python3.11-doc"
FOLDER = ROOT / "data" / "cache" / "benchmarks" / PACKAGE
PAGES = 40
TURNS = 2
LEAST_WORDS = 100
_DIRECTIVES = "index only toctree sectionauthor moduleauthor highlight module currentmodule include testsetup testcleanup raw image figure default-domain"
_NO_TEXT = re.compile(rf"^\.\. (?:(?:{'|'.join(_DIRECTIVES.split())})::|_|\[)[^\n]*\n(?:[ \t]+\S[^\n]*\n|[ \t]*\n(?=[ \t]))*", re.MULTILINE)
_COMMENT = re.compile(r"^\.\. (?!\S+::)[^\n]*\n(?:[ \t]+\S[^\n]*\n)*", re.MULTILINE)
_DIRECTIVE = re.compile(r"^(\s*)\.\. [\w:.-]+::", re.MULTILINE)
_OPTION = re.compile(r"^\s+:[\w-]+:.*$", re.MULTILINE)
_ROLE = re.compile(r":[\w:+-]+:`([^`<]*?)(?:\s*<[^`>]*>)?`")
_LINK = re.compile(r"`([^`<]+)\s<[^>]*>`__?")


def measure() -> dict[str, Any]:
    pages = documentation()
    readers = {"Assay": ours(), **peers()}
    seconds = dict.fromkeys(readers, float("inf"))
    texts: dict[str, list[str]] = {}
    for _ in range(TURNS):  # in turns, so that what else the machine does meets all of them
        for name, read in readers.items():
            started = time.process_time()
            texts[name] = [read(page) for page, _ in pages]
            seconds[name] = min(seconds[name], time.process_time() - started)
    megabytes = sum(len(page) for page, _ in pages) / 1e6
    slowest = seconds.get("trafilatura")
    rows = []
    for name in readers:
        scores = [agreement(text, source) for text, (_, source) in zip(texts[name], pages, strict=True)]
        precision, recall, f1 = (f"{sum(column) / len(column):.4f}" for column in zip(*scores, strict=True))
        ratio = f"{slowest / seconds[name]:.1f}" if slowest else "-"
        rows.append([name, f"{megabytes / seconds[name]:.1f}", ratio, precision, recall, f1])
    return {
        "title": "HTML to text",
        "text": f"{len(pages)} pages of Python's documentation, {megabytes:.1f} MB, against the words of their reStructuredText source, "
        f"stripped of markup by one rule for all; the mean over pages. CPU seconds: best of {TURNS} turns.",
        "columns": ["reader", "MB of HTML per CPU-second", "times trafilatura", "precision", "recall", "F1"],
        "rows": rows,
    }


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
        if page.exists() and len(words(source)) >= LEAST_WORDS:
            found.append((page.read_bytes(), source))
    return found[:: max(1, len(found) // PAGES)][:PAGES]


def without_markup(rst: str) -> str:
    for pattern, kept in ((_NO_TEXT, ""), (_COMMENT, ""), (_DIRECTIVE, r"\1"), (_OPTION, ""), (_ROLE, r"\1"), (_LINK, r"\1")):
        rst = pattern.sub(kept, rst)
    return rst


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def agreement(text: str, source: str) -> tuple[float, float, float]:
    """Precision, recall and F1 over words with their counts."""
    found, wanted = words(text), words(source)
    common = (found & wanted).total()
    precision, recall = common / max(1, found.total()), common / max(1, wanted.total())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def ours() -> Callable[[bytes], str]:
    from assay.data.html.page import read_page

    def read(page: bytes) -> str:
        found = read_page(page)
        return found["text"] if isinstance(found, dict) else ""

    read(b"<p>compiled before it is timed</p>")
    return read


def peers() -> dict[str, Callable[[bytes], str]]:
    """Those that are installed: pip install trafilatura lxml_html_clean resiliparse."""
    found: dict[str, Callable[[bytes], str]] = {}
    try:
        import trafilatura

        found["trafilatura"] = lambda page: trafilatura.extract(page) or ""
        found["trafilatura, fast=True"] = lambda page: trafilatura.extract(page, fast=True) or ""
    except ImportError:
        print("trafilatura is not installed: no ratio")
    try:
        from resiliparse.extract.html2text import extract_plain_text
        from resiliparse.parse.html import HTMLTree

        found["resiliparse"] = lambda page: extract_plain_text(HTMLTree.parse_from_bytes(page), main_content=True, alt_texts=False)
    except ImportError:
        print("resiliparse is not installed")
    return found


if __name__ == "__main__":
    print(Path(__file__).name, "is started by: python benchmarks/run.py html_text")
