"""Exported models side by side, grouped by the text they were scored on, with the n-gram floor of each group."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from assay.errors import DataError
from assay.files import verify_manifest


@dataclass(frozen=True)
class Model:
    """One exported model: its facts, its curves, a sample of its text."""

    name: str
    run: dict[str, Any]
    config: dict[str, Any]
    curves: dict[str, list[list[float]]]
    sample: str

    @property
    def corpus(self) -> str:
        return str(self.config["data"]["name"])

    @property
    def is_floor(self) -> bool:
        return str(self.config["model"]["_target_"]).endswith(".Ngram")

    def metric(self, name: str) -> float:
        return float(self.run["metrics"][name])


def load_models(folder: Path) -> list[Model]:
    """Every export in the folder, verified, best first within its corpus."""
    found = [_load(path) for path in sorted(folder.glob("*/run.json"))] if folder.is_dir() else []
    if not found:
        raise DataError(f"{folder} holds no exported model to compare.\n  Type: dvc repro")
    return sorted(found, key=lambda model: (model.corpus, model.metric("test/bits_per_byte"), model.name))


def _load(facts: Path) -> Model:
    folder = facts.parent
    verify_manifest(folder, f"dvc repro train@{folder.name}")
    return Model(
        name=folder.name,
        run=json.loads(facts.read_bytes()),
        config=yaml.safe_load((folder / "config.yaml").read_text()),
        curves=json.loads((folder / "curves.json").read_bytes()),
        sample=(folder / "sample.txt").read_text(encoding="utf-8").strip(),
    )


def verdict(model: Model, models: Sequence[Model]) -> str:
    """Against the n-gram floor on the same test text, in bits per byte, which compare across tokenizers."""
    floors = [other for other in models if other.is_floor and _same_test(other, model)]
    if model.is_floor:
        return "the floor"
    if not floors:
        return "no floor here"
    gap = model.metric("test/bits_per_byte") - min(floor.metric("test/bits_per_byte") for floor in floors)
    if gap == 0:
        return "equals the floor"
    return f"beats the floor by {-gap:.3f}" if gap < 0 else f"LOSES to the floor by {gap:.3f}"


def _same_test(one: Model, other: Model) -> bool:
    """The same corpus, and as many bytes of it in the test split: anything else is another exam."""
    return one.corpus == other.corpus and one.run["evaluated"]["test"]["utf8_bytes"] == other.run["evaluated"]["test"]["utf8_bytes"]


COLUMNS = (
    "model",
    "corpus",
    "parameters",
    "tokens",
    "minutes",
    "tokens/s",
    "val bits/byte",
    "test bits/byte",
    "test perplexity",
    "against the floor",
)


def row(model: Model, models: Sequence[Model]) -> tuple[str, ...]:
    return (
        model.name,
        model.corpus,
        f"{model.run['parameters']:,}" + (" counts" if model.is_floor else ""),
        f"{model.run['tokens']:,}",
        f"{model.run['training_seconds'] / 60:.1f}",
        f"{model.metric('speed/tokens_per_second'):,.0f}",
        f"{model.metric('val/bits_per_byte'):.4f}",
        f"{model.metric('test/bits_per_byte'):.4f}",
        f"{model.metric('test/perplexity'):.6g}",
        verdict(model, models),
    )


def print_comparison(models: Sequence[Model], console: Console | None = None) -> None:
    """The table, then a sample of each model's text."""
    console = console or Console(width=None if Console().is_terminal else 170)
    table = Table(*COLUMNS, title="Models, best first for each corpus")
    for model in models:
        table.add_row(*row(model, models))
    console.print(table)
    console.print(
        "Bits per byte: the text's tokens only, so it compares across tokenizers. Perplexity counts document ends, and does not compare."
    )
    for model in models:  # `out` writes a text as it is; `print` would make a smiley of :smile: and fold lines
        console.out(f"\n--- {model.name} writes:\n{model.sample}", highlight=False)
    console.out("\nCurves, parameters and samples of every run: make dashboard", highlight=False)
