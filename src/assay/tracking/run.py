"""The record of one run: its folder, its journal, and the copies of it in MLflow's own terms."""

import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assay.config.plain import to_yaml
from assay.config.schema import TrainConfig
from assay.data.prepare import Prepared
from assay.errors import ConfigError, MachineError
from assay.files import fsync_file, readable_json, sweep_all_drafts, write_atomic
from assay.model.kept import RESULT
from assay.tracking import provenance
from assay.tracking.export import refuse_place
from assay.tracking.identity import Identity
from assay.tracking.journal import Journal, finite, read_journal
from assay.tracking.lookup import RunEntry, find_run, query
from assay.tracking.opening import JOURNAL, Hold, hold_of, open_run
from assay.tracking.projection import Projection
from assay.tracking.resume import going_on
from assay.tracking.signals import StopSignals
from assay.tracking.store import MLRUNS, client_class, remote_uri
from assay.tracking.system import SystemMonitor
from assay.tracking.target import LocalStore, Target, target_of

PARAMETER_CHARACTERS = 6000  # MLflow's limit of a value; the whole config is in config.yaml
SETTLE_SECONDS = 3.0
CLOSE_SECONDS = {"finished": 60.0, "failed": 30.0, "killed": 2.5}
"""Seconds that a store may take for the rest of the journal, by status; a stopped run has ten seconds for everything."""
PROVENANCE = "provenance.json"


