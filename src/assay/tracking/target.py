"""The stores a run's journal is copied to: mlflow.db beside the runs, and the server or database that MLFLOW_TRACKING_URI names."""

from typing import TYPE_CHECKING, Any

from assay.tracking import store
from assay.tracking.sent import SentRuns
from assay.tracking.store import DeletedExperimentError, experiment_id, mlruns_folder, without_secrets

if TYPE_CHECKING:
    from mlflow.entities import Metric, Run
    from mlflow.tracking import MlflowClient

POSITION = "assay.journal_bytes"
"""Tag: how many bytes of the journal were copied. It is in the store itself, so that it is lost or restored together with the copy."""
RUN_ID = "assay.run_id"
"""Tag: the id of the run's folder."""
PARAMETERS_A_CALL = 100  # MLflow's limit
STATUS = {"running": "RUNNING", "finished": "FINISHED", "failed": "FAILED", "stopped": "KILLED", "killed": "KILLED"}


class DeletedRunError(Exception):
    """A person deleted this run in the store, so it is not copied there again."""


class Target:
    """One MLflow store. Every call can be made twice with the same journal lines without leaving anything twice."""

    name: str
    patience_seconds: float
    """Seconds that the end of a run waits for it."""

    def __init__(self) -> None:
        self.client: MlflowClient
        self.mlflow_id = ""
        self._sent: SentRuns | None = None

    def open(self, start: dict[str, Any], folder: str) -> int:
        """Find or create the run that a journal's first line names; return how many bytes of the journal the store has.

        Raises DeletedRunError where a person deleted the run there, and DeletedExperimentError where a new run has no experiment to go to.
        """
        if self._sent is None:
            self.client = self._connect()
            self._sent = SentRuns(mlruns_folder(), self.name, experiments_of(self.client))
        run_id = start["run_id"]
        sent_as = self._sent.mlflow_id(run_id)
        run = self._find(run_id, sent_as)
        if run is None:
            if sent_as is not None:
                raise DeletedRunError(f"run {run_id} was deleted in {self.name}")
            self.mlflow_id = self._create(start, folder)
            self._sent.add(run_id, self.mlflow_id)
            return 0
        self.mlflow_id = run.info.run_id
        self._sent.add(run_id, self.mlflow_id)
        if run.info.lifecycle_stage == "deleted":
            raise DeletedRunError(f"run {run_id} was deleted in {self.name}")
        return int(dict[str, str](run.data.tags).get(POSITION, "0"))

    def _connect(self) -> "MlflowClient":
        raise NotImplementedError

    def _find(self, run_id: str, sent_as: str | None) -> "Run | None":
        """The run in the store, also one that is deleted but not yet removed for good. `sent_as`: the id it had there."""
        raise NotImplementedError

    def _create(self, start: dict[str, Any], folder: str) -> str:
        """Create the run in the store; return its id there."""
        raise NotImplementedError

    def send(self, metrics: list["Metric"], position: int) -> None:
        from mlflow.entities import RunTag

        self.client.log_batch(self.mlflow_id, metrics=metrics, tags=[RunTag(POSITION, str(position))])

    def take(self, entry: dict[str, Any]) -> None:
        """Copy a line of the journal that holds no metrics."""
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
        """Versions of models are registered in the local store only: their weights are files beside it."""


class DatabaseStore(Target):
    """A database that MLflow's own SQLAlchemy store is opened on. Runs have the id and the folder there that the journal gives them."""

    patience_seconds = 10.0

    def __init__(self, uri: str) -> None:
        super().__init__()
        self.uri = uri
        self.name = without_secrets(uri)

    def _connect(self) -> "MlflowClient":
        return store.database_client(self.uri)

    def _find(self, run_id: str, sent_as: str | None) -> "Run | None":
        return find_by_id(self.client, run_id)

    def _create(self, start: dict[str, Any], folder: str) -> str:
        tags = {"mlflow.runName": start["name"], RUN_ID: start["run_id"], "assay.identity": start["identity"], **start["tags"]}
        number = experiment_id(self.client, start["experiment"])
        store.create_run(self.client, number, start["run_id"], folder, start["name"], milliseconds(start), tags)
        return str(start["run_id"])


class LocalStore(DatabaseStore):
    """mlruns/mlflow.db."""

    name = store.LOCAL_STORE
    patience_seconds = 60.0

    def __init__(self) -> None:
        Target.__init__(self)

    def _connect(self) -> "MlflowClient":
        return store.open_store()

    def _model(self, entry: dict[str, Any]) -> None:
        """Register the trained weights as a version of the model `<corpus>-<model>`, by path: nothing is copied."""
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
    """A tracking server. It gives the run an id of its own, and knows ours by the tag RUN_ID, in whatever experiment the run is by now."""

    patience_seconds = 10.0

    def __init__(self, uri: str) -> None:
        super().__init__()
        self.uri = uri
        self.name = without_secrets(uri)

    def _connect(self) -> "MlflowClient":
        return store.remote_client(self.uri)

    def _find(self, run_id: str, sent_as: str | None) -> "Run | None":
        from mlflow.entities import ViewType

        if sent_as is not None:
            return find_by_id(self.client, sent_as)
        numbers = [number for number, _ in experiments_of(self.client)]
        runs = self.client.search_runs(numbers, f"tags.`{RUN_ID}` = '{run_id}'", ViewType.ALL, order_by=["attributes.start_time"])
        return min(runs, key=lambda run: run.info.lifecycle_stage == "deleted", default=None)

    def _create(self, start: dict[str, Any], folder: str) -> str:
        number = self._experiment(start["experiment"])
        tags = {RUN_ID: start["run_id"], "assay.identity": start["identity"], **start["tags"]}
        made = self.client.create_run(number, start_time=milliseconds(start), run_name=start["name"], tags=tags)
        return str(made.info.run_id)

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
        if found.lifecycle_stage == "deleted":
            raise DeletedExperimentError(name, str(found.experiment_id))
        return str(found.experiment_id)


def target_of(uri: str) -> Target:
    """The store that an address in MLFLOW_TRACKING_URI names."""
    return RemoteServer(uri) if uri.startswith(("http://", "https://")) else DatabaseStore(uri)


def find_by_id(client: "MlflowClient", mlflow_id: str) -> "Run | None":
    from mlflow.exceptions import MlflowException  # after the client, which tells MLflow what to print before it is imported

    try:
        return client.get_run(mlflow_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None


def experiments_of(client: "MlflowClient") -> list[tuple[str, int]]:
    """Id and creation time of every experiment of a store, deleted ones included."""
    from mlflow.entities import ViewType

    found, token = [], None
    while True:
        page = client.search_experiments(ViewType.ALL, max_results=1000, page_token=token)
        found += [(str(one.experiment_id), int(one.creation_time or 0)) for one in page]
        token = page.token
        if not token:
            return found


def milliseconds(entry: dict[str, Any]) -> int:
    seconds: float = entry["time"]
    return round(seconds * 1000)
