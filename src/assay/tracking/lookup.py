"""Finding runs without importing MLflow, which takes seconds: their folders say what there is."""

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from assay.errors import ConfigError, DataError
from assay.model.kept import RESULT, kept_checkpoint
from assay.tracking.journal import start_of
from assay.tracking.sent import SentRuns
from assay.tracking.store import DATABASE, LOCAL_STORE, MLRUNS

if TYPE_CHECKING:
    from assay.config.schema import TrainConfig
    from assay.tracking.identity import Identity

MOST_LISTED = 20


@dataclass(frozen=True)
class RunEntry:
    """The first line of a run's journal, and where it lies. `forced`: begun by rerun=true."""

    run_id: str
    name: str
    experiment: str
    identity: str
    parts: dict[str, str]
    forced: bool
    started: float
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """None for a folder in which no run has begun."""
        facts = start_of(folder / "journal.jsonl")
        if facts is None:
            return None
        names = ("run_id", "name", "experiment", "identity", "parts", "forced")
        return cls(**{name: facts[name] for name in names}, started=facts["time"], folder=folder)

    @property
    def finished(self) -> bool:
        return (self.folder / RESULT).exists()


def all_runs() -> list[RunEntry]:
    """Newest first; without those deleted in the dashboard."""
    found = [entry for folder in MLRUNS.glob("*/*/artifacts") if (entry := RunEntry.read(folder))]
    gone = deleted_runs()
    return sorted((entry for entry in found if entry.run_id not in gone), key=lambda entry: (-entry.started, entry.run_id))


IN_THE_STORE = (
    "SELECT run_uuid, lifecycle_stage, NULL FROM runs UNION ALL "
    "SELECT experiment_id, 'experiment', coalesce(creation_time, 0) FROM experiments"
)


def deleted_runs() -> set[str]:
    """Ids of those that were deleted in the dashboard, also if `mlflow gc` removed them from mlflow.db since."""
    rows = query(IN_THE_STORE)  # one statement, so that both tables are of one moment
    stages = {str(key): stage for key, stage, created in rows if created is None}
    experiments = [(str(key), int(created)) for key, _, created in rows if created is not None]
    deleted = {run_id for run_id, stage in stages.items() if stage == "deleted"}
    removed = SentRuns(MLRUNS, LOCAL_STORE, experiments).run_ids() - set(stages)
    if removed:  # or sent a moment ago
        removed -= {run_id for (run_id,) in query("SELECT run_uuid FROM runs")}
    return deleted | removed


def query(sql: str, *values: str) -> list[tuple[Any, ...]]:
    """Rows of mlflow.db, read-only; none where it is missing or can't be read, since it holds nothing that the folders don't."""
    if not DATABASE.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{DATABASE.as_uri()}?mode=ro", uri=True, timeout=1.0)) as database:
            return database.execute(sql, values).fetchall()
    except sqlite3.Error:
        return []


def experiment_number(run_id: str) -> str | None:
    """MLflow's id of the experiment that a run is in, which its pages are addressed by; None if mlflow.db does not have the run."""
    rows = query("SELECT experiment_id FROM runs WHERE run_uuid = ?", run_id)
    return str(rows[0][0]) if rows else None


def find_run(wanted: str, finished_first: bool = True) -> RunEntry:
    """The run with that id or unique prefix of an id, or the newest of that name, a finished one if there is any; or the `latest` finished.

    Where no run has that name, it means the runs whose names go on after it: `gpt_nano_mine` then means `gpt_nano_mine seed=2`.
    With `finished_first` false: an unfinished one of that name if there is any, as to go on with.
    """
    runs = all_runs()
    if not runs:
        raise DataError("there are no runs yet in mlruns/.\n  Type: python src/train.py trainer=smoke")
    named = runs if wanted == "latest" else _named(wanted, runs)
    wished = [run for run in named if run.finished == finished_first]
    if wished:
        return wished[0]
    if wanted == "latest" and finished_first:
        raise DataError("no run in mlruns/ has finished yet.\n  Type: python src/train.py trainer=smoke")
    by_id = [run for run in runs if run.run_id.startswith(wanted)] if wanted else []
    if named or len(by_id) == 1:
        return (named or by_id)[0]
    if by_id:
        raise ConfigError(
            f"{wanted!r} begins the ids of {len(by_id)} runs: {', '.join(run.run_id[:12] for run in by_id[:5])}. Type more of it."
        )
    raise _unknown(wanted, runs)


def _named(wanted: str, runs: list[RunEntry]) -> list[RunEntry]:
    """Runs of exactly that name; where there are none, those whose names go on after it with further words."""
    return [run for run in runs if run.name == wanted] or [run for run in runs if wanted and run.name.startswith(f"{wanted} ")]


def find_only_run(wanted: str) -> RunEntry:
    """Find a run as find_run does, but raise ConfigError where several have that name: the newest may not be the one meant."""
    found = find_run(wanted)
    same = [run for run in _named(wanted, all_runs()) if run.finished == found.finished]
    if wanted == "latest" or len(same) < 2:
        return found
    lines = [f"{run.run_id[:12]}  {_date(run)}  {_val_loss(run)}  {run.name.removeprefix(wanted)}".rstrip() for run in same[:MOST_LISTED]]
    more = [f"and {len(same) - MOST_LISTED} older ones"] if len(same) > MOST_LISTED else []
    raise ConfigError(f"{len(same)} runs {_called(wanted, same)}; name one by its id, the newest first:\n  " + "\n  ".join([*lines, *more]))


def _called(wanted: str, same: list[RunEntry]) -> str:
    return f"are called {wanted!r}" if same[0].name == wanted else f"have names that begin with {wanted!r}"


def _date(run: RunEntry) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started))


def _val_loss(run: RunEntry) -> str:
    try:
        metrics = json.loads((run.folder / RESULT).read_bytes())["metrics"]
    except (OSError, ValueError, KeyError):
        return "not finished"
    return f"val loss {metrics['val/loss']:.4f}" if "val/loss" in metrics else "no val loss"


def find_checkpoint(wanted: str) -> tuple[RunEntry, Path]:
    """RUN, for the checkpoint that was scored, or of an unfinished run its newest; RUN/best; RUN/step_N. No weights are read."""
    name, _, which = wanted.partition("/")
    entry = find_run(name)
    return entry, kept_checkpoint(entry.folder, which)


def _unknown(wanted: str, runs: list[RunEntry]) -> ConfigError:
    from rapidfuzz import process

    near = process.extractOne(wanted, [name for run in runs for name in (run.name, run.name.partition(" ")[0])], score_cutoff=60)
    hint = f"; did you mean {near[0]}?" if near else ""
    return ConfigError(
        f"no run has the id or name {wanted!r}{hint}\n  The newest: {', '.join(f'{r.name} ({r.run_id[:8]})' for r in runs[:5])}"
    )


def runs_with_identity(identity: "Identity") -> list[RunEntry]:
    """Finished or not, newest first."""
    return [entry for entry in all_runs() if entry.identity == identity.sha256]


def finished_run(identity: "Identity", config: "TrainConfig") -> dict[str, Any] | None:
    """The stored result of a finished run with that identity, if there is one and none is asked to be made or gone on with."""
    if config.rerun or config.resume != "auto":
        return None
    for entry in runs_with_identity(identity):
        try:
            result: dict[str, Any] = json.loads((entry.folder / RESULT).read_bytes())
        except (OSError, ValueError):
            continue
        if result.get("identity") == identity.sha256:  # else it was gone on with under other settings
            return {**result, "stored": True}
    return None
