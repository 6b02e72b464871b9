"""Checkpoints that are not what was written, or belong to something else."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.crash import Bench


def interrupted(bench: Bench) -> Path:
    """The checkpoints of a run that was killed when it had step 2 and step 4."""
    bench.reset()
    ended = bench.forks.run(bench.words, "kill", 1, "checkpoints/.step_000000006")
    assert ended.code == -9, ended.output
    [folder] = bench.project.glob("mlruns/*/*/artifacts/checkpoints")
    assert sorted(path.name for path in folder.iterdir()) == ["step_000000002", "step_000000004"]
    return folder


def flip(name: str) -> Callable[[Path], None]:
    def spoil(checkpoint: Path) -> None:
        data = bytearray((checkpoint / name).read_bytes())
        data[len(data) // 2] ^= 1
        (checkpoint / name).write_bytes(data)

    return spoil


def cut(checkpoint: Path) -> None:
    path = checkpoint / "optimizer.safetensors"
    path.write_bytes(path.read_bytes()[:-1])


def empty(checkpoint: Path) -> None:
    shutil.rmtree(checkpoint)
    checkpoint.mkdir()


def another_format(checkpoint: Path) -> None:
    manifest = json.loads((checkpoint / "manifest.json").read_bytes())
    (checkpoint / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))


def pickled(checkpoint: Path) -> None:
    """As a system that loads whatever lies there would be attacked."""
    (checkpoint / "optimizer.pt").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    (checkpoint / "optimizer.safetensors").unlink()


SPOILT = {
    "weights flipped": flip("weights.safetensors"),
    "manifest flipped": flip("manifest.json"),
    "cut": cut,
    "empty folder": empty,
    "another format": another_format,
    "pickled": pickled,
}


@pytest.mark.slow
@pytest.mark.fault(
    "T6", inject="a flipped byte in weights, optimizer, state, manifest; a cut, a missing file; an empty folder named as the newest"
)
@pytest.mark.fault("T8", inject="a checkpoint of another format")
@pytest.mark.fault("T9", inject="a pickle in place of the optimizer's state")
@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_checkpoint_is_named_and_the_one_before_it_used(how: str, bench: Bench) -> None:
    SPOILT[how](interrupted(bench) / "step_000000004")
    ended = bench.forks.run(bench.words)
    assert ended.code == 0, ended.output
    [passed] = [line for line in ended.output.splitlines() if line.startswith("checkpoint passed over:")]
    assert "step_000000004" in passed
    assert "going on from step 2 of run" in ended.output
    assert not list(bench.project.rglob("pwned"))
    bench.check()


@pytest.mark.slow
@pytest.mark.fault("T6", inject="the same, of the checkpoint that resume=RUN/step_4 names")
def test_a_spoilt_checkpoint_that_was_asked_for_is_refused(bench: Bench) -> None:
    checkpoint = interrupted(bench) / "step_000000004"
    flip("weights.safetensors")(checkpoint)
    ended = bench.forks.run([f"resume={checkpoint.parents[2].name}/step_4"])
    assert ended.code == 3, ended.output
    assert f"{checkpoint / 'weights.safetensors'} was altered" in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.slow
@pytest.mark.fault("T7", inject="a checkpoint of another run, put in place of this one's")
def test_a_checkpoint_of_another_run_is_refused_with_both_names(bench: Bench) -> None:
    mine = interrupted(bench)
    other = bench.forks.run([*bench.words, "seed=2"])
    assert other.code == 0, other.output
    [foreign] = [path for path in bench.project.glob("mlruns/*/*/artifacts/checkpoints/step_000000004") if path.parent != mine]
    shutil.rmtree(mine / "step_000000004")
    shutil.copytree(foreign, mine / "step_000000004")
    ended = bench.forks.run(bench.words)
    assert ended.code == 3, ended.output
    assert f"run_id {foreign.parents[2].name}, here {mine.parents[1].name}" in ended.output


@pytest.mark.slow
@pytest.mark.fault("T7", inject="init=RUN of another tokenizer, of another width")
def test_weights_of_another_model_or_tokenizer_are_refused(bench: Bench) -> None:
    bench.reset()
    assert bench.forks.run(bench.words).code == 0
    wide = bench.forks.run([*[word for word in bench.words if "d_model" not in word], "model.d_model=64", "init=latest"])
    assert wide.code == 3, wide.output
    assert "belongs to another model" in wide.output
    assert "has shape" in wide.output
    char = bench.forks.run([*[word for word in bench.words if "tokenizer=" not in word], "tokenizer=char", "init=latest"])
    assert char.code == 3, char.output
    assert "was trained with another tokenizer" in char.output


@pytest.mark.slow
@pytest.mark.fault("T20", inject="resume=RUN with other settings than the run was begun with")
def test_a_run_can_go_on_longer_but_not_as_another(bench: Bench) -> None:
    run_id = interrupted(bench).parents[1].name
    other = bench.forks.run([f"resume={run_id}", "seed=2", "model.n_layer=1"])
    assert other.code == 2, other.output
    assert "seed: 1 in the run, 2 here" in other.output
    assert "model.n_layer: 2 in the run, 1 here" in other.output
    longer = bench.forks.run([f"resume={run_id}", "trainer.max_steps=8"])
    assert longer.code == 0, longer.output
    [folder] = bench.project.glob("mlruns/*/*/artifacts")
    assert (folder.parent.name, json.loads((folder / "result.json").read_bytes())["steps"]) == (run_id, 8)
    [changed] = [line for line in map(json.loads, (folder / "journal.jsonl").read_text().splitlines()) if line["kind"] == "changed"]
    assert changed["changes"] == {"trainer.max_steps": [6, 8]}
