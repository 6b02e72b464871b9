"""A training as a whole: what it repeats, what it counts, when it ends."""

import hashlib
import json
import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from assay.data.datamodule import WindowBatches
from assay.data.tokens import Tokens
from assay.files import sha256_file
from assay.inference.load import load_run

LEARNING_RATE = 1e-3


@pytest.mark.fault("T17", inject="the same seed in another process")
@pytest.mark.fault("T18", inject="a project folder with a space and letters outside ASCII, renamed afterwards")
def test_the_same_seed_gives_the_same_weights_and_losses_in_another_process_and_folder(trained: Any, several: dict[str, Any]) -> None:
    for name in ("weights_sha256", "losses_sha256", "identity"):
        assert several["same"].result[name] == trained.result[name]
    assert several["same"].values("train/loss") == trained.values("train/loss")
    assert several["same"].values("val/loss") == trained.values("val/loss")


def test_another_seed_gives_others(trained: Any, several: dict[str, Any]) -> None:
    for name in ("weights_sha256", "losses_sha256", "identity"):
        assert several["other seed"].result[name] != trained.result[name]


def test_the_hashes_can_be_recomputed_from_the_folder(trained: Any) -> None:
    result = trained.result
    assert result["weights_sha256"] == sha256_file(trained.folder / "checkpoints" / result["checkpoint"] / "weights.safetensors")
    chain = hashlib.sha256(b"").digest()
    losses = trained.values("train/loss")
    assert len(losses) == result["steps"]
    for loss in losses:
        assert struct.unpack("<f", struct.pack("<f", loss)) == (loss,)  # the journal has the float32 value, every bit
        chain = hashlib.sha256(chain + struct.pack("<f", loss)).digest()
    assert result["losses_sha256"] == chain.hex()


def test_two_microbatches_learn_what_one_of_twice_the_size_does(trained: Any, several: dict[str, Any]) -> None:
    """Same windows, same steps; only the order of sums differs."""
    one = several["one micro-batch"]
    assert one.values("train/loss") == pytest.approx(trained.values("train/loss"), abs=2e-3)
    assert one.result["metrics"]["test/loss"] == pytest.approx(trained.result["metrics"]["test/loss"], abs=2e-3)


def test_plain_output_is_a_line_a_step_and_ends_with_the_runs_id(trained: Any) -> None:
    lines = trained.finished.stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("step ")] == ["1", "2", "3", "4", "5", "6"]
    assert re.fullmatch(rf"run {trained.result['run_id']} finished val/bits_per_byte=\d\.\d{{4}} val/loss=.*", lines[-1])
    assert f"val/bits_per_byte={trained.result['metrics']['val/bits_per_byte']:.4f} " in lines[-1]
    assert trained.finished.stderr == ""


def test_a_model_learns_and_is_scored_as_often_as_asked(trained: Any) -> None:
    losses = trained.values("val/loss")
    assert len(losses) == 3
    assert losses == sorted(losses, reverse=True)
    assert [entry["step"] for entry in trained.journal if "val/loss" in entry.get("metrics", {})] == [2, 4, 6]
    assert sorted(path.name for path in (trained.folder / "samples").iterdir()) == [f"step_{step:09d}.txt" for step in (2, 4, 6)]


def test_the_newest_two_checkpoints_stay(trained: Any) -> None:
    kept = sorted(path.name for path in (trained.folder / "checkpoints").iterdir())
    assert kept == ["step_000000004", "step_000000006"]
    assert (trained.result["checkpoint"], trained.result["best_step"]) == ("step_000000006", 6)
    assert trained.result["stopped_early"] is None
    assert "stopped early" not in trained.finished.stdout


def test_the_rate_warms_up_to_its_peak_and_falls(trained: Any) -> None:
    rates = trained.values("train/learning_rate")
    assert rates[:3] == pytest.approx([LEARNING_RATE / 3, LEARNING_RATE * 2 / 3, LEARNING_RATE])
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert rates[-1] == pytest.approx(0.1 * LEARNING_RATE)  # final_fraction


@pytest.mark.parametrize("name", ["standing still", "standing still on hidden tokens", "standing still on another text"])
def test_a_run_that_gets_no_better_stops_early_and_keeps_its_best(name: str, several: dict[str, Any]) -> None:
    still = several[name]
    assert (still.result["steps"], still.result["best_step"], still.result["tokens"]) == (4, 2, 4 * 128)
    assert len(still.values("train/loss")) == 4
    best = still.folder / "checkpoints/step_000000002"
    assert (still.result["checkpoint"], still.result["weights_sha256"]) == (best.name, sha256_file(best / "weights.safetensors"))
    assert still.result["metrics"]["val/loss"] == still.result["best_loss"] == still.values("val/loss")[0]
    assert still.result["stopped_early"] == "val/loss did not improve for 1 evaluation"
    (said,) = [line for line in still.finished.stdout.splitlines() if line.startswith("stopped early at step 4")]
    assert "did not improve for 1 evaluation. Best val/loss" in said
    assert "at step 2 of 4" in said
    (registered,) = [entry for entry in still.journal if entry["kind"] == "model"]
    assert registered["source"].endswith("checkpoints/step_000000002")


