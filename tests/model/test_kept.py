"""Which of a run's checkpoints is meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from assay.errors import ConfigError, DataError
from assay.model.kept import kept_checkpoint


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Checkpoints of steps 20, 40, 60, of which 20 was best."""
    folder = tmp_path / "abc1/artifacts"
    for step in (20, 40, 60):
        save(folder, step, best_loss=1.5, best_step=20)
    (folder / "checkpoints/.step_000000080.draft-1").mkdir()
    (folder / "checkpoints/step_old").mkdir()
    return folder


def save(folder: Path, step: int, **position: Any) -> None:
    place = folder / f"checkpoints/step_{step:09d}"
    place.mkdir(parents=True)
    (place / "state.json").write_text(json.dumps({"position": position}))


def step(run: Path, which: str = "") -> int:
    return int(kept_checkpoint(run, which).name.removeprefix("step_"))


def test_an_unfinished_run_means_its_newest_checkpoint_and_a_finished_one_that_of_its_result(run: Path) -> None:
    assert step(run) == 60
    (run / "result.json").write_text('{"checkpoint": "step_000000020", "steps": 60}')
    assert step(run) == 20


def test_a_checkpoint_is_named_by_its_step_or_as_the_best(run: Path) -> None:
    assert [step(run, which) for which in ("step_40", "step_000000040", "40", "best")] == [40, 40, 40, 20]


def test_a_checkpoint_that_is_not_there_is_refused_with_those_that_are(run: Path) -> None:
    with pytest.raises(DataError, match="run abc1 has no checkpoint step_30; it has: step_000000020, step_000000040, step_000000060"):
        kept_checkpoint(run, "step_30")
    with pytest.raises(ConfigError, match=r"'last' names no checkpoint; expected RUN, RUN/best or RUN/step_N, as in abc1/step_100"):
        kept_checkpoint(run, "last")


def test_before_an_evaluation_no_checkpoint_is_the_best(tmp_path: Path) -> None:
    folder = tmp_path / "abc1/artifacts"
    with pytest.raises(DataError, match="run abc1 has no best checkpoint"):
        kept_checkpoint(folder, "best")
    save(folder, 3, best_loss=None, best_step=0)
    with pytest.raises(DataError, match="run abc1 has no best checkpoint"):
        kept_checkpoint(folder, "best")
    assert step(folder) == 3