class Run:
    """Opened with `with`: whatever ends the block, signals included, sets the run's status, in the journal first.

    A run of this identity that was begun and not finished is gone on with, under its own id and in its own folder.
    """

    def __init__(self, config: TrainConfig, identity: Identity, prepared: Prepared, copied: bool = True) -> None:
        """`copied` false: into the journal alone, as for a run that is thrown away."""
        self._into_mlflow = copied
        self.config = config
        self.identity = identity
        self.prepared = prepared
        self.experiment = config.tracking.experiment or str(config.data.name)
        self.result: dict[str, Any] | None = None
        self.checkpoint: Path | None = None  # named by resume=RUN/step_N
        self._changes: dict[str, Any] = {}
        self._differs = False
        self._recorded: dict[tuple[int, str], float] = {}

    def __enter__(self) -> Self:
        """Open everything; it is closed in reverse. If one step fails, those before it are closed, as failed."""
        remote = remote_uri()
        self._refuse_unusable_experiment()
        if self.config.export:
            going_on_with = (
                None if self.config.resume == "auto" else find_run(self.config.resume.partition("/")[0], finished_first=False).run_id
            )
            refuse_place(self.config.export, going_on_with, self.identity.sha256)
        with ExitStack() as stack:
            self.stop = stack.enter_context(StopSignals())
            git = provenance.git_facts()
            entry, self._hold = self._open(git.get("commit"))
            self.run_id, self.name, self.folder, self.experiment = entry.run_id, entry.name, entry.folder, entry.experiment
            self._copied = False
            stack.callback(lambda: self._hold.release(self._copied))
            self.journal = Journal(self.folder / JOURNAL)
            stack.callback(self.journal.close)
            if self._changes:
                self.journal.write("changed", changes=self._changes)
                print(f"warning: going on with other than it was begun with: {', '.join(self._changes)}", file=sys.stderr)
            self.journal.write("status", status="running", process=os.getpid(), host=os.uname().nodename, commit=git.get("commit"))
            stack.push(self._write_status)
            self._write_provenance(git)
            self._projections = [Projection(self.journal.path, target) for target in self._targets(remote)]
            for projection in self._projections:
                projection.settle(SETTLE_SECONDS)
            readings = sum(entry["kind"] == "system" for entry in read_journal(self.journal.path))
            monitor = SystemMonitor(self.log_system, self.config.tracking.system_metrics_seconds, readings)
            stack.callback(monitor.close)
            stack.callback(self.stop.hold)
            self._opened = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._opened.__exit__(kind, error, trace)

    def _targets(self, remote: str | None) -> list[Target]:
        if not self._into_mlflow:
            return []
        client_class()  # imports MLflow here, so that no two threads import parts of it at once
        return [LocalStore(), *([target_of(remote)] if remote else [])]

    def _refuse_unusable_experiment(self) -> None:
        hint = "\n  Type: tracking.experiment=ANOTHER_NAME"
        if (MLRUNS / self.experiment).is_file():
            raise ConfigError(f"{self.experiment!r} is a file in mlruns/, so it can't be an experiment's folder.{hint}")
        if ("deleted",) in query("SELECT lifecycle_stage FROM experiments WHERE name = ?", self.experiment):
            raise ConfigError(f"the experiment {self.experiment!r} was deleted in the dashboard.{hint}")

    def _open(self, commit: str | None) -> tuple[RunEntry, Hold]:
        if self.config.resume != "auto":
            entry, self.checkpoint, self.identity, self._changes = going_on(self.config, self.identity)
            return entry, hold_of(entry.run_id)
        tags = {"mlflow.source.name": "src/train.py", "mlflow.source.type": "LOCAL"}
        if commit:
            tags["mlflow.source.git.commit"] = commit
        name = self.config.tracking.run_name or f"{self.config.model.name}_{self.config.data.name}"
        return open_run(self.identity, self.config.rerun, self.experiment, {"name": name, "tags": tags})

    def _write_provenance(self, git: Mapping[str, str]) -> None:
        """Write what `replay` and a person need: the config, the code as it was, the machine, and the data's versions. Once: a run that goes
        on is the run that was begun. The last file written says that all are."""
        for part in ("", "checkpoints", "samples"):
            (self.folder / part).mkdir(exist_ok=True)
            sweep_all_drafts(self.folder / part)
        if (self.folder / PROVENANCE).exists():
            return
        write_atomic(self.folder / "config.yaml", to_yaml(self.config).encode())
        # With its tokenizer beside it, a run can be used after data/ is gone.
        shutil.copyfile(self.prepared.tokenizer_folder / "tokenizer.json", self.folder / "tokenizer.json")
        write_atomic(self.folder / "source.tar.gz", provenance.source_archive())
        write_atomic(self.folder / "packages.txt", provenance.installed_packages().encode())
        if git.get("diff"):
            write_atomic(self.folder / "uncommitted.diff", git["diff"].encode())
        facts = {
            "machine": provenance.machine_facts(),
            "git_commit": git.get("commit"),
            "dvc": provenance.dvc_hashes(),
            "data": self.prepared.versions(),
            "identity": self.identity.sha256,
            "identity_parts": self.identity.parts,
            "inputs": self.identity.inputs,
            "files": self.prepared.own_files,
            "seed": self.config.seed,
        }
        self.journal.write("parameters", parameters=self._parameters())
        self.journal.write("dataset", **self._dataset())
        write_atomic(self.folder / PROVENANCE, readable_json(facts))

    def _dataset(self) -> dict[str, str]:
        versions = self.prepared.versions()
        return {
            "name": str(self.config.data.name),
            "digest": versions["tokens"][:32],  # MLflow takes 36 characters
            "source": readable_json({"folder": self.prepared.tokens_folder.name, **versions}).decode(),
            "profile": readable_json(self.prepared.split_sizes()).decode(),
        }

    def _parameters(self) -> dict[str, str]:
        flat: dict[str, str] = {}
        for key, value in asdict(self.config).items():
            for name, item in value.items() if isinstance(value, dict) else [("", value)]:
                text = str(item)
                cut = text if len(text) <= PARAMETER_CHARACTERS else text[: PARAMETER_CHARACTERS - 20] + " ... (cut)"
                flat[f"{key}.{name}" if name else key] = cut
        return flat

    def rewind(self, step: int) -> None:
        """Training goes on after `step`: what the journal has of later steps will be computed again, and must come out equal."""
        for entry in read_journal(self.journal.path):
            if entry["kind"] == "changed":  # what comes after is another course
                self._recorded.clear()
            elif entry["kind"] in ("metrics", "evaluation", "checkpoint") and (entry["step"] >= step or _of_test(entry)):
                self._recorded |= {(entry["step"], name): value for name, value in entry["metrics"].items()}

    def log(self, step: int, metrics: Mapping[str, float], kind: str = "metrics") -> None:
        """Metrics of a step: into the journal now, into MLflow soon. What is not finite is flagged by name, never stored as a number."""
        numbers = finite(metrics)
        flags = sorted(set(metrics) - set(numbers))
        again = {name: self._recorded.pop((step, name)) for name in numbers if (step, name) in self._recorded}
        self._compare(step, again, numbers)
        new = {name: value for name, value in numbers.items() if name not in again}
        if new or flags:
            self.journal.write(kind, step=step, metrics=new, **({"not_finite": flags} if flags else {}))

    def _compare(self, step: int, recorded: Mapping[str, float], computed: Mapping[str, float]) -> None:
        """Speeds differ at each turn; nothing else may."""
        moved = {name: [was, computed[name]] for name, was in recorded.items() if was != computed[name] and not name.startswith("speed/")}
        if not moved:
            return
        self.journal.write("difference", step=step, moved=moved)
        if not self._differs:
            self._differs = True
            said = ", ".join(f"{name} was {was!r}, is now {now!r}" for name, (was, now) in moved.items())
            print(f"warning: step {step} computed again differs from what was recorded: {said}. More of it in the journal", file=sys.stderr)

    def log_system(self, number: int, metrics: Mapping[str, float]) -> None:
        self.journal.write("system", step=number, metrics=finite(metrics))

    def note(self, kind: str, **facts: Any) -> None:
        """Something that happened, for people to read."""
        self.journal.write(kind, **facts)

    def sync(self) -> None:
        """Make the journal durable. Before a checkpoint is put in place, so that no checkpoint is ahead of it."""
        fsync_file(self.journal.path)

    def add_sample(self, step: int, text: str) -> None:
        write_atomic(self.folder / "samples" / f"step_{step:09d}.txt", text.encode())

    def finish(self, outcome: Mapping[str, Any]) -> dict[str, Any]:
        """Write result.json, which makes the run a finished one. The journal says so first: it is never behind."""
        result = {
            "run_id": self.run_id,
            "experiment": self.experiment,
            "name": self.name,
            "status": "finished",
            **outcome,
            "identity": self.identity.sha256,
            "identity_parts": self.identity.parts,
        }
        source = f"{self.folder.relative_to(self.folder.parents[3]).as_posix()}/checkpoints/{outcome['checkpoint']}"
        name = f"{self.config.data.name}-{self.config.model.name}"
        self.journal.write("status", status="finished")
        self.journal.write("model", name=name, source=source, weights_sha256=outcome["weights_sha256"])
        self.sync()
        write_atomic(self.folder / RESULT, readable_json(result))
        self.result = result
        return result

    def _write_status(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        status = "finished"
        if not (self.folder / RESULT).exists():
            status = "killed" if kind is not None and issubclass(kind, KeyboardInterrupt | SystemExit) else "failed"
            reason = {"reason": f"{type(error).__name__}: {error}"} if error else {}
            with suppress(MachineError):  # a full disk ended the run, and takes no status either; the next start finds that out
                self.journal.write("status", status=status, **reason)
        if status == "killed":
            where = self.folder.relative_to(self.folder.parents[3])
            print(
                f"stopped: run {self.run_id} is recorded as killed; the same command goes on with it. Its folder: {where}", file=sys.stderr
            )
        arrived = [projection.close(CLOSE_SECONDS[status]) for projection in getattr(self, "_projections", [])]
        self._copied = bool(arrived) and arrived[0]


def _of_test(entry: Mapping[str, Any]) -> bool:
    """Test scores stand at the step of the best weights, which may be behind a checkpoint; they are computed again when training has ended."""
    return any(name.startswith("test/") for name in entry["metrics"])
