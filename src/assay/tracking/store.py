"""The local store: SQLite in mlruns/mlflow.db, and one folder per run beside it, which is the run's MLflow artifact folder."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import ConfigError, MachineError
from assay.files import ROOT, draft_file, lock

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

MLRUNS = ROOT / "mlruns"
DATABASE = MLRUNS / "mlflow.db"


def client_class() -> type["MlflowClient"]:
    """Import MLflow, with its telemetry off and its own messages of errors that it also raises."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "CRITICAL")
    from mlflow.tracking import MlflowClient

    return MlflowClient


def open_store() -> "MlflowClient":
    """MLflow's client on the local store, which is made on first use. One process at a time makes it: two would both create the tables."""
    client_class()
    MLRUNS.mkdir(exist_ok=True)
    with lock(MLRUNS / ".store.lock"), usable():
        if not DATABASE.exists():
            _make()
        _ask_sqlite()
        return _opened(DATABASE)


def _make() -> None:
    """Under another name first: a kill between two of MLflow's migrations leaves tables that it can neither use nor mend."""
    for left in MLRUNS.glob(f".{DATABASE.name}.draft-*"):  # nobody else makes one now, so their makers were killed
        left.unlink()
    with draft_file(DATABASE) as draft:
        _opened(draft)


def _opened(database: Path) -> "MlflowClient":
    client = client_class()(f"sqlite:///{database}")
    client.search_experiments(max_results=1)
    return client


def _ask_sqlite() -> None:
    """What SQLite refuses at once, MLflow tries for a minute, and the end of a run waits for it."""
    with closing(sqlite3.connect(DATABASE)) as database:
        database.execute("PRAGMA schema_version")


def remote_client(uri: str) -> "MlflowClient":
    """A client that gives up soon: by default one call to a dead server takes four minutes."""
    for name, value in {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}.items():
        os.environ.setdefault(name, value)
    return client_class()(uri)


def remote_uri() -> str | None:
    """Of the tracking server that MLFLOW_TRACKING_URI names, if it names one."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    if not uri:
        return None
    if not uri.startswith(("http://", "https://")):
        raise ConfigError(
            f"MLFLOW_TRACKING_URI is {uri.partition(':')[0]}:...; expected http:// or https://, of a tracking server that gets a copy.\n"
            "  The runs themselves are in mlruns/ always. Type: unset MLFLOW_TRACKING_URI"
        )
    return uri


@contextmanager
def usable() -> Iterator[None]:
    """Turn what MLflow and SQLite say about a damaged, locked or read-only store into a message."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, sqlite3.Error) as error:
        raise MachineError(
            f"{DATABASE} can't be used: {first_line(error)}\n"
            "  If another program holds it, end that. If it is damaged, move it away, and make sync makes another: each run has everything in its own folder."
        ) from error


def first_line(error: Exception) -> str:
    """What the error says, without the SQL that it ends with, and without the user and password of an address in it."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return re.sub(r"(?<=://)\S*@", "", line)


def experiment_id(client: "MlflowClient", name: str) -> str:
    """The experiment of that name, made if new, with artifacts in mlruns/<id>."""
    with lock(MLRUNS / ".store.lock"), usable():
        found = client.get_experiment_by_name(name)
        if found is None:
            found = client.get_experiment(client.create_experiment(name, tags={"mlflow.experimentKind": "custom_model_development"}))
        if found.lifecycle_stage == "deleted":
            raise ConfigError(f"the experiment {name!r} was deleted in the dashboard.\n  Type: tracking.experiment=ANOTHER_NAME")
        number = str(found.experiment_id)
        # MLflow stores an absolute path, and then a moved checkout loses its artifacts. A path relative to the project survives;
        # the dashboard, which serves them, is started there.
        if found.artifact_location != f"mlruns/{name}":
            with closing(sqlite3.connect(DATABASE)) as database, database:
                database.execute("UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?", (f"mlruns/{name}", int(number)))
        return number
