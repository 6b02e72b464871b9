"""A store of its own for runs that train nothing."""

import json
import shutil
import warnings
from pathlib import Path

import pytest

from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.data.prepare import Prepared
from assay.tracking import export, identity, lookup, provenance, report, run, store


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
def place(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder in which tracking works."""
    root = tmp_path / "project"
    (root / "mlruns").mkdir(parents=True)
    shutil.copy(empty_store, root / "mlruns/mlflow.db")
    for module in (store, export, provenance):
        monkeypatch.setattr(module, "ROOT", root)
    for module in (store, lookup, export, report):
        monkeypatch.setattr(module, "MLRUNS", root / "mlruns")
    for module in (store, lookup):
        monkeypatch.setattr(module, "DATABASE", root / "mlruns/mlflow.db")
    return root


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    folder = tmp_path / "prepared"
    folder.mkdir()
    (folder / "tokenizer.json").write_text("{}")
    header = {"vocab_size": 9, "splits": {"train": {"tokens": 5}}}
    (folder / "header.json").write_text(json.dumps(header))
    tokenizer = {"files": {"tokenizer.json": {"sha256": "b" * 64}}}
    manifests = {"clean": {"content_sha256": "c" * 64}, "tokenizer": tokenizer, "tokens": {"content_sha256": "a" * 64}}
    return Prepared([], folder, folder, folder, manifests)


def config(*overrides: str) -> TrainConfig:
    return load("train", ["trainer=smoke", *overrides], TrainConfig)


@pytest.fixture
def opened(place: Path, prepared: Prepared) -> run.Run:
    """A run, not yet begun."""
    return run.Run(config("tracking.run_name=mine", "data.language=en"), identity.Identity("f" * 64, {"code": "1"}), prepared)
