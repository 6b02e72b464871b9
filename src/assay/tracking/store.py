"""The local store: SQLite in mlruns/mlflow.db, and one folder per run beside it, which is the run's MLflow artifact folder."""

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from assay.files import ROOT, lock

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

MLRUNS = ROOT / "mlruns"
DATABASE = MLRUNS / "mlflow.db"


def open_store() -> "MlflowClient":
    """MLflow's client on the local store, which is made on first use. One process at a time makes it: two would both create the tables."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    from mlflow.tracking import MlflowClient

    MLRUNS.mkdir(exist_ok=True)
    with lock(MLRUNS / ".store.lock"):
        client = MlflowClient(f"sqlite:///{DATABASE}")
        client.search_experiments(max_results=1)
    return client


def experiment_id(client: "MlflowClient", name: str) -> str:
    """The experiment of that name, made if new, with artifacts in mlruns/<id>."""
    with lock(MLRUNS / ".store.lock"):
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        made = str(client.create_experiment(name))
        # MLflow stores an absolute path, and then a moved checkout loses its artifacts. A path relative to the project survives;
        # the dashboard, which serves them, is started there.
        with sqlite3.connect(DATABASE) as database:
            database.execute("UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?", (f"mlruns/{made}", int(made)))
        return made


def run_folder(artifact_uri: str) -> Path:
    return ROOT / artifact_uri
