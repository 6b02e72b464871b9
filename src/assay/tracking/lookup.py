"""Finding runs without importing MLflow, which takes seconds: read-only queries on the store, and the result files."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.errors import ConfigError, DataError
from assay.tracking.identity import Identity
from assay.tracking.store import DATABASE, MLRUNS, run_folder

RESULT = "result.json"


@dataclass(frozen=True)
class RunEntry:
    """One row of the store."""

    run_id: str
    name: str
    status: str
    experiment_id: str
    folder: Path


def all_runs() -> list[RunEntry]:
    """Newest first."""
    if not DATABASE.exists():
        return []
    with sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT run_uuid, name, status, experiment_id, artifact_uri FROM runs WHERE lifecycle_stage = 'active' ORDER BY start_time DESC, run_uuid"
        ).fetchall()
    return [RunEntry(run_id, name, status, str(experiment), run_folder(uri)) for run_id, name, status, experiment, uri in rows]


def find_run(wanted: str) -> RunEntry:
    """The run with that id, unique prefix of an id, or name (the newest of that name), or the `latest` finished one."""
    runs = all_runs()
    if not runs:
        raise DataError("there are no runs yet in mlruns/.\n  Type: python src/train.py trainer=smoke")
    if wanted == "latest":
        finished = [run for run in runs if (run.folder / RESULT).exists()]
        if not finished:
            raise DataError("no run in mlruns/ has finished yet.\n  Type: python src/train.py trainer=smoke")
        return finished[0]
    by_name = [run for run in runs if run.name == wanted]
    by_id = [run for run in runs if run.run_id.startswith(wanted)] if wanted else []
    if by_name:
        return by_name[0]
    if len(by_id) == 1:
        return by_id[0]
    if by_id:
        raise ConfigError(f"{wanted!r} begins the ids of {len(by_id)} runs: {', '.join(run.run_id[:12] for run in by_id[:5])}. Type more of it.")
    from rapidfuzz import process

    near = process.extractOne(wanted, [run.name for run in runs])
    hint = f"; did you mean {near[0]}?" if near and near[1] >= 60 else ""
    raise ConfigError(f"no run has the id or name {wanted!r}{hint}\n  The newest: {', '.join(f'{r.name} ({r.run_id[:8]})' for r in runs[:5])}")


def read_result(folder: Path) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads((folder / RESULT).read_bytes())
    except FileNotFoundError:
        raise DataError(f"{folder} has no {RESULT}: the run did not finish.") from None
    return result


def finished_run(identity: Identity) -> dict[str, Any] | None:
    """The stored result of a finished run with that identity, if there is one."""
    for path in sorted(MLRUNS.glob(f"*/*/artifacts/{RESULT}")):
        try:
            result: dict[str, Any] = json.loads(path.read_bytes())
        except ValueError:
            continue
        if result.get("identity") == identity.sha256:
            return {**result, "stored": True}
    return None