def test_an_average_of_the_weights_is_what_a_run_is_scored_by_and_loaded_as(trained: Any, several: dict[str, Any]) -> None:
    """The training is that of the run without; a reader of the folder finds the weights that the result speaks of."""
    averaged = several["averaged"]
    assert averaged.values("train/loss") == trained.values("train/loss")
    newest = averaged.folder / "checkpoints" / averaged.result["checkpoint"]
    assert averaged.result["weights_sha256"] == sha256_file(newest / "weights.safetensors") != trained.result["weights_sha256"]
    assert sha256_file(newest / "training_weights.safetensors") == trained.result["weights_sha256"]
    assert averaged.result["identity"] != trained.result["identity"]
    found = load_run(averaged.folder)
    tokens = torch.arange(32).unsqueeze(0)
    assert not torch.equal(found.model(tokens), load_run(trained.folder).model(tokens))
    assert averaged.result["metrics"]["val/loss"] != trained.result["metrics"]["val/loss"]


def test_a_budget_of_tokens_is_spent_in_whole_steps(several: dict[str, Any]) -> None:
    assert (several["by tokens"].result["steps"], several["by tokens"].result["tokens"]) == (2, 256)


def test_a_budget_of_minutes_ends_with_the_step_that_passes_it(several: dict[str, Any]) -> None:
    result = several["by the clock"].result
    assert result["steps"] >= 1
    assert result["training_seconds"] >= 0.006
    before = several["by the clock"].values("speed/tokens_per_second")[:-1]
    assert sum(128 / rate for rate in before) < 0.006
    assert result["checkpoint"] == f"step_{result['steps']:09d}"


def test_a_counting_model_is_a_run_like_any_other(several: dict[str, Any]) -> None:
    counting = several["counting"]
    assert len(counting.values("train/loss")) == 6
    assert counting.values("train/learning_rate") == []
    assert counting.result["metrics"]["test/loss"] < several["same"].result["metrics"]["test/loss"]


def test_weights_beyond_use_end_the_run_even_if_only_the_evaluation_shows_it(several: dict[str, Any]) -> None:
    spoilt = several["diverging unseen"]
    assert spoilt.finished.returncode == 4
    assert re.match(r"error: step \d+: val/loss is (nan|inf): the weights are beyond use", spoilt.finished.stderr)
    flagged = [entry["not_finite"] for entry in spoilt.journal if "not_finite" in entry]
    assert "val/loss" in flagged[-1]


@pytest.mark.parametrize(("name", "behind"), [("diverging", 0), ("diverging unseen", 1)])
def test_numbers_that_are_none_are_blamed_on_micro_batches_and_their_documents(
    name: str, behind: int, several: dict[str, Any], trained: Any
) -> None:
    """Of the step under way, or, where its evaluation shows it, of the step just made: every document that a window reached into."""
    spoilt = several[name]
    said = spoilt.finished.stderr
    found = re.search(r"Step (\d+) is micro-batches (\d+) to (\d+) \(from 0\), of documents (.*)", said)
    assert found, said
    step = int(found[1])
    assert f"error: step {step}: " in said
    assert len(spoilt.values("train/loss")) == step - 1 + behind
    assert (int(found[2]), int(found[3])) == (2 * step - 2, 2 * step - 1)
    (folder,) = (trained.project / "data/cache/tokens").glob("*/")
    tokens = Tokens.open(folder)
    batches = WindowBatches(tokens.split("train").tokens, 32, 2, 1, 2 * step)
    places = [int(start) + i for number in (2 * step - 2, 2 * step - 1) for start in batches.starts(number) for i in range(33)]
    assert found[4].split(", ") == list(dict.fromkeys(tokens.document_at("train", place) for place in places))


def test_what_was_good_before_numbers_that_are_none_is_kept(several: dict[str, Any]) -> None:
    """Its last whole step; after an evaluation that failed, the one before it."""
    for name, wrong in (("diverging", 0), ("diverging unseen", 1)):
        spoilt = several[name]
        newest = max((spoilt.folder / "checkpoints").glob("step_*"))
        state = json.loads((newest / "state.json").read_bytes())
        assert state["position"]["steps"] == len(spoilt.values("train/loss")) - wrong
        assert state["position"]["evaluated"]
        assert all(tensor.isfinite().all() for tensor in load_file(newest / "weights.safetensors").values())


def test_a_checkpoint_knows_its_run_and_where_training_stood(trained: Any) -> None:
    state = json.loads((trained.folder / "checkpoints/step_000000006/state.json").read_bytes())
    assert state["run_id"] == trained.result["run_id"]
    assert state["tokenizer_sha256"] == sha256_file(trained.folder / "tokenizer.json")
    position = state["position"]
    assert (position["steps"], position["best_step"], position["evaluated"]) == (6, 6, True)
    assert position["best_loss"] == trained.result["metrics"]["val/loss"]
    assert position["losses_sha256"] == trained.result["losses_sha256"]
    assert position["training_seconds"] == pytest.approx(trained.result["training_seconds"], abs=1e-3)


@pytest.mark.slow
def test_a_compiled_model_trains_to_the_same_loss(trained: Any, run: Callable[..., Any], tmp_path: Path) -> None:
    copy = shutil.copytree(trained.project, tmp_path / "project")  # another run there would be the latest, and the nearest, for other tests
    done = run(copy, "src/train.py", *trained.words, "trainer.compile=true", timeout=500)
    assert done.returncode == 0, done.stderr
    found = float(re.findall(r"val/loss=([\d.]+)", done.stdout)[-1])
    assert found == pytest.approx(trained.result["metrics"]["val/loss"], abs=2e-3)
