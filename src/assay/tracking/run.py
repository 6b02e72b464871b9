"""The record of one run: its folder, its journal, and its copy in MLflow's own terms."""

import shutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from assay.config.plain import to_yaml
from assay.config.schema import TrainConfig
from assay.data.prepare import Prepared
from assay.files import fsync_file, readable_json, write_atomic
from assay.tracking import provenance
from assay.tracking.identity import Identity
from assay.tracking.journal import Journal, finite
from assay.tracking.lookup import RESULT
from assay.tracking.projection import Projection
from assay.tracking.signals import StopSignals
from assay.tracking.store import experiment_id, first_line, open_store, run_folder, usable
from assay.tracking.system import SystemMonitor

if TYPE_CHECKING:
    from mlflow.entities import Param

PARAMETER_CHARACTERS = 6000  # MLflow's limit of a value; the whole config is in config.yaml
PARAMETERS_A_CALL = 100  # MLflow's limit


class Run:
    """Opened with `with`: whatever ends the block, signals included, sets the run's status, in the journal first."""

    def __init__(self, config: TrainConfig, identity: Identity, prepared: Prepared) -> None:
        self.config = config
        self.identity = identity
        self.prepared = prepared
        self.name = config.tracking.run_name or f"{config.model.name}_{config.data.name}"
        self.result: dict[str, Any] | None = None

    def __enter__(self) -> Self:
        """What is opened here is closed in reverse; if one step fails, those before it are closed, as failed."""
        with ExitStack() as stack:
            signals = stack.enter_context(StopSignals())
            git = provenance.git_facts()
            self._create(git.get("commit"))
            stack.push(self._set_status)
            self.journal = Journal(self.folder / "journal.jsonl")
            stack.callback(self.journal.close)
            self.journal.write("status", status="running", run_id=self.run_id, name=self.name, identity=self.identity.sha256)
            self._projection = Projection(self._client, self.run_id)
            stack.callback(self._projection.close)
            stack.push(self._write_status)
            monitor = SystemMonitor(self.log, self.config.tracking.system_metrics_seconds)
            stack.callback(monitor.close)
            stack.callback(signals.hold)
            self._write_provenance(git)
            self._projection.attempt(self._log_inputs)
            self._opened = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._opened.__exit__(kind, error, trace)

    def _create(self, commit: str | None) -> None:
        """A new run in MLflow, and its folder."""
        self._client = open_store()
        self.experiment_id = experiment_id(self._client, self.config.tracking.experiment or str(self.config.data.name))
        tags = {"assay.identity": self.identity.sha256, "mlflow.source.name": "src/train.py", "mlflow.source.type": "LOCAL"}
        if commit:
            tags["mlflow.source.git.commit"] = commit
        with usable():
            info = self._client.create_run(self.experiment_id, run_name=self.name, tags=tags).info
        self.run_id: str = info.run_id
        self.folder: Path = run_folder(info.artifact_uri)
        for part in ("checkpoints", "samples"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)

    def _write_provenance(self, git: Mapping[str, str]) -> None:
        """What `replay` and a person need: the config, the code as it was, the machine, and the data's versions."""
        (self.folder / "config.yaml").write_text(to_yaml(self.config), encoding="utf-8")
        # With its tokenizer beside it, a run can be used after data/ is gone.
        shutil.copyfile(self.prepared.tokenizer_folder / "tokenizer.json", self.folder / "tokenizer.json")
        (self.folder / "source.tar.gz").write_bytes(provenance.source_archive())
        (self.folder / "packages.txt").write_text(provenance.installed_packages(), encoding="utf-8")
        if git.get("diff"):
            (self.folder / "uncommitted.diff").write_text(git["diff"], encoding="utf-8")
        facts = {
            "machine": provenance.machine_facts(),
            "git_commit": git.get("commit"),
            "dvc": provenance.dvc_hashes(),
            "data": self.prepared.versions(),
            "identity": self.identity.sha256,
            "identity_parts": self.identity.parts,
            "seed": self.config.seed,
        }
        (self.folder / "provenance.json").write_bytes(readable_json(facts))

    def _log_inputs(self) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        versions = self.prepared.versions()
        dataset = Dataset(
            name=str(self.config.data.name),
            digest=versions["tokens"][:32],  # MLflow takes 36 characters
            source_type="local",
            source=readable_json({"folder": self.prepared.tokens_folder.name, **versions}).decode(),
            profile=readable_json(self.prepared.split_sizes()).decode(),
        )
        self._client.log_inputs(self.run_id, datasets=[DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
        parameters = self._parameters()
        for start in range(0, len(parameters), PARAMETERS_A_CALL):
            self._client.log_batch(self.run_id, params=parameters[start : start + PARAMETERS_A_CALL])

    def _parameters(self) -> list["Param"]:
        from mlflow.entities import Param

        flat: dict[str, str] = {}
        for key, value in asdict(self.config).items():
            for name, item in value.items() if isinstance(value, dict) else [("", value)]:
                text = str(item)
                cut = text if len(text) <= PARAMETER_CHARACTERS else text[: PARAMETER_CHARACTERS - 20] + " ... (cut)"
                flat[f"{key}.{name}" if name else key] = cut
        return [Param(name, text) for name, text in flat.items()]

    def log(self, step: int, metrics: Mapping[str, float], kind: str = "metrics") -> None:
        """Metrics of a step: into the journal now, into MLflow soon. What is not finite is flagged by name, never stored as a number."""
        numbers = finite(metrics)
        flags = sorted(set(metrics) - set(numbers))
        self.journal.write(kind, step=step, metrics=numbers, **({"not_finite": flags} if flags else {}))
        self._projection.put(step, numbers)

    def sync(self) -> None:
        """Make the journal durable. Before a checkpoint is put in place, so that no checkpoint is ahead of it."""
        fsync_file(self.journal.path)

    def add_sample(self, step: int, text: str) -> None:
        (self.folder / "samples" / f"step_{step:09d}.txt").write_text(text, encoding="utf-8")

    def finish(self, outcome: Mapping[str, Any]) -> dict[str, Any]:
        """Write result.json, which makes the run a finished one, and register the model."""
        result = {
            "run_id": self.run_id,
            "experiment_id": self.experiment_id,
            "name": self.name,
            "status": "finished",
            **outcome,
            "identity": self.identity.sha256,
            "identity_parts": self.identity.parts,
        }
        self.sync()
        write_atomic(self.folder / RESULT, readable_json(result))
        self.result = result
        self._projection.attempt(lambda: self._register(outcome))
        return result

    def _register(self, outcome: Mapping[str, Any]) -> None:
        """The trained weights as a version of the registered model `<corpus>-<model>`, by path: nothing is copied."""
        from mlflow.exceptions import MlflowException

        name = f"{self.config.data.name}-{self.config.model.name}"
        try:
            if not self._client.search_registered_models(filter_string=f"name = '{name}'"):
                self._client.create_registered_model(name)
        except MlflowException:
            pass  # another run registered the name in between
        source = f"{self.folder.relative_to(self.folder.parents[3]).as_posix()}/checkpoints/{outcome['checkpoint']}"
        self._client.create_model_version(
            name, source, self.run_id, tags={"weights_sha256": outcome["weights_sha256"]}, await_creation_for=0
        )

    def _status(self, kind: type[BaseException] | None) -> str:
        if self.result is not None:
            return "finished"
        return "killed" if kind is not None and issubclass(kind, KeyboardInterrupt | SystemExit) else "failed"

    def _write_status(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        status = self._status(kind)
        self.journal.write("status", status=status, **({"reason": f"{type(error).__name__}: {error}"} if error else {}))
        if status == "killed":
            print(
                f"stopped: run {self.run_id} is recorded as killed; its folder: mlruns/{self.experiment_id}/{self.run_id}", file=sys.stderr
            )

    def _set_status(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """MLflow's own FINISHED, FAILED or KILLED."""
        try:
            self._client.set_terminated(self.run_id, self._status(kind).upper())
        except Exception as problem:  # the journal has the status; an error here would hide the one that ended the run
            print(f"warning: mlruns/mlflow.db does not take the run's status ({first_line(problem)})", file=sys.stderr)
