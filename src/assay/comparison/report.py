"""The comparison as files: a page to look at, and its data."""

import html
from collections.abc import Sequence
from pathlib import Path

import plotly.io as pages

from assay.comparison.table import NOTE, SOURCE_COLUMNS, SOURCE_TITLE, Model, comparison_text, source_rows, table
from assay.files import canonical_json, draft_folder
from assay.replacing import refuse_to_lose

FILES = ("comparison.html", "comparison.txt", "comparison.json")
STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:105rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.35rem .6rem;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child,td:last-child,th:last-child{text-align:left}td{white-space:nowrap}pre{background:#f6f6f6;padding:1rem;white-space:pre-wrap}"""


def write_report(models: Sequence[Model], folder: Path) -> None:
    """comparison.html (self-contained), comparison.txt (what the terminal shows) and comparison.json."""
    refuse_to_lose(folder, FILES, f"report={folder.name}")
    with draft_folder(folder) as draft:
        (draft / "comparison.html").write_text(_page(models), encoding="utf-8")
        (draft / "comparison.txt").write_text(comparison_text(models), encoding="utf-8")
        facts = [canonical_json({"name": model.name, "corpus": model.corpus, **model.run}) for model in models]
        (draft / "comparison.json").write_bytes(b"[\n" + b",\n".join(facts) + b"\n]\n")  # a line each


def _page(models: Sequence[Model]) -> str:
    head, *rows = table(models)
    by_source = source_rows(models)
    second = f"<h2>{html.escape(SOURCE_TITLE)}</h2>{_table(SOURCE_COLUMNS, by_source)}" if by_source else ""
    samples = "".join(f"<h3>{html.escape(model.name)}</h3><pre>{html.escape(model.sample)}</pre>" for model in models)
    return (
        f'<!doctype html><meta charset="utf-8"><title>Comparison</title><style>{STYLE}</style><h1>Comparison</h1>'
        f"{_table(head, rows)}{second}"
        f"<p>{html.escape(NOTE)}</p>"
        f"{_curves(models)}<h2>Samples</h2>{samples}\n"
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>" for cells in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _curves(models: Sequence[Model]) -> str:
    traces = []
    for model in models:
        points = model.curves.get("val/bits_per_byte", [])
        if not points:  # a name without a curve in the legend would look like one that lies under another
            continue
        tokens = [step * model.run["tokens"] / model.run["steps"] for step, _ in points]
        traces.append({"type": "scatter", "x": tokens, "y": [value for _, value in points], "name": model.name, "mode": "lines+markers"})
    named = {"title": "Validation bits per byte", "xaxis": "training tokens", "yaxis": "bits per byte"}
    axes = {name: {"title": {"text": named[name]}, "gridcolor": "#ddd"} for name in ("xaxis", "yaxis")}
    # As plain values: to check them one by one takes a second for a thousand curves, and the checks a third of one to import.
    figure = {"data": traces, "layout": {"title": {"text": named["title"]}, **axes}}
    return str(pages.to_html(figure, full_html=False, include_plotlyjs=True, div_id="curves", validate=False))
