"""Finding runs without importing MLflow, which takes seconds: read-only queries on the store, and the result files."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.errors import ConfigError, DataError
from assay.tracking.identity import Identity
from assay.tracking.store import DATABASE, MLRUNS, run_folder

RESULT = "result.json"
NEWEST_FIRST = """
    SELECT run_uuid, name, status, experiment_id, artifact_uri FROM runs WHERE lifecycle_stage = 'active'
    ORDER BY start_time DESC, run_uuid
"""


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
    try:
        with closing(sqlite3.connect(f"{DATABASE.as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute(NEWEST_FIRST).fetchall()
    except sqlite3.Error as error:
        raise DataError(
            f"{DATABASE} can't be read: {error}.\n  If it is damaged, move it away: each run has everything in its own folder."
        ) from None
    return [RunEntry(run_id, name, status, str(experiment), run_folder(uri)) for run_id, name, status, experiment, uri in rows]


def find_run(wanted: str) -> RunEntry:
    """The run with that id or unique prefix of an id, or the newest of that name, a finished one if there is any; or the `latest` finished."""
    runs = all_runs()
    if not runs:
        raise DataError("there are no runs yet in mlruns/.\n  Type: python src/train.py trainer=smoke")
    named = [run for run in runs if wanted in ("latest", run.name)]
    finished = [run for run in named if (run.folder / RESULT).exists()]
    if finished:
        return finished[0]
    if wanted == "latest":
        raise DataError("no run in mlruns/ has finished yet.\n  Type: python src/train.py trainer=smoke")
    by_id = [run for run in runs if run.run_id.startswith(wanted)] if wanted else []
    if named or len(by_id) == 1:
        return (named or by_id)[0]
    if by_id:
        raise ConfigError(
            f"{wanted!r} begins the ids of {len(by_id)} runs: {', '.join(run.run_id[:12] for run in by_id[:5])}. Type more of it."
        )
    raise _unknown(wanted, runs)


def _unknown(wanted: str, runs: list[RunEntry]) -> ConfigError:
    from rapidfuzz import process

    near = process.extractOne(wanted, [run.name for run in runs], score_cutoff=60)
    hint = f"; did you mean {near[0]}?" if near else ""
    return ConfigError(
        f"no run has the id or name {wanted!r}{hint}\n  The newest: {', '.join(f'{r.name} ({r.run_id[:8]})' for r in runs[:5])}"
    )


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
