"""Trains a tracked run again from its own source, config and data, and compares every step."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from assay.config.plain import read_config
from assay.config.schema import TrainConfig
from assay.errors import CheckFailed, ConfigError, DataError
from assay.files import ROOT, is_folder_name, read_manifest
from assay.model.huggingface.folder import folder_of, weights_sha256
from assay.model.kept import kept_checkpoint
from assay.tracking.difference import moved
from assay.tracking.journal import read_journal, read_journal_from
from assay.tracking.lookup import RunEntry, find_run
from assay.tracking.opening import JOURNAL
from assay.tracking.schema import ReplayConfig
from assay.tracking.store import MLRUNS

POLL_SECONDS = 0.1
SAID_EVERY_SECONDS = 10.0
EXPERIMENT = "replay"
Point = tuple[int, str]


def replay(wanted: str, config: ReplayConfig) -> None:
    """Prints `N of N steps bit-identical`. Raises CheckFailed with the first step that differs, and what moved since the run."""
    name, _, which = wanted.partition("/")
    entry = find_run(name)
    facts = _facts(entry)
    recorded, last_step = _recorded(entry)
    if which:  # the steps that made that checkpoint
        last_step = min(last_step, int(kept_checkpoint(entry.folder, which).name.removeprefix("step_")))
    steps = min(config.steps or last_step, last_step)
    with _rebuilt(entry) as folder:
        _write_config(entry, facts, config.changes, folder)
        print(f"replaying {steps} of {last_step} steps of run {entry.run_id} ({entry.name})", flush=True)
        log = folder / "replay.log"
        with log.open("wb") as said:
            child = subprocess.Popen(_command(), cwd=folder, env=_environment(folder), stdout=said, stderr=said)
            try:
                _compare(folder, child, facts, recorded, steps, whole=steps == last_step and not which, log=log)
            finally:
                child.send_signal(signal.SIGTERM)
                child.wait()


def _command() -> list[str]:
    return [sys.executable, "-m", "assay.trainer.again", "replay.yaml"]


def _environment(folder: Path) -> dict[str, str]:
    without = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    return {**without, "PYTHONPATH": str(folder / "src")}


def _facts(entry: RunEntry) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((entry.folder / "provenance.json").read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"run {entry.run_id} can't be replayed: {entry.folder / 'provenance.json'} can't be read ({error}).") from None
    if facts["inputs"]["plan"]["total_steps"] is None:
        raise CheckFailed(f"run {entry.run_id} ended by the clock (trainer.max_minutes), which no replay can follow step by step.")
    return facts


def _recorded(entry: RunEntry) -> tuple[dict[Point, float], int]:
    """Return the metrics of each step in the run's journal, without speeds, and its last step."""
    found: dict[Point, float] = {}
    last_step = 0
    for line in read_journal(entry.folder / JOURNAL):
        if line["kind"] == "changed":
            raise CheckFailed(f"run {entry.run_id} was gone on with under other settings ({', '.join(line['changes'])}): it is no one run.")
        found |= _points(line)
        last_step = max(last_step, line["step"] if line["kind"] == "metrics" else 0)
    if last_step == 0:
        raise DataError(f"run {entry.run_id} has no step to replay.")
    return found, last_step


def _points(line: dict[str, Any]) -> dict[Point, float]:
    if line["kind"] not in ("metrics", "evaluation"):
        return {}
    return {(line["step"], name): value for name, value in line["metrics"].items() if not name.startswith("speed/")}


