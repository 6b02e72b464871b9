"""What a run left, in the form in which two runs must be equal, and what no run may leave."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HISTORY = """
    SELECT key, step, value FROM metrics WHERE run_uuid = ? AND key NOT LIKE 'speed/%' AND key NOT LIKE 'system/%' ORDER BY key, step, value
"""
Point = tuple[str, int, float]


@dataclass(frozen=True)
class Evidence:
    """Equal for two runs of one identity, whatever happened to either."""

    weights_sha256: str
    losses_sha256: str
    steps: int
    metrics: dict[str, float]
    journal: tuple[Point, ...]
    mlflow: tuple[Point, ...]
    tags: tuple[str, ...]


def evidence(project: Path, run_id: str | None = None) -> Evidence:
    """Of the only run in mlruns/, or of the one named."""
    folders = [folder for folder in (project / "mlruns").glob("*/*/artifacts") if run_id in (None, folder.parent.name)]
    assert len(folders) == 1, f"{len(folders)} runs: {folders}"
    [folder] = folders
    result = json.loads((folder / "result.json").read_bytes())
    with closing(sqlite3.connect(project / "mlruns/mlflow.db")) as database:
        stored = database.execute(HISTORY, (folder.parent.name,)).fetchall()
        statuses = database.execute("SELECT status FROM runs WHERE run_uuid = ?", (folder.parent.name,)).fetchall()
        tags = database.execute("SELECT key FROM tags WHERE run_uuid = ? ORDER BY key", (folder.parent.name,)).fetchall()
    assert statuses == [("FINISHED",)], statuses
    assert result["run_id"] == folder.parent.name
    return Evidence(
        result["weights_sha256"],
        result["losses_sha256"],
        result["steps"],
        {name: value for name, value in result["metrics"].items() if not name.startswith("speed/")},
        tuple(sorted(journal_points(folder))),
        tuple(stored),
        tuple(key for (key,) in tags if key != "assay.reason"),
    )


def journal_points(folder: Path) -> list[Point]:
    """(metric, step, value) of every line, without speeds and readings of the machine."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert not [line for line in lines if line["kind"] == "difference"]
    return [
        (name, line["step"], value)
        for line in lines
        if line["kind"] in ("metrics", "evaluation")
        for name, value in line["metrics"].items()
        if not name.startswith("speed/")
    ]


def litter(project: Path) -> list[str]:
    """Drafts, locks and half-made things in mlruns/ that a finished run has no use for."""
    found = [
        path for path in (project / "mlruns").rglob("*") if ".draft-" in path.name or ".old-" in path.name or path.name.endswith("-journal")
    ]
    found += list((project / "mlruns/.open").glob("*"))
    with closing(sqlite3.connect(project / "mlruns/mlflow.db")) as database:
        running = database.execute("SELECT run_uuid FROM runs WHERE status = 'RUNNING'").fetchall()
    return [str(path.relative_to(project)) for path in found] + [f"{run_id} is RUNNING" for (run_id,) in running]
