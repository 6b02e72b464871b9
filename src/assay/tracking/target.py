"""The places a run's journal is copied to: mlflow.db beside the runs, and a tracking server where one is named."""

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from assay.tracking import store
from assay.tracking.store import experiment_id, open_store

if TYPE_CHECKING:
    from mlflow.entities import Metric, Run
    from mlflow.tracking import MlflowClient

POSITION = "assay.journal_bytes"
"""Tag: how much of the journal has been copied. It lies where the copy lies, so that the two are lost or restored together."""
PARAMETERS_A_CALL = 100  # MLflow's limit
STATUS = {"running": "RUNNING", "finished": "FINISHED", "failed": "FAILED", "stopped": "KILLED", "killed": "KILLED"}


class Target:
    """One MLflow store. Every call can be made twice with the same journal lines without leaving anything twice."""

    name: str
    patience_seconds: float
    """How long the end of a run waits for it."""

    def __init__(self) -> None:
        self.client: MlflowClient
        self.mlflow_id = ""

    def open(self, start: dict[str, Any], folder: str) -> int:
        """Find or make the run of a journal's first line; how many bytes of the journal it has."""
        raise NotImplementedError

    def send(self, metrics: list["Metric"], position: int) -> None:
        from mlflow.entities import RunTag

        self.client.log_batch(self.mlflow_id, metrics=metrics, tags=[RunTag(POSITION, str(position))])

    def take(self, entry: dict[str, Any]) -> None:
        """A line of the journal that holds no metrics."""
        kind = entry["kind"]
        if kind == "status":
            self._status(entry)
        elif kind == "parameters":
            self._parameters(entry["parameters"])
        elif kind == "dataset":
            self._dataset(entry)
        elif kind == "model":
            self._model(entry)

    def _status(self, entry: dict[str, Any]) -> None:
        status = STATUS[entry["status"]]
        if status == "RUNNING":
            self.client.update_run(self.mlflow_id, status)
        else:
            self.client.set_terminated(self.mlflow_id, status, milliseconds(entry))
        for name in ("reason", "changed"):
            if name in entry:
                self.client.set_tag(self.mlflow_id, f"assay.{name}", str(entry[name]))

    def _parameters(self, parameters: dict[str, str]) -> None:
        from mlflow.entities import Param

        found = [Param(name, text) for name, text in parameters.items()]
        for first in range(0, len(found), PARAMETERS_A_CALL):
            self.client.log_batch(self.mlflow_id, params=found[first : first + PARAMETERS_A_CALL])

    def _dataset(self, entry: dict[str, Any]) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        dataset = Dataset(entry["name"], entry["digest"], "local", entry["source"], profile=entry["profile"])
        self.client.log_inputs(self.mlflow_id, datasets=[DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])

    def _model(self, entry: dict[str, Any]) -> None:
        """Versions of models are files beside mlflow.db; no server has them."""


class LocalStore(Target):
    """mlruns/mlflow.db. The run has the id and the folder that the journal gives it."""

    name = "mlruns/mlflow.db"
    patience_seconds = 60.0

    def open(self, start: dict[str, Any], folder: str) -> int:
        self.client = open_store()
        from mlflow.exceptions import MlflowException  # after the store, which tells MLflow what to print before it is imported

        self.mlflow_id = start["run_id"]
        number = experiment_id(self.client, start["experiment"])
        try:
            return _position(self.client.get_run(self.mlflow_id))
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
        self._insert(start, folder, number)
        return 0

    def _insert(self, start: dict[str, Any], folder: str, number: str) -> None:
        """MLflow's own create_run gives an id of its own, and a run would have two names until they are told of each other."""
        run = {
            **{"run_uuid": self.mlflow_id, "name": start["name"], "source_type": "LOCAL", "source_name": "src/train.py"},
            **{"entry_point_name": "", "user_id": "", "status": "RUNNING", "start_time": milliseconds(start), "source_version": ""},
            **{"lifecycle_stage": "active", "artifact_uri": folder, "experiment_id": int(number)},
        }
        tags = {"mlflow.runName": start["name"], "assay.identity": start["identity"], **start["tags"]}
        with closing(sqlite3.connect(store.DATABASE)) as database, database:
            places = ", ".join("?" * len(run))
            database.execute(f"INSERT INTO runs ({', '.join(run)}) VALUES ({places})", list(run.values()))
            rows = [(key, value, self.mlflow_id) for key, value in tags.items()]
            database.executemany("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", rows)

    def _model(self, entry: dict[str, Any]) -> None:
        """The trained weights as a version of the registered model `<corpus>-<model>`, by path: nothing is copied."""
        from mlflow.exceptions import MlflowException

        if any(version.run_id == self.mlflow_id for version in self.client.search_model_versions(f"name = '{entry['name']}'")):
            return
        try:
            if not self.client.search_registered_models(filter_string=f"name = '{entry['name']}'"):
                self.client.create_registered_model(entry["name"])
        except MlflowException:
            pass  # another run registered the name in between
        tags = {"weights_sha256": entry["weights_sha256"]}
        self.client.create_model_version(entry["name"], entry["source"], self.mlflow_id, tags=tags, await_creation_for=0)


class RemoteServer(Target):
    """A tracking server. It gives the run an id of its own, and knows ours by a tag."""

    patience_seconds = 10.0

    def __init__(self, uri: str) -> None:
        super().__init__()
        self.uri = uri
        self.name = without_secrets(uri)

    def open(self, start: dict[str, Any], folder: str) -> int:
        self.client = store.remote_client(self.uri)
        number = self._experiment(start["experiment"])
        runs = self.client.search_runs([number], f"tags.`assay.run_id` = '{start['run_id']}'", max_results=1)
        if runs:
            self.mlflow_id = runs[0].info.run_id
            return _position(runs[0])
        tags = {"assay.run_id": start["run_id"], "assay.identity": start["identity"], **start["tags"]}
        made = self.client.create_run(number, start_time=milliseconds(start), run_name=start["name"], tags=tags)
        self.mlflow_id = made.info.run_id
        return 0

    def _experiment(self, name: str) -> str:
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(self.client.create_experiment(name))
            except MlflowException:
                found = self.client.get_experiment_by_name(name)
                if found is None:  # else another run made it in between
                    raise
        return str(found.experiment_id)


def milliseconds(entry: dict[str, Any]) -> int:
    seconds: float = entry["time"]
    return round(seconds * 1000)


def without_secrets(uri: str) -> str:
    """The address without the user's name and password that it may hold."""
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _position(run: "Run") -> int:
    return int(dict[str, str](run.data.tags).get(POSITION, "0"))