@contextmanager
def _rebuilt(entry: RunEntry) -> Iterator[Path]:
    """A project folder with the run's own source, on this project's data; gone afterwards."""
    folder = MLRUNS / ".replay" / entry.run_id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with tarfile.open(entry.folder / "source.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        _restore_data()
        (folder / "data").symlink_to(ROOT / "data")
        yield folder
    except (tarfile.TarError, EOFError, FileNotFoundError) as error:
        raise DataError(f"the source of run {entry.run_id} can't be rebuilt: {error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _restore_data() -> None:
    """From DVC's cache, where there is one and the files are not here; what it lacks is made again."""
    if not (ROOT / "data/raw").exists() and (ROOT / ".dvc/cache").is_dir():
        subprocess.run([sys.executable, "-m", "dvc", "checkout", "--quiet"], cwd=ROOT, capture_output=True, check=False)
    (ROOT / "data").mkdir(exist_ok=True)


def _write_config(entry: RunEntry, facts: dict[str, Any], changes: list[str], folder: Path) -> None:
    """The run's config with what `auto` came to then, and the changes asked for."""
    values = yaml.safe_load((entry.folder / "config.yaml").read_text(encoding="utf-8"))
    plan = facts["inputs"]["plan"]
    values["trainer"] |= {name: plan[name] for name in ("threads", "precision", "accelerator")}
    values["tracking"] |= {"experiment": EXPERIMENT}
    for change in changes:
        key, colon, text = change.partition(":")
        group, _, name = key.partition(".")
        place, last = (values.get(group), name) if name else (values, group)
        if not colon or not isinstance(place, dict) or last not in place:
            raise ConfigError(f"changes: {change!r} is no setting of the run; expected for instance changes=[trainer.threads:1]")
        place[last] = yaml.safe_load(text)
    config = read_config_of(values, folder / "replay.yaml")
    for source in config.data.sources:
        _link_own_folder(source.folder, folder)
    for named in (config.tokenizer, config.model):
        _link_own_folder(getattr(named, "path", None), folder)
    if config.init is not None and is_folder_name(config.init):
        _refuse_other_weights(config.init, facts["inputs"]["init"])
        _link_own_folder(config.init, folder)
    elif config.init is not None:
        _link_initial_weights(config.init, facts["inputs"]["init"], values, folder)


def read_config_of(values: dict[str, Any], path: Path) -> TrainConfig:
    path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    return read_config(path, TrainConfig)


def _link_own_folder(source: str | None, folder: Path) -> None:
    if source is None or Path(source).expanduser().is_absolute():
        return
    place = folder / source
    if (ROOT / source).exists() and not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(ROOT / source)


def _refuse_other_weights(init: str, sha256: str) -> None:
    if weights_sha256(folder_of(init)) != sha256:
        raise DataError(f"the weights that the run began with (sha256 {sha256[:12]}...) are not those in {init} now.")


def _link_initial_weights(init: str, sha256: str, values: dict[str, Any], folder: Path) -> None:
    """The run may have gone on since: the checkpoint is known by its hash."""
    entry = find_run(init.partition("/")[0])
    for checkpoint in sorted((entry.folder / "checkpoints").glob("step_*")):
        if read_manifest(checkpoint)["files"]["weights.safetensors"]["sha256"] == sha256:
            place = folder / "mlruns" / entry.experiment
            place.mkdir(parents=True, exist_ok=True)
            (place / entry.run_id).symlink_to(entry.folder.parent)
            read_config_of({**values, "init": f"{entry.run_id}/{checkpoint.name}"}, folder / "replay.yaml")
            return
    raise DataError(f"the weights that the run began with (sha256 {sha256[:12]}...) are in no checkpoint of run {entry.run_id} any more.")


def _compare(
    folder: Path, child: "subprocess.Popen[bytes]", facts: dict[str, Any], recorded: dict[Point, float], steps: int, whole: bool, log: Path
) -> None:
    """Follow the child's journal until it has made `steps` steps, or differs."""
    position, same, said = 0, 0, time.monotonic()
    lines: list[str] | None = None
    while True:
        ended = child.poll() is not None  # asked before reading: what it wrote last is then read too
        journal = next(folder.glob(f"mlruns/{EXPERIMENT}/*/artifacts/{JOURNAL}"), None)
        for line, end in list(read_journal_from(journal, position)) if journal else ():
            position = end
            if lines is None and line["kind"] == "metrics":
                lines = _moved(facts, journal.parent if journal else folder)
            for point, value in _points(line).items():
                if point[0] <= steps and recorded.get(point) != value:
                    raise CheckFailed(_differs(point, recorded.get(point), value, same, steps, lines or []))
            if line["kind"] == "metrics" and line["step"] <= steps:
                same = line["step"]
        if time.monotonic() - said > SAID_EVERY_SECONDS:
            said = time.monotonic()
            print(f"{same} of {steps} steps bit-identical so far", flush=True)
        if ended or (same == steps and not whole):
            break
        time.sleep(POLL_SECONDS)
    if same < steps:
        words = log.read_text(errors="replace").strip().splitlines()[-8:]
        raise CheckFailed(f"the replay ended with exit code {child.returncode} after {same} of {steps} steps:\n  " + "\n  ".join(words))
    print(f"{steps} of {steps} steps bit-identical")
    if lines:
        print("moved since the run, without effect on these steps:\n  " + "\n  ".join(lines))


def _moved(facts: dict[str, Any], again: Path) -> list[str]:
    now = json.loads((again / "provenance.json").read_bytes())
    return moved(
        {**facts["inputs"], "data": facts["data"], "file": facts["files"]}, {**now["inputs"], "data": now["data"], "file": now["files"]}
    )


def _differs(point: Point, was: float | None, now: float, same: int, steps: int, lines: list[str]) -> str:
    step, name = point
    why = (
        "moved since the run:\n  " + "\n  ".join(lines)
        if lines
        else "Nothing that is recorded has moved: the machine computes differently."
    )
    return f"step {step} differs: {name} was {was!r}, is now {now!r}. The {same} steps before it, of {steps}, are bit-identical.\n  {why}"
