"""Measure the figures of docs/benchmarks.md: python benchmarks/run.py [NAME ...]. What is not named keeps its last figures."""

import importlib
import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

BENCHMARKS = (
    *("throughput", "learning", "tracking_cost", "outage", "checkpoints", "start"),
    *(
        "data_speed",
        "cleaning",
        "near_dedup",
        "language",
        "language_sentences",
        "charsets",
        "jsonl",
        "html_text",
        "encoding",
        "quality_rules",
    ),
    *("word_vectors", "glove"),
)
STORE, PAGE = ROOT / "docs" / "benchmarks.json", ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make bench`; `make bench ARGS=NAME` measures one of them again. Wall times on shared machines wander, so figures are CPU seconds
(user and system, all threads) and ratios of turns taken alternately in one run. Peers come from the packages in requirements.lock.
"""


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"error: no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    stored = json.loads(STORE.read_text()) if STORE.exists() else {}
    for name in names or BENCHMARKS:
        print(f"--- {name}", flush=True)
        section = importlib.import_module(name).measure()
        stored[name] = {**section, "date": datetime.now(UTC).strftime("%Y-%m-%d"), "machine": machine()}
        STORE.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")
        PAGE.write_text(page(stored))
        print(render(name, stored[name]), flush=True)
    return 0


def page(stored: dict[str, dict[str, object]]) -> str:
    return HEAD + "".join(render(name, stored[name]) for name in BENCHMARKS if name in stored)


def render(name: str, section: dict[str, object]) -> str:
    """A section: `title`, `text`, and a table of `columns` and `rows`."""
    lines = ["", f"## {section['title']}", "", str(section["text"]), ""]
    lines += ["| " + " | ".join(section["columns"]) + " |", "|" + "---|" * len(section["columns"])]  # type: ignore[arg-type]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in section["rows"]]  # type: ignore[attr-defined]
    lines += ["", f"`make bench ARGS={name}`, {section['date']}, {section['machine']}."]
    return "\n".join(lines) + "\n"


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ""
    )
    import os

    return f"{len(os.sched_getaffinity(0))} cores of {model or platform.processor()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
