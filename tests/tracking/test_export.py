"""A finished run as a folder that stands alone."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from assay.errors import ConfigError, DataError
from assay.files import sha256_file, verify_manifest
from assay.tracking.export import export_run, refuse_place
from assay.tracking.journal import Journal


@pytest.fixture
def finished(trained: Any, place: Path) -> dict[str, Any]:
    """The result of a finished run, whose folder is in `place`."""
    result: dict[str, Any] = trained.result
    shutil.copytree(trained.folder, place / "mlruns" / result["experiment"] / result["run_id"] / "artifacts")
    return result


def test_an_export_holds_what_comparison_and_generation_need(finished: dict[str, Any], place: Path, trained: Any) -> None:
    export_run(finished, "models/nano")
    folder = place / "models/nano"
    verify_manifest(folder, "again")
    assert sha256_file(folder / "weights.safetensors") == finished["weights_sha256"]
    assert json.loads((folder / "run.json").read_bytes()) == finished
    for name in ("config.yaml", "tokenizer.json"):
        assert (folder / name).read_bytes() == (trained.folder / name).read_bytes()
    assert (folder / "sample.txt").read_bytes() == (trained.folder / "samples/step_000000006.txt").read_bytes()
    assert not (folder / "result.json").exists()


def test_curves_are_the_journals_points(finished: dict[str, Any], place: Path, trained: Any) -> None:
    export_run(finished, "models/nano")
    curves = json.loads((place / "models/nano/curves.json").read_bytes())
    assert curves["train/loss"] == [[step, loss] for step, loss in enumerate(trained.values("train/loss"), start=1)]
    assert curves["val/loss"] == [[step, loss] for step, loss in zip((2, 4, 6), trained.values("val/loss"), strict=True)]
    assert not [name for name in curves if name.startswith("system/")]


def test_of_a_step_that_was_made_twice_the_second_is_the_curve(finished: dict[str, Any], place: Path) -> None:
    """After a change of its budget a run goes back to its checkpoint, and the learning rate takes another course."""
    journal = Journal(place / "mlruns" / finished["experiment"] / finished["run_id"] / "artifacts/journal.jsonl")
    journal.write("changed", changes={"trainer.max_steps": [6, 7]})
    for step in (5, 6, 7):
        journal.write("metrics", step=step, metrics={"train/loss": step / 2})
    journal.close()
    export_run(finished, "models/nano")
    losses = json.loads((place / "models/nano/curves.json").read_bytes())["train/loss"]
    assert [step for step, _ in losses] == [1, 2, 3, 4, 5, 6, 7]
    assert losses[4:] == [[5, 2.5], [6, 3.0], [7, 3.5]]


def test_the_same_run_exports_to_the_same_bytes_over_what_was_there(finished: dict[str, Any], place: Path) -> None:
    export_run(finished, "models/nano")
    first = (place / "models/nano/manifest.json").read_bytes()
    export_run(finished, "models/nano")
    assert (place / "models/nano/manifest.json").read_bytes() == first


@pytest.mark.parametrize("target", ["src", "mlruns", "models/nano"])
def test_an_export_costs_nobody_a_file(finished: dict[str, Any], place: Path, target: str) -> None:
    """`export=mlruns` once replaced all runs by one model."""
    export_run(finished, "models/nano")
    for folder in ("src", "models/nano"):
        (place / folder).mkdir(parents=True, exist_ok=True)
        (place / folder / "mine.py").touch()
    before = sorted(place.rglob("*"))
    with pytest.raises(ConfigError, match=f"export={target}: .* would be lost"):
        export_run(finished, target)
    assert sorted(place.rglob("*")) == before


def test_a_run_whose_weights_are_gone_is_refused_and_leaves_nothing(finished: dict[str, Any], place: Path) -> None:
    shutil.rmtree(next(place.glob("mlruns/*/*/artifacts/checkpoints")))
    with pytest.raises(DataError, match=r"weights.safetensors is gone.*\n  Train it again: the same command with rerun=true"):
        export_run(finished, "models/nano")
    assert not (place / "models").exists()


def test_another_runs_export_is_not_replaced(finished: dict[str, Any], place: Path) -> None:
    export_run(finished, "models/nano")
    before = (place / "models/nano/run.json").read_bytes()
    with pytest.raises(ConfigError, match=r"models/nano holds the export of another run, .*\n  Type: export=ANOTHER_FOLDER, or .*: rm -r "):
        export_run({**finished, "run_id": "b2", "identity": "other"}, "models/nano")
    assert (place / "models/nano/run.json").read_bytes() == before
    refuse_place("models/nano", None, finished["identity"])  # the same experiment, trained again
