"""The record of a run, whatever ends it."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.config.plain import read_config
from assay.config.schema import TrainConfig
from assay.data.prepare import Prepared
from assay.errors import ConfigError, NumericError
from assay.files import sha256_file, write_atomic
from assay.tracking import run as module
from assay.tracking.catch_up import catch_up
from assay.tracking.journal import last_status, read_journal
from assay.tracking.opening import open_runs
from assay.tracking.projection import Projection
from assay.tracking.run import Run
from assay.tracking.store import experiment_id, open_store

PROMISED = {
    *("run_id", "experiment", "name", "status", "steps", "tokens", "seconds", "training_seconds", "parameters", "metrics", "evaluated"),
    *(
        "skipped_steps",
        "best_step",
        "best_loss",
        "stopped_early",
        "checkpoint",
        "weights_sha256",
        "losses_sha256",
        "precision",
        "threads",
        "identity",
        "identity_parts",
    ),
}
READ_BY_MLFLOW = """
import json, sys
from mlflow.tracking import MlflowClient
client = MlflowClient("sqlite:///mlruns/mlflow.db")
found = {}
for run in client.search_runs(["1"]):
    history = client.get_metric_history(run.info.run_id, "train/loss")
    found[run.info.run_name] = {
        "status": run.info.status,
        "losses": [[metric.step, metric.value] for metric in history],
        "metrics": run.data.metrics,
        "params": run.data.params,
        "tags": run.data.tags,
        "datasets": [[one.dataset.name, one.dataset.digest, one.tags[0].value] for one in run.inputs.dataset_inputs],
        "artifacts": sorted(file.path for file in client.list_artifacts(run.info.run_id)),
        "config": open(client.download_artifacts(run.info.run_id, "config.yaml"), encoding="utf-8").read(),
    }
