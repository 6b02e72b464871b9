"""A config that is wrong, or means harm: exit 2, one message, nothing started, nothing made."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def clean(project: Callable[..., Path]) -> Path:
    return project()


def snapshot(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if "__pycache__" not in path.parts and ".git" not in path.parts
    }


def refused(run: Run, folder: Path, *words: str) -> str:
    """What it says; and it must have left nothing."""
    before = snapshot(folder)
    done = run(folder, "src/train.py", *words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(folder) == before
    said: str = done.stderr
    return said


@pytest.mark.fault("C1", inject="model=gpt_smal")
def test_an_unknown_name_brings_the_choices_and_the_nearest(clean: Path, run: Run) -> None:
    said = refused(run, clean, "model=gpt_smal")
    assert "did you mean gpt_small?" in said
    assert "gpt_nano" in said


BAD_VALUES = {
    "model.n_haed=4": "did you mean model.n_head?",
    "+model.x=1": "model",
    "model.n_layer=abc": "model.n_layer",
    "model.n_layer=0": "model.n_layer must be at least 1",
    "model.n_layer=-1": "model.n_layer must be at least 1",
    "model.n_layer=1e9": "model.n_layer",
    "model.n_layer=null": "model.n_layer",
    "optimizer.learning_rate=nan": "optimizer.learning_rate",
    "optimizer.learning_rate=inf": "optimizer.learning_rate",
    "optimizer.learning_rate=-1": "optimizer.learning_rate",
    "optimizer.learning_rate=0": "optimizer.learning_rate",
}


@pytest.mark.fault(
    "C2", inject="a misspelt, an added, a mistyped field; 0, -1, 1e9, null; nan, inf, -1 and 0 for a rate; all in one command"
)
def test_bad_values_are_refused_together_each_by_name(clean: Path, run: Run) -> None:
    for word, piece in BAD_VALUES.items():
        assert piece in refused(run, clean, word), word
    said = refused(run, clean, "model.n_haed=4", "optimizer.learning_rate=nan", "data=nope")
    assert "3 mistakes" in said


@pytest.mark.fault("C3", inject="d_model=385 with 6 heads; fewer steps than warm-up")
def test_contradictions_name_both_fields(clean: Path, run: Run) -> None:
    said = refused(run, clean, "model.d_model=385", "model.n_head=6", "trainer=smoke", "schedule.warmup_steps=50")
    assert "model.d_model" in said
    assert "model.n_head" in said
    assert "schedule.warmup_steps" in said


TARGETS = (
    *("os.system", "builtins.open", "pathlib.Path.write_text", "assay.model.transformer.os.system"),
    *("assay.data.datamodule.TokenWindows", "assay.model.transformer", "subprocess.run"),
)


@pytest.mark.fault(
    "C4", inject="_target_ that names os.system, open, write_text, a class of another group, a module; nested; _partial_, _args_"
)
def test_only_the_groups_own_classes_are_built(clean: Path, run: Run) -> None:
    for target in TARGETS:
        assert "_target_" in refused(run, clean, f"model._target_={target}"), target
    for word in ("+model._partial_=true", "+model._args_=[touch pwned]", "+model.dropout={_target_:os.system}"):
        refused(run, clean, word)
    bad = clean / "conf/model/bad.yaml"
    bad.write_text("_target_: os.system\ncommand: touch pwned\n", encoding="utf-8")
    assert "conf/model/bad.yaml:1" in refused(run, clean, "model=bad")
    assert not list(clean.rglob("pwned"))


def bomb() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefg", "bcdefgh", strict=True):
        lines.append(f"{name}: &{name} [{', '.join(['*' + before] * 9)}]")
    return "\n".join(lines)


TEXTS: dict[str, Callable[[], str]] = {
    "alias bomb": bomb,
    "10 MB": lambda: "name: " + "x" * 10_000_000,
    "nested": lambda: "name: " + "[" * 10_000 + "]" * 10_000,
    "keys twice": lambda: "n_layer: 2\nn_layer: 3\n",
    "tabs": lambda: "name:\n\tx: 1\n",
    "python object": lambda: "name: !!python/object/apply:os.system ['touch pwned']\n",
}


@pytest.mark.fault("C5", inject="an alias bomb, 10 MB, 10,000 nested lists, a key twice, tabs, !!python/object")
@pytest.mark.parametrize("what", TEXTS)
def test_a_hostile_file_is_refused_within_a_second_and_100_megabytes(what: str, clean: Path) -> None:
    (clean / "conf/model/bad.yaml").write_text(TEXTS[what](), encoding="utf-8")
    command = [sys.executable, "src/train.py", "model=bad"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=clean, capture_output=True, text=True, timeout=60, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 2, done.stderr[-2000:]
    assert "conf/model/bad.yaml" in done.stderr
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2  # the start itself takes 0.3
    assert not list(clean.rglob("pwned"))


@pytest.mark.fault("C6", inject="an interpolation cycle, an unknown resolver, ${oc.env:HOME}")
@pytest.mark.parametrize("text", ["${model.n_head}", "${nope:1}", "${oc.env:HOME}"])
def test_interpolations_that_do_not_resolve_to_a_setting_are_refused(text: str, clean: Path, run: Run) -> None:
    (clean / "conf/model/bad.yaml").write_text(
        f"_target_: assay.model.transformer.Transformer\nn_layer: 1\nn_head: '{text}'\nd_model: 4\n", encoding="utf-8"
    )
    said = refused(run, clean, "model=bad")
    assert "n_head" in said
    assert str(Path.home()) not in said


PLACES = {
    "hydra.run.dir=../../x": "hydra.run.dir",
    "hydra.run.dir=/tmp/x": "hydra.run.dir",
    "hydra.searchpath=[file:///tmp]": "hydra.searchpath",
    "tracking.run_name=../x": "tracking.run_name",
    "tracking.run_name=a/b": "tracking.run_name",
    "tracking.run_name=-x": "tracking.run_name",
    f"tracking.run_name={'x' * 300}": "tracking.run_name",
    "tracking.experiment=..": "tracking.experiment",
    "export=../x": "export",
    "export=/tmp/x": "export",
    "init=../../x": "init",
    "resume=/etc/passwd": "resume",
}


@pytest.mark.fault("C7", inject="names and folders that lead out of mlruns/ and the project; Hydra's own")
def test_no_name_leads_out_of_the_project(clean: Path, run: Run) -> None:
    for word, named in PLACES.items():
        assert named in refused(run, clean, word), word


@pytest.mark.fault("C10", inject="a sweep over a billion jobs")
def test_a_sweep_beyond_reason_is_refused(clean: Path, run: Run) -> None:
    before = time.monotonic()
    said = refused(run, clean, "--multirun", "seed=range(0,1000000000)")
    assert "seed" in said or "jobs" in said
    assert time.monotonic() - before < 30


@pytest.mark.fault("K7", inject="${oc.env:SECRET} in a config; a token on the command line")
def test_a_secret_in_a_config_is_refused_and_not_repeated(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "S3CRET")
    for words in (["tracking.run_name=${oc.env:SECRET}"], ["+tracking.token=S3CRET"], ["+api_key=S3CRET"]):
        done = subprocess.run([sys.executable, "src/train.py", *words], cwd=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert "S3CRET" not in done.stdout + done.stderr.replace("+tracking.token=S3CRET", "").replace("+api_key=S3CRET", "")
    assert not [path for path in clean.rglob("*") if path.is_file() and b"S3CRET" in path.read_bytes()]
