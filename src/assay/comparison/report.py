"""The comparison as files: a page to look at, and its data."""

from collections.abc import Sequence
from pathlib import Path

from assay.comparison.table import NOTE, SOURCE_COLUMNS, SOURCE_TITLE, Model, comparison_text, source_rows, table
from assay.files import canonical_json, draft_folder
from assay.replacing import refuse_to_lose
from assay.report.chart import Series, line_chart
from assay.report.page import Chart, Paragraph, Samples, Section, Table, report_page, sample

FILES = ("comparison.html", "comparison.txt", "comparison.json")


def write_report(models: Sequence[Model], folder: Path) -> None:
    """comparison.html (self-contained), comparison.txt (the same as a plain list) and comparison.json."""
    refuse_to_lose(folder, FILES, f"report={folder.name}")
    with draft_folder(folder) as draft:
        (draft / "comparison.html").write_text(_page(models), encoding="utf-8")
        (draft / "comparison.txt").write_text(comparison_text(models), encoding="utf-8")
        facts = [canonical_json({"name": model.name, "corpus": model.corpus, **model.run}) for model in models]
        (draft / "comparison.json").write_bytes(b"[\n" + b",\n".join(facts) + b"\n]\n")  # a line each


def _page(models: Sequence[Model]) -> str:
    head, *rows = table(models)
    sections = [Section("Scores", [Table(head, rows), *(Paragraph(line, small=True) for line in NOTE.splitlines())])]
    if by_source := source_rows(models):
        sections.append(Section(SOURCE_TITLE, [Table(SOURCE_COLUMNS, by_source)]))
    sections += [
        Section(f"Validation bits per byte on {corpus}", [curves])
        for corpus in dict.fromkeys(model.corpus for model in models)
        if (curves := _curves([model for model in models if model.corpus == corpus]))
    ]
    sections.append(Section("Samples", [Samples("", [sample(model.name, model.sample) for model in models])]))
    return report_page("Comparison", "", [], sections)


def _curves(models: Sequence[Model]) -> Chart | None:
    """One chart for each corpus: scores of two corpora share no axis."""
    return line_chart(
        "Validation bits per byte over training tokens",
        "training tokens",
        "bits per byte",
        [Series(model.name, _points(model)) for model in models],
    )


def _points(model: Model) -> list[tuple[float, float]]:
    points = [] if model.unmeasured else model.curves.get("val/bits_per_byte", [])
    return [(step * model.run["tokens"] / model.run["steps"], value) for step, value in points]
