"""A run that was killed and started again by the same command is the run that was never killed: weights, losses and all its metrics."""

import json
import math
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from assay.data.tokens import Tokens


@dataclass(frozen=True)
class Cut:
    """Where a process ends, and the newest checkpoint that is then there; 0: none. `about`: at that one or a later one.

    `damaged`: a byte of that checkpoint is changed afterwards.
    """

    at: str
    newest: int
    number: int = signal.SIGKILL
    about: bool = False
    damaged: bool = False


STEP = "assay.trainer.progress:TrainingProgress.step"  # called when the step is in the journal, before its evaluation and its save
MICROBATCH = "assay.objective.causal_lm:CausalLM.training_step"
UPDATE = "assay.objective.negative_sampling:NegativeSampling.update"
SCORED_BATCH = "assay.evaluation.language_model:_rows"  # three an evaluation
SAVE = "assay.files:write_manifest"
END = "assay.trainer.fit:Session.outcome:1"  # all is trained, evaluated and saved; the test is to come

# Checkpoints come after steps 6, 7, 12, 14, 18, 21 and 22. The first epoch ends with step 14.
CUTS: dict[str, list[Cut]] = {
    "fp32 plain": [Cut("step 1", 0, about=True), Cut("step 9", 9, signal.SIGTERM, about=True), Cut(END, 22)],
    "fp32 dropout": [Cut(f"{MICROBATCH}:20", 7), Cut(f"{STEP}:8", 14)],  # between two micro-batches of step 10; at the epoch's edge
    "bf16 dropout": [Cut(f"{SCORED_BATCH}:5", 7), Cut(f"{STEP}:10", 14, damaged=True)],  # in the evaluation at 12; mid-epoch, at 17
    "bf16 plain": [Cut(f"{SAVE}:3", 7), Cut(f"{STEP}:7", 12)],  # in the save at 12; before the epoch's edge, at 14
    "fp32 compiled": [Cut(f"{STEP}:1", 0), Cut(f"{MICROBATCH}:20", 7), Cut(f"{STEP}:8", 14)],
    "bf16 compiled": [
        Cut(f"{SCORED_BATCH}:5", 7),
        Cut(f"{SAVE}:1", 7),
        Cut(f"{STEP}:10", 14),
    ],  # in the evaluation and the save at 12; at 17
    "recurrent average": [  # between two micro-batches; in the evaluation at 12, when the average is in place; in the save after it
        *(Cut(f"{MICROBATCH}:20", 7), Cut(f"{SCORED_BATCH}:2", 7), Cut(f"{SAVE}:1", 7)),
        Cut("step 17", 17, signal.SIGTERM, about=True),
    ],
    "mixed": [Cut(f"{MICROBATCH}:20", 7), Cut(f"{STEP}:8", 14)],
    "early": [Cut(END, 18), Cut("assay.tracking.run:Run.finish:1", 18)],  # stopped at 18, best at 6: before and after the test is scored
    "counting": [Cut(f"{SCORED_BATCH}:5", 6)],
    "words": [Cut(f"{UPDATE}:20", 7), Cut(f"{STEP}:8", 14)],  # between two micro-batches of step 10; at the epoch's edge
}

COMPILED = pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")


def test_the_corpus_is_as_small_as_the_cuts_suppose(unbroken: Any) -> None:
    (made,) = [json.loads(line["source"])["folder"] for line in unbroken.journal("fp32 plain") if line["kind"] == "dataset"]
    tokens = Tokens.open(unbroken.root / "data/cache/tokens" / made)
    windows = (len(tokens.split("train").tokens) - 32) // 32
    assert windows == 14 * 8
    assert math.ceil(len(tokens.split("val").tokens) / (16 * 32)) == 3


@pytest.mark.slow
@pytest.mark.fault(
    "T2",
    inject="SIGKILL at the first step, between micro-batches, mid-epoch, at and before its edge, in validation, in a save, after the last save; "
    "fp32 and bf16, compiled and not, with and without dropout, accumulation, loader workers and an average of the weights; "
    "a recurrent and a counting model, and one updated in place; in chains",
)
@pytest.mark.parametrize("name", [name if "compiled" not in name else pytest.param(name, marks=COMPILED) for name in CUTS])
def test_the_same_command_goes_on_with_a_run_that_was_cut_off(name: str, unbroken: Any, broken: Any, train: Callable[..., Any]) -> None:
    goes_on_from = 0
    for cut in CUTS[name]:
        ended = train(name, cut.at, cut.number)
        assert ended.returncode == (-signal.SIGKILL if cut.number == signal.SIGKILL else 128 + cut.number), ended.stderr
        check_beginning(ended, goes_on_from, broken, name)
        kept = broken.checkpoints(name)
        found = kept[-1] if kept else 0
        assert found >= cut.newest if cut.about else found == cut.newest
        goes_on_from = 0 if name == "counting" else found
        if cut.damaged:
            weights = broken.folder(name) / "checkpoints" / f"step_{found:09d}" / "weights.safetensors"
            weights.write_bytes(weights.read_bytes()[:-1] + bytes([weights.read_bytes()[-1] ^ 1]))
            goes_on_from = kept[-2]
            check_refusal(train(name, more=f"resume={broken.folder(name).parent.name}/step_{found}"), found)
    ended = train(name)
    assert ended.returncode == 0, ended.stderr
    assert (ended.stderr, "checkpoint passed over" in ended.stdout) == ("", CUTS[name][-1].damaged)
    check_beginning(ended, goes_on_from, broken, name)
    check_equal(broken, unbroken, name)


