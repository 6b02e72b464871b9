"""MLflow stores: the local one, SQLite in mlruns/mlflow.db, and the server or database that MLFLOW_TRACKING_URI names."""

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import ConfigError, MachineError
from assay.files import ROOT, draft_file, lock

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient
    from sqlalchemy.orm import Session

MLRUNS = ROOT / "mlruns"
DATABASE = MLRUNS / "mlflow.db"
LOCAL_STORE = "mlruns/mlflow.db"
"""Its name in messages."""
REMOTE = r"https?://|(postgresql|mysql|mssql)(\+[a-z0-9_]+)?://"
"""Addresses of a tracking server, or of a database by MLflow's own store."""


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
    client = client_of(f"sqlite:///{database}")
    client.search_experiments(max_results=1)
    return client


def client_of(uri: str) -> "MlflowClient":
    """A client whose model registry is the same store: by default it would be the one that MLFLOW_REGISTRY_URI names."""
    return client_class()(uri, registry_uri=uri)


def _ask_sqlite() -> None:
    """Raise at once what SQLite refuses: MLflow tries for a minute, and the end of a run waits for it."""
    with closing(sqlite3.connect(DATABASE)) as database:
        database.execute("PRAGMA schema_version")


def remote_client(uri: str) -> "MlflowClient":
    """A client that gives up soon: by default one call to a dead server takes four minutes."""
    for name, value in {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}.items():
        os.environ.setdefault(name, value)
    return client_of(uri)


def database_client(uri: str) -> "MlflowClient":
    """A client of MLflow's tables in a database, which are created on first use. Raises MachineError where the driver is missing."""
    client_class()
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.pool.NullPool)
        with engine.connect():  # refused at once what MLflow would try for a minute
            pass
    except (ImportError, sqlalchemy.exc.ArgumentError) as error:
        raise MachineError(
            f"MLFLOW_TRACKING_URI names a database that can't be opened: {first_line(error)}\n"
            "  Write postgresql://USER@HOST/DATABASE. Its driver is not among what make venv installs. Type: pip install 'psycopg[binary]'"
        ) from None
    return client_of(uri)


def remote_uri() -> str | None:
    """The address in MLFLOW_TRACKING_URI, of a tracking server or a database that gets a copy of every run."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    if not uri:
        return None
    if not re.match(REMOTE, uri):
        raise ConfigError(
            f"MLFLOW_TRACKING_URI is {uri.partition(':')[0]}:...; expected http:// or https:// of a tracking server, or postgresql:// of a "
            "database, that gets a copy.\n  The runs themselves are in mlruns/ always. Type: unset MLFLOW_TRACKING_URI"
        )
    return uri


def mlruns_folder() -> Path:
    return MLRUNS


@contextmanager
def usable(uri: str | None = None) -> Iterator[None]:
    """Turn what MLflow and SQLite say about a damaged, locked or read-only store into a message. `uri`: of another than the local store."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, sqlite3.Error) as error:
        if uri is not None and not uri.startswith("sqlite:"):
            raise MachineError(f"{without_secrets(uri)} can't be used: {first_line(error)}") from error
        raise MachineError(
            f"{DATABASE} can't be used: {first_line(error)}\n"
            "  If another program holds it, end that. If it is damaged, move it away, and make sync makes another: each run has everything in its own folder."
        ) from error


def first_line(error: Exception) -> str:
    """Return an error's message without the SQL that it ends with, and without the user and password of an address in it."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return re.sub(r"(?<=://)\S*@", "", line)


def without_secrets(uri: str) -> str:
    """The address without the user's name and password that it may hold."""
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


class DeletedExperimentError(ConfigError):
    """A run can't be put into an experiment that a person deleted. `number`: its id in the store."""

    def __init__(self, name: str, number: str) -> None:
        super().__init__(f"the experiment {name!r} was deleted in the dashboard.\n  Type: tracking.experiment=ANOTHER_NAME")
        self.name, self.number = name, number


def experiment_id(client: "MlflowClient", name: str) -> str:
    """The id of the experiment of that name in a database, created if new, with its artifacts in mlruns/<name>."""
    with lock(MLRUNS / ".store.lock"), usable(client.tracking_uri):
        found = client.get_experiment_by_name(name)
        if found is None:
            found = client.get_experiment(client.create_experiment(name, tags={"mlflow.experimentKind": "custom_model_development"}))
        number = str(found.experiment_id)
        if found.lifecycle_stage == "deleted":
            raise DeletedExperimentError(name, number)
        # MLflow's create_experiment makes each path absolute, and a moved checkout would lose its artifacts. A path relative to the project
        # survives; the dashboard, which serves them, is started there. One that a person chose is left.
        if Path(found.artifact_location).is_absolute() and found.artifact_location.endswith(f"/{number}"):
            from mlflow.store.tracking.dbmodels.models import SqlExperiment
            from sqlalchemy import update

            with _transaction(client) as session:
                moved = update(SqlExperiment).where(SqlExperiment.experiment_id == int(number))
                session.execute(moved.values(artifact_location=f"mlruns/{name}"))
        return number


def create_run(
    client: "MlflowClient", number: str, run_id: str, folder: str, name: str, start_milliseconds: int, tags: Mapping[str, str]
) -> None:
    """Create a run in a database, under an id and with an artifact folder of our own: MLflow's create_run takes neither.

    The row is built from MLflow's mapped classes, as its create_run does, so that every database it supports is served.
    """
    from mlflow.store.tracking.dbmodels.models import SqlRun, SqlTag

    facts = {"source_type": "LOCAL", "source_name": "src/train.py", "source_version": "", "entry_point_name": "", "user_id": ""}
    state = {"status": "RUNNING", "lifecycle_stage": "active", "start_time": start_milliseconds}
    run = SqlRun(run_uuid=run_id, name=name, experiment_id=int(number), artifact_uri=folder, **facts, **state)
    run.tags = [SqlTag(key=key, value=value) for key, value in tags.items()]
    with usable(client.tracking_uri), _transaction(client) as session:
        session.add(run)


@contextmanager
def _transaction(client: "MlflowClient") -> "Iterator[Session]":
    """A session on the database that the client writes to, committed if the block ends well."""
    import sqlalchemy
    from sqlalchemy.orm import Session

    engine = sqlalchemy.create_engine(client.tracking_uri, poolclass=sqlalchemy.pool.NullPool)
    with Session(engine) as session, session.begin():
        yield session
