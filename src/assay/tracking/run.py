"""The record of one run: its folder, its journal, and its copy in MLflow's own terms."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from assay.config.schema import TrainConfig
from assay.data.prepare import Prepared
from assay.files import readable_json, write_atomic
from assay.tracking import provenance
from assay.tracking.identity import Identity
from assay.tracking.journal import Journal, finite
from assay.tracking.lookup import RESULT
from assay.tracking.projection import Projection
from assay.tracking.store import experiment_id, open_store, run_folder
from assay.tracking.system import SystemMonitor

if TYPE_CHECKING:
    from mlflow.entities import Param

PARAMETER_CHARACTERS = 6000  # MLflow's limit of a value; the whole config is in config.yaml
FINISHED, FAILED, KILLED = "FINISHED", "FAILED", "KILLED"


class Run:
    """Opened with `with`: whatever ends the block sets the run's status, in the journal first."""

    def __init__(self, config: TrainConfig, identity: Identity, prepared: Prepared) -> None:
        self.config = config
        self.identity = identity
        self.name = config.tracking.run_name or f"{config.model.name}_{config.data.name}"
        self.result: dict[str, Any] | None = None
        self._client = open_store()
        self.experiment_id = experiment_id(self._client, config.tracking.experiment or str(config.data.name))
        info = self._client.create_run(self.experiment_id, run_name=self.name, tags=self._tags()).info
        self.run_id: str = info.run_id
        self.folder: Path = run_folder(info.artifact_uri)
        for part in ("checkpoints", "samples"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self._write_provenance(prepared)
        self.journal = Journal(self.folder / "journal.jsonl")
        self.journal.write("status", status="running", run_id=self.run_id, name=self.name, identity=identity.sha256)
        self._log_inputs(prepared)
        self._projection = Projection(self._client, self.run_id)
        self._monitor = SystemMonitor(self.log, config.tracking.system_metrics_seconds)

    def _tags(self) -> dict[str, str]:
        commit = provenance.git_facts().get("commit", "")
        tags = {"assay.identity": self.identity.sha256, "mlflow.source.name": "src/train.py", "mlflow.source.type": "LOCAL"}
        return {**tags, "mlflow.source.git.commit": commit} if commit else tags

    def _write_provenance(self, prepared: Prepared) -> None:
        """What `replay` and a person need: the config, the code as it was, the machine, and the data's versions."""
        plain = asdict(self.config)
        (self.folder / "config.yaml").write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))
        # With its tokenizer beside it, a run can be used after data/ is gone.
        shutil.copyfile(prepared.tokenizer_folder / "tokenizer.json", self.folder / "tokenizer.json")
        (self.folder / "source.tar.gz").write_bytes(provenance.source_archive())
        (self.folder / "packages.txt").write_text(provenance.installed_packages())
        git = provenance.git_facts()
        if git.get("diff"):
            (self.folder / "uncommitted.diff").write_text(git["diff"])
        facts = {
            "machine": provenance.machine_facts(),
            "git_commit": git.get("commit"),
            "dvc": provenance.dvc_hashes(),
            "data": prepared.versions(),
            "identity": self.identity.sha256,
            "identity_parts": self.identity.parts,
            "seed": self.config.seed,
        }
        (self.folder / "provenance.json").write_bytes(readable_json(facts))

    def _log_inputs(self, prepared: Prepared) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        versions = prepared.versions()
        dataset = Dataset(
            name=str(self.config.data.name),
            digest=versions["tokens"][:32],  # MLflow takes 36 characters
            source_type="local",
            source=readable_json({"folder": prepared.tokens_folder.name, **versions}).decode(),
            profile=readable_json(prepared.split_sizes()).decode(),
        )
        self._client.log_inputs(self.run_id, datasets=[DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
        parameters = self._parameters()
        for start in range(0, len(parameters), 100):
            self._client.log_batch(self.run_id, params=parameters[start : start + 100])

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

    def add_sample(self, step: int, text: str) -> None:
        (self.folder / "samples" / f"step_{step:09d}.txt").write_text(text, encoding="utf-8")

    def finish(self, outcome: Mapping[str, Any]) -> dict[str, Any]:
        """Write result.json, register the model, close the record."""
        result = {
            "run_id": self.run_id,
            "experiment_id": self.experiment_id,
            "name": self.name,
            "status": "finished",
            **outcome,
            "identity": self.identity.sha256,
            "identity_parts": self.identity.parts,
        }
        write_atomic(self.folder / RESULT, readable_json(result))
        self.result = result
        self._register(outcome)
        self._close(FINISHED)
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
        self._client.create_model_version(name, source, self.run_id, tags={"weights_sha256": outcome["weights_sha256"]}, await_creation_for=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self.result is None:
            killed = kind is not None and not issubclass(kind, Exception)
            self._close(KILLED if killed else FAILED, reason=str(error) if error else "")

    def _close(self, status: str, **facts: str) -> None:
        self._monitor.close()
        self.journal.write("status", status=status.lower(), **facts)
        self.journal.close()
        self._projection.close()
        self._client.set_terminated(self.run_id, status)