models = [[version.name, version.source] for version in client.search_model_versions()]
print(json.dumps({"runs": found, "models": models}))
"""


def statuses(run: Run) -> tuple[str, str]:
    """In the journal, and in MLflow."""
    entries = [json.loads(line) for line in (run.folder / "journal.jsonl").read_text().splitlines()]
    journal = [entry["status"] for entry in entries if entry["kind"] == "status"]
    with closing(sqlite3.connect(run.folder.parents[2] / "mlflow.db")) as database:
        [(stored,)] = database.execute("SELECT status FROM runs WHERE run_uuid = ?", (run.run_id,)).fetchall()
    return journal[-1], stored


# --- what a finished run leaves ---


def test_result_json_holds_what_is_promised_and_there_is_one(trained: Any) -> None:
    result = trained.result
    assert set(result) == PROMISED
    assert (result["status"], result["steps"], result["tokens"]) == ("finished", 6, 6 * 128)
    assert result["run_id"] == trained.folder.parent.name
    assert list(trained.project.rglob("result.json")) == [trained.folder / "result.json"]
    assert set(result["identity_parts"]) == {"config", "plan", "tokens", "tokenizer", "code", "environment"}
    metrics = {f"{split}/{name}" for split in ("val", "test") for name in ("loss", "perplexity", "bits_per_byte", "accuracy")}
    assert set(result["metrics"]) == {*metrics, "speed/tokens_per_second"}


def test_the_folder_explains_itself(trained: Any) -> None:
    files = {path.name for path in trained.folder.iterdir()}
    wanted = {"config.yaml", "journal.jsonl", "checkpoints", "samples", "result.json", "tokenizer.json", "source.tar.gz", "packages.txt"}
    assert files == {*wanted, "provenance.json"}
    config = read_config(trained.folder / "config.yaml", TrainConfig)
    assert (config.model.name, config.trainer.max_steps, config.data.name) == ("gpt_nano", 6, "tiny")
    facts = json.loads((trained.folder / "provenance.json").read_bytes())
    assert facts["identity"] == trained.result["identity"]
    assert set(facts["data"]) == {"raw", "clean", "tokenizer", "tokens"}
    assert [entry["status"] for entry in trained.journal if entry["kind"] == "status"] == ["running", "finished"]


def test_no_file_of_a_run_holds_a_place_of_this_machine(trained: Any) -> None:
    text = [path for path in trained.folder.rglob("*") if path.is_file() and path.suffix in (".json", ".yaml", ".jsonl", ".txt")]
    assert not [path.name for path in text if str(trained.project).encode() in path.read_bytes()]


def test_mlflows_own_client_reads_the_store_after_the_project_was_renamed(several: dict[str, Any]) -> None:
    project = several["same"].project
    done = subprocess.run([sys.executable, "-c", READ_BY_MLFLOW], cwd=project, capture_output=True, check=True, timeout=120)
    read = json.loads(done.stdout)
    assert {name: run["status"] for name, run in read["runs"].items()} == {
        name: "FAILED" if name.startswith("diverging") else "FINISHED" for name in several
    }
    mine, run = several["same"], read["runs"]["same"]
    assert run["losses"] == [[step, loss] for step, loss in enumerate(mine.values("train/loss"), start=1)]
    assert {name: run["metrics"][name] for name in mine.result["metrics"] if not name.startswith("speed")} == {
        name: value for name, value in mine.result["metrics"].items() if not name.startswith("speed")
    }
    assert (run["params"]["model.d_model"], run["params"]["seed"], run["params"]["trainer.tokens_per_step"]) == ("32", "1", "128")
    assert run["tags"]["assay.identity"] == mine.result["identity"]
    tokens = json.loads((mine.folder / "provenance.json").read_bytes())["data"]["tokens"]
    assert run["datasets"] == [["tiny", tokens[:32], "training"]]
    assert run["artifacts"] == sorted(path.name for path in mine.folder.iterdir())
    assert run["config"] == (mine.folder / "config.yaml").read_text(encoding="utf-8")
    relative = f"{mine.folder.relative_to(project)}/checkpoints/step_000000006"
    assert ["tiny-gpt_nano", relative] in read["models"]


def test_the_same_command_returns_the_stored_result_without_torch_or_mlflow(trained: Any, run: Callable[..., Any]) -> None:
    code = (
        "import runpy, sys; sys.path.insert(0, 'src'); sys.argv[0] = 'src/train.py'\n"
        "try: runpy.run_path('src/train.py', run_name='__main__')\n"
        "finally: print(sorted({'torch', 'mlflow', 'pytorch_lightning'} & set(sys.modules)))"
    )
    again = run(trained.project, sys.executable, "-c", code, *trained.words)
    cpu_seconds = [again.cpu_seconds]  # 0.6 to 1.5 alone; beside other work on the same core half as much again
    while min(cpu_seconds) >= 2 and len(cpu_seconds) < 3:
        cpu_seconds.append(run(trained.project, sys.executable, "-c", code, *trained.words).cpu_seconds)
    lines = again.stdout.splitlines()
    assert again.returncode == 0, again.stderr
    assert lines[0].startswith("model gpt_nano, data tiny, ")
    assert lines[1].startswith("an identical run is finished: its stored result follows. To train again: rerun=true")
    assert lines[-2] == trained.finished.stdout.splitlines()[-1]
    assert lines[-1] == "[]"
    assert min(cpu_seconds) < 2
    assert len(list(trained.project.glob("mlruns/*/*/artifacts"))) == 1


# --- what a run leaves that does not finish ---


def test_a_failed_run_says_so_and_leaves_no_result(several: dict[str, Any]) -> None:
    failed = several["diverging"]
    assert failed.finished.returncode == 4
    assert failed.finished.stderr.startswith("error: step ")
    assert "Stopped before the update" in failed.finished.stderr
    assert "Traceback" not in failed.finished.stderr
    assert not list(failed.folder.rglob("result.json"))
    last = failed.journal[-1]
    assert last["status"] == "failed"
    assert last["reason"].startswith("NumericError: step ")


def stopped(trained: Any, number: signal.Signals) -> tuple[int, str, Path]:
    """The exit code, the standard error and the folder of a run that got the signal after its second step."""
    words = [word for word in trained.words if "max_steps" not in word]
    command = [sys.executable, "src/train.py", *words, "trainer.max_steps=100000", "trainer.evaluate_every_steps=100000", f"seed={number}"]
    with subprocess.Popen(command, cwd=trained.project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:  # unbuffered: else this waits for 100,000 steps
            if line.startswith("step 2 "):
                break
        child.send_signal(number)
        child.send_signal(number if number == signal.SIGTERM else signal.SIGCONT)  # `timeout` sends its signal twice
        _, error = child.communicate(timeout=120)
    run_id = error.partition("stopped: run ")[2].split()[0]
    return child.returncode, error, trained.project / "mlruns/tiny" / run_id / "artifacts"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow)])
def test_a_signal_leaves_a_killed_run_and_the_shells_exit_code(number: signal.Signals, code: int, trained: Any) -> None:
    returncode, error, folder = stopped(trained, number)
    assert returncode == code
    place = f"mlruns/tiny/{folder.parent.name}/artifacts"
    assert error == f"stopped: run {folder.parent.name} is recorded as killed; the same command goes on with it. Its folder: {place}\n"
    with closing(sqlite3.connect(trained.project / "mlruns/mlflow.db")) as database:
        assert database.execute("SELECT status FROM runs WHERE run_uuid = ?", (folder.parent.name,)).fetchall() == [("KILLED",)]
    entries = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert entries[-1]["status"] == "killed"
    assert not (folder / "result.json").exists()
    assert list((trained.project / "mlruns/.open").iterdir()) == []
    shutil.rmtree(folder.parent)  # others look for what is nearest in this project


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError("x"), "failed"), (NumericError("x"), "failed"), (SystemExit(143), "killed"), (KeyboardInterrupt(), "killed")],
)
def test_whatever_ends_the_block_sets_the_status(error: BaseException, status: str, opened: Run) -> None:
    with pytest.raises(type(error)), opened:
        raise error
    assert statuses(opened) == (status, status.upper())


def test_a_run_that_can_not_be_opened_has_failed(place: Path, opened: Run, prepared: Prepared) -> None:
    before = signal.getsignal(signal.SIGTERM)
    opened.prepared = replace(prepared, tokenizer_folder=place / "nowhere")
    with pytest.raises(FileNotFoundError), opened:
        pass
    assert opened.journal.path.read_text().count('"failed"') == 1
    assert signal.getsignal(signal.SIGTERM) == before
    assert open_runs() == [opened.run_id]  # MLflow has not heard of it
    catch_up()
    assert statuses(opened) == ("failed", "FAILED")


def finish(run: Run) -> dict[str, Any]:
    return run.finish({"checkpoint": "step_000000001", "weights_sha256": "0" * 64, "metrics": {}})


def test_a_run_that_ends_is_open_no_more(opened: Run) -> None:
    with opened as run:
        assert open_runs() == [run.run_id]
        finish(run)
    assert open_runs() == []
    assert statuses(run) == ("finished", "FINISHED")


def test_a_store_that_fails_at_the_end_does_not_take_the_result_along(opened: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with opened as run:
        with closing(sqlite3.connect(run.folder.parents[2] / "mlflow.db")) as database, database:
            database.execute("DROP TABLE metrics")
            database.execute("DROP TABLE registered_models")
        run.log(1, {"train/loss": 1.0})
        result = finish(run)
    assert json.loads((run.folder / "result.json").read_bytes()) == result
    assert statuses(run)[0] == "finished"
    assert capsys.readouterr().err.startswith("warning: mlruns/mlflow.db is behind (")
    assert open_runs() == [run.run_id]


def test_a_signal_after_the_result_leaves_a_finished_run(opened: Run) -> None:
    def body() -> None:
        with opened as run:
            finish(run)
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit):
        body()
    assert statuses(opened) == ("finished", "FINISHED")


def test_the_file_result_json_is_what_makes_a_run_finished(opened: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal may come before the next line of Python."""

    def interrupted(path: Path, data: bytes) -> None:
        write_atomic(path, data)
        if path.name == "result.json":
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(module, "write_atomic", interrupted)
    with pytest.raises(SystemExit), opened as run:
        finish(run)
    assert statuses(opened) == ("finished", "FINISHED")


