"""Labels from which something can be learned."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.config.schema import ClassifierConfig
from assay.data.classifier.settings import LearningSettings

GOOD = [
    "the",
    "river",
    "carried",
    "a",
    "basket",
    "of",
    "apples",
    "past",
    "the",
    "narrow",
    "road",
    "before",
    "breakfast",
    "while",
    "nobody",
    "in",
    "town",
    "was",
    "looking",
]
OTHER = [
    "click",
    "here",
    "buy",
    "now",
    "cheap",
    "offer",
    "login",
    "free",
    "subscribe",
    "http",
    "www",
    "discount",
    "best",
    "price",
    "limited",
    "deal",
]


def labelled_texts(count: int = 60) -> list[dict[str, Any]]:
    """Prose and advertisements, half of each; a few words in common."""
    chance = random.Random(7)
    rows = []
    for number in range(count):
        good = number % 2 == 0
        words = chance.choices(GOOD, k=12) + chance.choices(OTHER, k=4) if good else chance.choices(OTHER, k=12) + chance.choices(GOOD, k=4)
        rows.append({"text": f"{' '.join(words)} {number}", "label": "keep" if good else "drop", "annotator": "anna"})
    return rows


@pytest.fixture
def labels(tmp_path: Path) -> Callable[..., Path]:
    """labels(rows, name): write labels/<name>.jsonl of a project in tmp_path; returns the project."""

    def make(rows: list[dict[str, Any]] | None = None, name: str = "mine", root: Path | None = None) -> Path:
        root = root or tmp_path / "project"
        path = root / "labels" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows or labelled_texts()), encoding="utf-8")
        return root

    return make


@pytest.fixture
def command() -> Callable[..., ClassifierConfig]:
    """command(labels=..., bucket_bits=...): a command; words of LearningSettings go there."""

    def make(**words: Any) -> ClassifierConfig:
        own = {name: words.pop(name) for name in LearningSettings.__dataclass_fields__ if name in words}
        return ClassifierConfig(**{"labels": "mine", **words}, learning=LearningSettings(**{"bucket_bits": 12, **own}))

    return make
