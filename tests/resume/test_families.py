"""What is promised of a run holds for every family of models: killed, it goes on to the same bits; asked again, it is found; and it is replayed."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults.crash import EMPTY_STORE
from faults.evidence import evidence, litter
from folders import write_folders
from pairs import families, needed
from resume.conftest import KILLER
from warm import WARM

from assay.tokenizer.learn import Byte
from assay.tokenizer.schema import ByteSchema

LONGER: dict[str, str | None] = {
    **{"model.d_model": None, "trainer.max_steps": "8", "trainer.evaluate_every_steps": "4", "trainer.checkpoint_every_steps": "3"},
    **{"evaluation.sample_tokens": "2", "evaluation.sequences_per_batch": "32"},
}
STEP = "assay.trainer.progress:TrainingProgress.step"  # called when the step is in the journal, before it is evaluated and saved
SAVE = "assay.files:write_manifest"


def words(trained: Any, model: str, objective: str) -> list[str]:
    shared = dict(word.split("=", 1) for word in trained.words)
    folder: dict[str, str | None] = {"model.path": f"models/{model}"} if model.startswith("hf") else {}
    changed = {**shared, **LONGER, **folder, "model": model, **dict(needed("model", model)), "objective": objective}
    return [f"{name}={value}" for name, value in changed.items() if value is not None]


@pytest.fixture(scope="module")
def place(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has the data, a store without a run and folders of other models."""
    made = tmp_path_factory.mktemp("families") / "project"
    shutil.copytree(trained.project, made, ignore=shutil.ignore_patterns("mlruns"))
    (made / "mlruns").mkdir()
    subprocess.run([sys.executable, "-c", EMPTY_STORE], cwd=made, check=True)
    shutil.copytree(made / "mlruns", made / "empty_store")
    for folder in write_folders(made / "models", vocab_size=257, n_positions=32).glob("hf*"):
        Byte(ByteSchema()).learn(iter(())).save(str(folder / "tokenizer.json"))
    return made


def forget(place: Path) -> None:
    shutil.rmtree(place / "mlruns")
    shutil.copytree(place / "empty_store", place / "mlruns")


def killed(place: Path, chosen: list[str], at: str) -> bool:
    with WARM.command(place / "src/train.py", chosen, place, code=KILLER, KILL_AT=at) as command:
        return command.wait(timeout=120) == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.fault("T2", inject="SIGKILL in the middle and in a save, for one model of each family and one family of each objective")
@pytest.mark.parametrize(("model", "objective"), families(), ids=str)
def test_a_run_of_each_family_is_exact(model: str, objective: str, place: Path, trained: Any, run: Callable[..., Any]) -> None:
    chosen = words(trained, model, objective)
    forget(place)
    undisturbed = run(place, "src/train.py", *chosen)
    assert undisturbed.returncode == 0, undisturbed.stdout[-1500:] + undisturbed.stderr
    expected = evidence(place)
    assert expected.steps == 8

    forget(place)
    assert killed(place, chosen, f"{STEP}:5")
    assert killed(place, chosen, f"{SAVE}:1")
    last = run(place, "src/train.py", *chosen)
    assert last.returncode == 0, last.stdout[-1500:] + last.stderr
    assert evidence(place) == expected
    assert litter(place) == []

    again = run(place, "src/train.py", *chosen)
    assert (again.returncode, "\nstep 1 " in again.stdout) == (0, False), again.stderr
    assert len(list(place.glob("mlruns/*/*/artifacts"))) == 1, "an identical run is found, not made again"

    replayed = run(place, "src/replay.py", "latest")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert replayed.stdout.splitlines()[-1] == "8 of 8 steps bit-identical"
