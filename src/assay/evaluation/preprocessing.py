"""The effect of each step of linguistic preprocessing on a classifier of documents, trained and tested on the same documents each time."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.data.batch import TextBatch
from assay.data.linguistics.settings import LinguisticSettings
from assay.data.linguistics.view import View
from assay.data.source_labels import Place, source_labels
from assay.errors import DataError
from assay.evaluation.naive_bayes import NaiveBayes
from assay.evaluation.proportions import mcnemar, wilson
from assay.files import ROOT, project_path, readable_json, write_atomic

if TYPE_CHECKING:
    from assay.config.schema import BagOfWordsConfig

NONE, WORDS = "none", "segmentation"
ROWS: dict[str, LinguisticSettings] = {
    NONE: LinguisticSettings(),
    WORDS: LinguisticSettings(segmentation=True),
    "+ stop words": LinguisticSettings(segmentation=True, stop_words="remove"),
    "+ stemming": LinguisticSettings(segmentation=True, stemming=True),
    "+ POS tags": LinguisticSettings(segmentation=True, pos_tags=True),
    "+ spelling": LinguisticSettings(segmentation=True, spelling=True),
    "+ punctuation": LinguisticSettings(segmentation=True, punctuation="normalise"),
    "+ no punctuation": LinguisticSettings(segmentation=True, punctuation="remove"),
    "all": LinguisticSettings(segmentation=True, stop_words="remove", stemming=True, pos_tags=True, spelling=True, punctuation="normalise"),
}
"""A row with a plus is segmentation and that step: the others are done to words, which Chinese has only when it is cut."""
_UNDIVIDED = re.compile("[\u3400-\u9fff]|[^\\s\u3400-\u9fff]+")


@dataclass(frozen=True)
class Labelled:
    """Documents of a split, with their labels and languages."""

    texts: list[str]
    labels: list[str]
    languages: list[str]


@dataclass(frozen=True)
class Row:
    """A row of the table. The p are McNemar's; `only_*` are test documents that one of the two alone has right."""

    step: str
    right: int
    accuracy: float
    low: float
    high: float
    features: int
    cpu_seconds: float
    only_none_right: int
    only_this_right: int
    p_against_none: float
    p_against_segmentation: float


@dataclass(frozen=True)
class Comparison:
    corpus: str
    train_documents: int
    test_documents: int
    classes: dict[str, int]
    rows: list[Row]


def compare(config: "BagOfWordsConfig", folder: Path, root: Path = ROOT) -> Comparison:
    """`folder`: the cleaned documents of the corpus, without linguistic preprocessing. Raises DataError where labels are missing or all one."""
    labels = source_labels(config.data, config.cleaning, root)
    view = View(LinguisticSettings(), config.data.language)
    train, test = (_labelled(folder, split, labels.of, view) for split in ("train", "test"))
    if len(set(train.labels)) < 2:
        raise DataError(
            f"corpus {config.data.name}: every training document is labelled {train.labels[0]!r}; there is nothing to tell apart."
        )
    hits: dict[str, list[bool]] = {}
    rows = []
    for step, settings in ROWS.items():
        before = time.process_time()
        learnt, hits[step] = _tried(View(settings, config.data.language), train, test, config)
        rows.append(_row(step, hits, len(learnt.vocabulary), time.process_time() - before))
    classes = {name: test.labels.count(name) for name in sorted(set(test.labels))}
    return Comparison(str(config.data.name), len(train.texts), len(test.texts), classes, rows)


def _labelled(folder: Path, split: str, label_of: Callable[[Place], str], view: View) -> Labelled:
    import pyarrow.parquet as parquet

    table = parquet.read_table(folder / f"{split}.parquet", columns=["text", "source", "path", "record"]).to_pydict()
    places = zip(table["source"], table["path"], table["record"], strict=True)
    return Labelled(table["text"], [label_of(place) for place in places], view.languages(TextBatch.of(table["text"])))


def _tried(view: View, train: Labelled, test: Labelled, config: "BagOfWordsConfig") -> tuple[NaiveBayes, list[bool]]:
    """Return the classifier learnt from the training documents, and which test documents it has right."""
    learnt = NaiveBayes.learn(list(_bags(view, train)), train.labels, config.smoothing, config.min_documents)
    found = learnt.classify(list(_bags(view, test)))
    return learnt, [mine == right for mine, right in zip(found, test.labels, strict=True)]


def _bags(view: View, documents: Labelled) -> Iterator[list[str]]:
    for text, language in zip(documents.texts, documents.languages, strict=True):
        words = view.text(text, language).lower()
        divided = view.settings.segmentation or not language.startswith("zh")
        yield words.split() if divided else _UNDIVIDED.findall(words)


def _row(step: str, hits: dict[str, list[bool]], features: int, cpu_seconds: float) -> Row:
    mine, none = hits[step], hits[NONE]
    right = sum(mine)
    low, high = wilson(right, len(mine))
    lost, won = _split(none, mine)
    against_words = mcnemar(*_split(hits.get(WORDS, none), mine))
    return Row(step, right, right / len(mine), low, high, features, round(cpu_seconds, 2), lost, won, mcnemar(lost, won), against_words)


def _split(first: list[bool], second: list[bool]) -> tuple[int, int]:
    """Documents that the first alone has right, and the second alone."""
    pairs = list(zip(first, second, strict=True))
    return pairs.count((True, False)), pairs.count((False, True))


HEAD = ("step", "accuracy", "95 % interval", "won", "lost", "p (none)", "p (segmentation)", "features", "CPU s")


def shown(comparison: Comparison) -> str:
    """The table for a terminal or a document (it is Markdown)."""
    classes = ", ".join(f"{name} {count:,}" for name, count in comparison.classes.items())
    lead = (
        f"{comparison.corpus}: multinomial naive Bayes, {comparison.train_documents:,} training and "
        f"{comparison.test_documents:,} test documents ({classes})"
    )
    cells = [HEAD, *(_cells(row) for row in comparison.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        [cell.ljust(width) if place == 0 else cell.rjust(width) for place, (cell, width) in enumerate(zip(row, widths, strict=True))]
        for row in cells
    ]
    rule = ["-" * width if place == 0 else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])
    note = "won, lost: test documents that this row alone, or none alone, has right; p: McNemar's exact test on the same documents, against each of the two."
    return f"{lead}\n\n{table}\n\n{note}"


def _cells(row: Row) -> tuple[str, ...]:
    against_none = (str(row.only_this_right), str(row.only_none_right), _p(row.p_against_none)) if row.step != NONE else ("", "", "")
    against_words = _p(row.p_against_segmentation) if row.step not in (NONE, WORDS) else ""
    interval = f"{row.low:.2%} to {row.high:.2%}"
    return row.step, f"{row.accuracy:.2%}", interval, *against_none, against_words, f"{row.features:,}", f"{row.cpu_seconds:.1f}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.0e}"


def write(comparison: Comparison, output: str) -> None:
    write_atomic(project_path(output), readable_json(asdict(comparison)))
