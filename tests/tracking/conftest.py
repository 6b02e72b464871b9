"""A store of its own for runs that train nothing."""

import json
import shutil
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assay.config.load import load
from assay.config.plain import to_yaml
from assay.config.schema import TrainConfig
from assay.data.prepare import Prepared
from assay.tracking import catch_up, dashboard, export, lookup, provenance, report, run, store
from assay.tracking.identity import Identity
from assay.tracking.journal import Journal


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new mlflow.db: to copy one takes less than to make one."""
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(action="ignore"):
        patch.setattr(store, "MLRUNS", folder)
        patch.setattr(store, "DATABASE", folder / "mlflow.db")
        store.open_store()  # MLflow's models use what SQLAlchemy wants to drop, and say so once, at import
    return folder / "mlflow.db"


@pytest.fixture
def work_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """work_in(root): the project is there from now on."""

    def move(root: Path) -> None:
        for module in (export, provenance):
            monkeypatch.setattr(module, "ROOT", root)
        for module in (store, lookup, export, report, run, catch_up):
            monkeypatch.setattr(module, "MLRUNS", root / "mlruns")
        for module in (store, lookup, dashboard):
            monkeypatch.setattr(module, "DATABASE", root / "mlruns/mlflow.db")

    return move


@pytest.fixture
def bare(tmp_path: Path, work_in: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder in which tracking works, below a name that an URI would need quoted; nothing has made mlflow.db yet."""
    root = tmp_path / "a #1 100% 数"
    (root / "mlruns").mkdir(parents=True)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    work_in(root)
    return root


@pytest.fixture
def place(bare: Path, empty_store: Path) -> Path:
    """The same with an mlflow.db that holds nothing."""
    shutil.copy(empty_store, bare / "mlruns/mlflow.db")
    return bare


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    folder = tmp_path / "prepared"
    folder.mkdir()
    (folder / "tokenizer.json").write_text("{}")
    header = {"vocab_size": 9, "splits": {"train": {"tokens": 5}}}
    (folder / "header.json").write_text(json.dumps(header))
    tokenizer = {"files": {"tokenizer.json": {"sha256": "b" * 64}}}
    manifests = {"clean": {"content_sha256": "c" * 64}, "tokenizer": tokenizer, "tokens": {"content_sha256": "a" * 64}}
    return Prepared([], {}, folder, folder, folder, manifests)


def identity_of(name: str) -> Identity:
    return Identity(f"identity of {name}", {"code": "1", "tokens": "t", "tokenizer": "k", "environment": "e"})


@pytest.fixture
def new_run(place: Path, prepared: Prepared) -> Callable[..., run.Run]:
    """new_run("seed=2"): a run with those words, not yet begun. What makes it this run is its name, unless `identity` is given."""

    def make(*words: str, identity: Identity | None = None) -> run.Run:
        config = load("train", ["trainer=smoke", "data.name=tiny", "data.language=en", "tracking.run_name=mine", *words], TrainConfig)
        return run.Run(config, identity or identity_of(str(config.tracking.run_name)), prepared)

    return make


@pytest.fixture
def opened(new_run: Callable[..., run.Run]) -> run.Run:
    """A run, not yet begun."""
    return new_run()


@pytest.fixture
def begin(bare: Path) -> Callable[..., Path]:
    """begin("id", "name", started=3.0): the folder of a run as its first line leaves it, without MLflow.

    Lines that follow are (kind, facts); `words` are its command's; a finished one has a result.json.
    """

    def make(
        run_id: str,
        name: str = "nano",
        *lines: tuple[str, dict[str, Any]],
        started: float = 1.0,
        experiment: str = "tiny",
        finished: bool = False,
        forced: bool = False,
        words: tuple[str, ...] = (),
    ) -> Path:
        folder = bare / "mlruns" / experiment / run_id / "artifacts"
        folder.mkdir(parents=True)
        identity = identity_of(name)
        facts = {"run_id": run_id, "experiment": experiment, "identity": identity.sha256, "parts": identity.parts, "forced": forced}
        first = {"kind": "start", "time": started, **facts, "name": name, "tags": {"mlflow.source.name": "src/train.py"}}
        (folder / "journal.jsonl").write_text(json.dumps(first) + "\n")
        (folder / "config.yaml").write_text(to_yaml(load("train", ["trainer=smoke", *words], TrainConfig)))
        journal = Journal(folder / "journal.jsonl")
        for kind, values in lines:
            journal.write(kind, **values)
        journal.close()
        if finished:
            (folder / "result.json").write_text(json.dumps({"run_id": run_id, "identity": identity.sha256}))
        return folder

    return make


@pytest.fixture
def rows(bare: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """rows("SELECT ...", value): what mlflow.db says; changes are made at once."""

    def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(store.DATABASE)) as database, database:
            return database.execute(sql, values).fetchall()

    return query
