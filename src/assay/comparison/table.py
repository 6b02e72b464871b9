"""Exported models side by side, grouped by the text they were scored on, each with the floor it must beat."""

import json
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text
from yaml import CSafeLoader

from assay.config.schema import GROUPS
from assay.errors import DataError
from assay.files import verify_manifest
from assay.model.schema import CO_OCCURRENCE, NEXT_TOKEN
from assay.tokenizer.lost import Lost

SCORE = "test/bits_per_byte"
"""The metric by which models are ranked: it compares across tokenizers that give the text back, and others have none."""
KEEPS_TEXT = re.compile(r"assay\.tokenizer\.(learn|word|unigram)\.\w+")
"""Tokenizers that give back every text. What others gave back is in the facts of a run, except of runs of an older version."""


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
    def predicts(self) -> str:
        """The task that its objective sets; "" for an objective of the past."""
        target = self.config.get("objective", {}).get("_target_")
        return next((schema.PREDICTS for schema in GROUPS["objective"] if schema._target_ == target), "")

    @property
    def is_floor(self) -> bool:
        return str(self.config["model"]["_target_"]).endswith(".Ngram")

    def metric(self, name: str) -> float | None:
        """None where the run was not scored so, or where it is bits per byte and nobody knows whether of all the text."""
        value = self.run.get("metrics", {}).get(name)
        return None if value is None or (name.endswith("/bits_per_byte") and self.unmeasured) else float(value)

    @property
    def unmeasured(self) -> bool:
        """A run of an older version, which did not look whether its tokens give the text back, by a tokenizer that need not do so."""
        kind = str(self.config.get("tokenizer", {}).get("_target_", ""))
        return "lost_documents" not in self._tested and bool(kind) and not KEEPS_TEXT.fullmatch(kind)

    @property
    def loss_of_text(self) -> str:
        """Why its scores say nothing of the test text; empty where they do."""
        if self.unmeasured:
            return "not ranked: it was not measured whether its tokens give the text back; train it again"
        facts = self._tested
        if not (lost := Lost.of(facts)):
            return ""
        return (
            f"not ranked: loses text ({lost.utf8_bytes / facts['utf8_bytes']:.1%} of it in documents that do not come back, "
            f"{lost.unknown_tokens / facts['tokens']:.1%} [UNK])"
        )

    @property
    def _tested(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.run.get("evaluated", {}).get("test", {})
        return found

    @property
    def tokenizer(self) -> str:
        """Hash of its tokenizer; losses of two tokenizers do not compare."""
        return str(self.run.get("identity_parts", {}).get("tokenizer", ""))

    @property
    def own_floor(self) -> tuple[str, float] | None:
        """Name and nats of the baseline of a model whose loss is no code length of the text."""
        names = sorted(name for name in self.run.get("metrics", {}) if re.fullmatch(r"test/[a-z_]+_loss", name))
        return (
            (names[0].removeprefix("test/").removesuffix("_loss").replace("_", " "), float(self.run["metrics"][names[0]]))
            if names
            else None
        )


def load_models(folder: Path) -> list[Model]:
    """Every export in the folder, verified, best first within its corpus."""
    found = [_load(path) for path in sorted(folder.glob("*/run.json"))] if folder.is_dir() else []
    if not found:
        raise DataError(f"{folder} holds no exported model to compare.\n  Type: dvc repro")
    return sorted(found, key=_rank)


def _rank(model: Model) -> tuple[str, float, str, str, float, str]:
    """Those with bits per byte first; the others by what they predict and of which tokens, since losses compare within that only."""
    bits, loss = model.metric(SCORE), model.metric("test/loss")
    scores = [math.inf if each is None else each for each in (bits, loss)]
    group = (model.predicts, model.tokenizer) if bits is None else ("", "")
    return model.corpus, scores[0], *group, scores[1], model.name


def _load(facts: Path) -> Model:
    folder = facts.parent
    verify_manifest(folder, f"dvc repro train@{folder.name}")
    return Model(
        name=folder.name,
        run=json.loads(facts.read_bytes()),
        config=CSafeLoader((folder / "config.yaml").read_bytes()).get_single_data(),  # yaml.safe_load, in C
        curves=json.loads((folder / "curves.json").read_bytes()),
        sample=(folder / "sample.txt").read_text(encoding="utf-8").strip(),
    )


Exam = tuple[str, int | None]
"""The corpus, and how many bytes of it were in the test split: scores of two exams do not compare."""


def exam(model: Model) -> Exam:
    return model.corpus, model.run.get("evaluated", {}).get("test", {}).get("utf8_bytes")


def lowest_floors(models: Sequence[Model]) -> dict[Exam, float]:
    """The best n-gram model's bits per byte on each test text."""
    lowest: dict[Exam, float] = {}
    for model in models:
        if model.is_floor and (bits := model.metric(SCORE)) is not None:
            lowest[exam(model)] = min(bits, lowest.get(exam(model), math.inf))
    return lowest


def verdict(model: Model, floors: Mapping[Exam, float]) -> str:
    """Against the n-gram floor on the same test text, in bits per byte, which compare across tokenizers; else against a floor of its own."""
    bits, floor = model.metric(SCORE), floors.get(exam(model))
    if model.predicts in (NEXT_TOKEN, "") and model.loss_of_text:
        return model.loss_of_text
    if model.is_floor:
        return "the floor"
    if bits is None:
        return _own_verdict(model)
    if floor is None:
        return "no floor here"
    if bits == floor:
        return "equals the floor"
    return f"beats the floor by {floor - bits:.3f}" if bits < floor else f"LOSES to the floor by {bits - floor:.3f}"


def _own_verdict(model: Model) -> str:
    loss, own = model.metric("test/loss"), model.own_floor
    if loss is None or own is None:
        return "not scored"
    name, floor = own
    unit = "" if model.predicts == CO_OCCURRENCE else " nats"
    return f"beats {name} by {floor - loss:.3f}{unit}" if loss < floor else f"LOSES to {name} by {loss - floor:.3f}{unit}"


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


def row(model: Model, floors: Mapping[Exam, float]) -> tuple[str, ...]:
    """A cell for each of COLUMNS, blank for what the run does not have."""
    run = model.run
    return (
        model.name,
        model.corpus,
        _cell(run.get("parameters"), ",") + (" counts" if model.is_floor else ""),
        _cell(run.get("tokens"), ","),
        _cell(run["training_seconds"] / 60 if "training_seconds" in run else None, ".1f"),
        _cell(model.metric("speed/tokens_per_second"), ",.0f"),
        _cell(model.metric("val/bits_per_byte"), ".4f"),
        _cell(model.metric(SCORE), ".4f"),
        _cell(model.metric("test/perplexity"), ".6g"),
        verdict(model, floors),
    )


def table(models: Sequence[Model]) -> list[tuple[str, ...]]:
    """The head, and a row for each model. Where not all predict the next token, what each predicts and its loss too."""
    floors = lowest_floors(models)
    rows = [COLUMNS, *(row(model, floors) for model in models)]
    if all(model.predicts in (NEXT_TOKEN, "") for model in models):
        return rows
    extra = [("predicts", "test loss"), *((model.predicts, _cell(model.metric("test/loss"), ".4f")) for model in models)]
    return [(*cells[:2], predicts, *cells[2:-1], loss, cells[-1]) for cells, (predicts, loss) in zip(rows, extra, strict=True)]


SOURCE_COLUMNS = ("model", "source", "share of windows", "times read", "val loss", "val bits/byte", "test bits/byte")
SOURCE_SCORES = ("val/{}/loss", "val/{}/bits_per_byte", "test/{}/bits_per_byte")
SOURCE_TITLE = "By source, of corpora that have several"


def source_rows(models: Sequence[Model]) -> list[tuple[str, ...]]:
    """A row for each source of each model's corpus, so that what a weight does to the others is seen; none where all corpora are of one."""
    return [
        (
            model.name,
            source["name"],
            f"{source['share']:.1%}",
            f"{source['epochs']:.2f}",
            *(_cell(model.metric(score.format(source["name"])), ".4f") for score in SOURCE_SCORES),
        )
        for model in models
        for source in model.run.get("mix", [])
    ]


LEFT_OUT_FIRST = (
    *("tokens/s", "minutes", "tokens", "val bits/byte", "val loss", "times read", "test perplexity", "corpus", "parameters", "predicts"),
    *("share of windows", "test loss"),
)
"""Columns in the order in which a narrow terminal loses them; never the model's name, its score and the verdict."""


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


TITLE = "Models, best first for each corpus"
NOTE = (
    "Bits per byte: the text's tokens only, so it compares across tokenizers that give the text back. Models without it are not ranked:\n"
    "they stand last, by what they predict and by their tokens.\n"
    "Perplexity counts document ends, and does not compare across tokenizers.\n"
    "Loss: nats of each prediction, of co-occurrences a squared error; it compares where the same is predicted of the same tokens."
)


def print_comparison(models: Sequence[Model], console: Console | None = None) -> None:
    """The table, then a sample of each model's text. Columns that a terminal has no room for are left out; names never are."""
    console = console or Console()
    for title, rows in _tables(models):
        shown, left_out = fitting(rows, console.width)
        head, *body = shown
        drawn = Table(*head, title=title)
        for cells in body:
            drawn.add_row(*map(Text, cells))  # as they are: a string would be read as markup, and take longer
        console.print(drawn)
        if left_out:
            console.print(f"No room for: {', '.join(left_out)}. They are in comparison.txt and comparison.html.")
    console.print(NOTE)
    console.out(samples(models), highlight=False)  # `out` writes a text as it is; `print` would make a smiley of :smile: and fold lines


def fitting(rows: Sequence[Sequence[str]], width: int) -> tuple[list[tuple[str, ...]], list[str]]:
    """The rows with only so many columns that a line fits into `width`, and the heads of those left out."""
    columns = [tuple(column) for column in zip(*rows, strict=True)]
    left_out = []
    for name in LEFT_OUT_FIRST:
        if sum(max(map(cell_len, column)) + 3 for column in columns) + 1 <= width:
            break
        if found := [column for column in columns if column[0] == name]:
            columns.remove(found[0])
            left_out.append(name)
    return list(zip(*columns, strict=True)), left_out


def comparison_text(models: Sequence[Model]) -> str:
    """The same as a plain list, for a file or a pipe, whose reader's width is not known: every line fits into 80 columns."""
    lists = [line for title, rows in _tables(models) for line in (title, *_listed(rows), "")]
    lines = [*lists, NOTE, samples(models)]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


def _tables(models: Sequence[Model]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Title and rows of each table, with the head first."""
    by_source = source_rows(models)
    return [(TITLE, table(models)), *([(SOURCE_TITLE, [SOURCE_COLUMNS, *by_source])] if by_source else [])]


def _listed(rows: list[tuple[str, ...]]) -> list[str]:
    """A paragraph for each row: its first cell, then the others under it, each after its column's name. Blank cells are left out."""
    head, *body = rows
    lines = []
    for name, *cells in body:
        pairs = "; ".join(f"{column}: {cell}" for column, cell in zip(head[1:], cells, strict=True) if cell)
        lines += [name, *textwrap.wrap(pairs, 78, initial_indent="  ", subsequent_indent="  ", break_long_words=False)]
    return lines


def samples(models: Sequence[Model]) -> str:
    written = [f"\n--- {model.name} writes:\n{model.sample}" for model in models]
    return "\n".join([*written, "\nCurves, parameters and samples of every run: make dashboard"])