def test_the_journal_is_durable_and_says_finished_before_result_json_is_there(opened: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def durable(path: Path) -> None:
        seen.append(last_status(path))
        assert not (path.parent / "result.json").exists()

    with opened as run:
        monkeypatch.setattr(module, "fsync_file", durable)
        finish(run)
    assert seen == ["finished"]


def test_a_signal_while_the_record_is_closed_does_not_cut_it_short(opened: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened as run:
        thread = run._projections[0]._thread
        join = thread.join
        monkeypatch.setattr(thread, "join", lambda seconds: signal.raise_signal(signal.SIGTERM) or join(seconds))  # type: ignore[func-returns-value]
        finish(run)
    assert statuses(run) == ("finished", "FINISHED")


def test_a_killed_run_waits_for_no_store_as_long_as_a_finished_one(opened: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schedulers kill ten seconds after they ask."""
    waited: list[float] = []
    close = Projection.close
    monkeypatch.setattr(Projection, "close", lambda projection, seconds: waited.append(seconds) or close(projection, 20))
    with pytest.raises(SystemExit), opened:
        raise SystemExit(143)
    assert waited == [2.5]
    assert module.CLOSE_SECONDS["killed"] < module.CLOSE_SECONDS["failed"] < module.CLOSE_SECONDS["finished"]


# --- what is written on the way ---


@pytest.mark.fault("K6", inject="NaN as a metric")
def test_what_is_no_number_is_flagged_by_name(opened: Run) -> None:
    with opened as run:
        run.log(3, {"train/loss": float("nan"), "train/learning_rate": 0.5})
        run.log(4, {"train/loss": float("inf")})
        finish(run)
    entry, other = [entry for entry in read_journal(run.journal.path) if entry["kind"] == "metrics"]
    assert (other["metrics"], other["not_finite"]) == ({}, ["train/loss"])
    assert (entry["metrics"], entry["not_finite"]) == ({"train/learning_rate": 0.5}, ["train/loss"])


@pytest.mark.fault("K8", inject="a parameter of 7,000 characters")
def test_a_long_setting_is_cut_where_mlflow_needs_it_and_marked(opened: Run) -> None:
    evaluation = replace(opened.config.evaluation, sample_prompts=["x" * 7000])
    opened.config = replace(opened.config, evaluation=evaluation)
    with opened as run:
        finish(run)
    with closing(sqlite3.connect(run.folder.parents[2] / "mlflow.db")) as database:
        [(stored,)] = database.execute("SELECT value FROM params WHERE key = 'evaluation.sample_prompts'").fetchall()
    assert stored.endswith("xxx ... (cut)")
    assert len(stored) <= 6000
    assert read_config(run.folder / "config.yaml", TrainConfig).evaluation.sample_prompts == ["x" * 7000]


def test_weights_in_the_result_are_those_of_the_last_checkpoint(trained: Any) -> None:
    assert trained.result["weights_sha256"] == sha256_file(trained.folder / "checkpoints/step_000000006/weights.safetensors")


# --- what is refused before anything is made ---


@pytest.mark.parametrize("name", ["mlflow.db", "README.md"])
def test_an_experiment_can_not_have_the_name_of_a_file(name: str, new_run: Callable[..., Run], place: Path) -> None:
    (place / "mlruns/README.md").touch()
    with (
        pytest.raises(ConfigError, match=rf"{name!r} is a file in mlruns/.*\n  Type: tracking\.experiment=ANOTHER_NAME"),
        new_run(f"tracking.experiment={name}"),
    ):
        pass
    assert not list(place.glob("mlruns/*/*/artifacts"))


def test_an_experiment_that_was_deleted_is_refused(opened: Run, place: Path) -> None:
    client = open_store()
    client.delete_experiment(experiment_id(client, "tiny"))
    with pytest.raises(ConfigError, match=r"'tiny' was deleted in the dashboard\.\n  Type: tracking\.experiment=ANOTHER_NAME"), opened:
        pass
    assert not list(place.glob("mlruns/*/*/artifacts"))


def test_an_address_of_no_server_is_refused(opened: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlruns/mlflow.db")
    with pytest.raises(ConfigError, match="unset MLFLOW_TRACKING_URI"), opened:
        pass
    assert not list(place.glob("mlruns/*/*/artifacts"))