def check_beginning(ended: Any, step: int, broken: Any, name: str) -> None:
    shown = [line for line in ended.stdout.splitlines() if line.startswith("going on from step ")]
    assert shown == ([f"going on from step {step} of run {broken.folder(name).parent.name}"] if step else [])


def check_equal(broken: Any, unbroken: Any, name: str) -> None:
    mine, other = broken.result(name), unbroken.result(name)
    for key in ("identity", "weights_sha256", "losses_sha256", "steps", "tokens", "best_step", "checkpoint", "evaluated"):
        assert mine[key] == other[key], key
    assert {key: mine["metrics"][key] for key in other["metrics"] if "speed" not in key} == {
        key: value for key, value in other["metrics"].items() if "speed" not in key
    }
    history = unbroken.recorded(name)
    assert len({(key, step) for key, step, _ in history}) == len(history) > 22
    assert broken.recorded(name) == history
    assert broken.copied(name) == unbroken.copied(name) == ("FINISHED", history)
    assert not [line for line in broken.journal(name) if line["kind"] == "difference"]
    assert broken.checkpoints(name) == unbroken.checkpoints(name)
    newest = [place.folder(name) / "checkpoints" / other["checkpoint"] for place in (broken, unbroken)]
    tensors = [{path.name: path.read_bytes() for path in folder.glob("*.safetensors")} for folder in newest]
    assert tensors[0] == tensors[1]
    assert ("training_weights.safetensors" in tensors[0]) == ("average" in name)
    texts = [{path.name: path.read_bytes() for path in (place.folder(name) / "samples").iterdir()} for place in (broken, unbroken)]
    assert texts[0] == texts[1]
    assert not list(broken.folder(name).rglob(".*"))  # drafts
    times = [line["time"] for line in broken.journal(name)]
    assert all(earlier <= later for earlier, later in pairwise(times))
    processes = {line["process"] for line in broken.journal(name) if line.get("status") == "running"}
    assert len(processes) == len(CUTS[name]) + 1 + any(cut.damaged for cut in CUTS[name])


def check_refusal(ended: Any, step: int) -> None:
    """A checkpoint that was named is never replaced by another."""
    assert ended.returncode == 3
    assert f"step_{step:09d}/weights.safetensors was altered" in ended.stderr


def test_the_weights_to_begin_with_are_those_of_the_run_named(unbroken: Any) -> None:
    begun = unbroken.result("fp32 plain")
    assert begun["identity_parts"]["init"] == unbroken.result("gpt_nano_tiny")["weights_sha256"]
    first, fresh = (unbroken.recorded(name) for name in ("fp32 plain", "bf16 plain"))
    losses = [next(value for key, step, value in history if (key, step) == ("train/loss", 1)) for history in (first, fresh)]
    assert losses[0] < 5.4 < losses[1]  # a model that knows nothing has ln 257 = 5.55


def test_a_counting_model_is_saved_only_where_it_was_scored(unbroken: Any) -> None:
    """To count for a save in between would change what it predicts next."""
    assert unbroken.checkpoints("counting") == [18, 22]
    assert unbroken.checkpoints("fp32 dropout") == [21, 22]


def test_a_run_by_weight_tells_what_it_read_and_how_it_does_on_each_source(unbroken: Any) -> None:
    result, history = unbroken.result("mixed"), unbroken.recorded("mixed")
    few, many = result["mix"]
    assert [each["windows"] for each in (few, many)] == [22 * 8 * 3 // 4, 22 * 8 // 4]
    assert few["epochs"] > 2.5 > 1 > many["epochs"]
    for name in ("few", "many"):
        losses = [value for key, _, value in history if key == f"val/{name}/loss"]
        assert len(losses) == 4
        assert losses[-1] < losses[0]
        assert result["metrics"][f"val/{name}/loss"] == losses[-1]
        assert f"test/{name}/bits_per_byte" in result["metrics"]
    epochs = [value for key, _, value in history if key == "train/few/epochs"]
    assert (epochs, epochs[-1]) == (sorted(epochs), few["epochs"])
    assert not [key for key in unbroken.result("fp32 plain")["metrics"] if "few" in key] + ["mix"] * (
        "mix" in unbroken.result("fp32 plain")
    )
