"""Which of a run's checkpoints a reader means, found without reading any weights."""

import json
from pathlib import Path

from assay.errors import ConfigError, DataError

CHECKPOINTS, RESULT, STATE = "checkpoints", "result.json", "state.json"
BEST, STEP = "best", "step_"


def kept_checkpoint(run: Path, which: str = "") -> Path:
    """The checkpoint that `which` names in the folder of a run: `step_N`, N, or `best` (of the lowest val/loss so far).

    "": of a finished run the one that its result speaks of, else the newest. Raises DataError where it is not there.
    """
    steps = _steps(run)
    if which == BEST:
        step = _best_step(run, steps)
    elif which:
        digits = which.removeprefix(STEP)
        if not digits.isdecimal():
            raise ConfigError(
                f"{which!r} names no checkpoint; expected RUN, RUN/{BEST} or RUN/{STEP}N, as in {run.parent.name[:8]}/{STEP}100"
            )
        step = int(digits)
    else:
        step = _scored_step(run, steps)
    if step not in steps:
        kept = ", ".join(path.name for path in steps.values()) or "none"
        raise DataError(f"run {run.parent.name} has no checkpoint {which or 'yet'}; it has: {kept}")
    return steps[step]


def _steps(run: Path) -> dict[int, Path]:
    """Step -> checkpoint, ascending."""
    found = {path.name.removeprefix(STEP): path for path in sorted((run / CHECKPOINTS).glob(f"{STEP}*"))}
    return {int(digits): path for digits, path in found.items() if digits.isdecimal()}


def _scored_step(run: Path, steps: dict[int, Path]) -> int:
    try:
        name = json.loads((run / RESULT).read_bytes())["checkpoint"]
        return int(str(name).removeprefix(STEP))
    except (OSError, ValueError, KeyError, TypeError):  # not finished
        return max(steps, default=-1)


def _best_step(run: Path, steps: dict[int, Path]) -> int:
    """Return the step of the best evaluation, from the newest checkpoint. Raises DataError before the first evaluation."""
    newest = steps[max(steps)] if steps else run / CHECKPOINTS
    try:
        position = json.loads((newest / STATE).read_bytes())["position"]
        if position["best_loss"] is not None:
            return int(position["best_step"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise DataError(f"run {run.parent.name} has no best checkpoint: none was saved after an evaluation yet")
