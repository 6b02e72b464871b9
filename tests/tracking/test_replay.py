"""A run is trained again from its own record, in another place, and every step compared."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def elsewhere(trained: Any, project: Callable[..., Path]) -> Path:
    """A new clone that has the store and the person's own files, and neither data nor the words of the run."""
    clone = project("elsewhere")
    shutil.rmtree(clone / "mlruns")
    for part in ("mlruns", "tiny_text"):
        shutil.copytree(trained.project / part, clone / part)
    return clone


@pytest.fixture
def prepared(elsewhere: Path, trained: Any) -> Path:
    """The same with the data that the run made: the code of a replay has compiled none of its kernels."""
    shutil.copytree(trained.project / "data", elsewhere / "data")
    return elsewhere


def replayed(run: Run, clone: Path, *words: str, cold: bool = False) -> Any:
    return run(clone, "src/replay.py", "latest", *words, cold=cold)


@pytest.mark.slow
@pytest.mark.fault("T17", inject="another folder, without the data, whose code has changed since")
def test_a_run_is_replayed_in_a_fresh_clone_from_its_own_source(elsewhere: Path, run: Run) -> None:
    shapes = elsewhere / "src/assay/optimizer/groups.py"
    shapes.write_text(shapes.read_text(encoding="utf-8") + "\nraise SystemExit('the code of today')\n", encoding="utf-8")
    done = replayed(run, elsewhere, cold=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "6 of 6 steps bit-identical"
    assert not list((elsewhere / "mlruns/.replay").iterdir())


@pytest.mark.slow
@pytest.mark.fault("T17", inject="a changed and an untracked file of source at the time of the run; a clone of the commit since")
def test_a_run_of_uncommitted_source_is_replayed_in_a_clone_of_the_commit(trained: Any, project: Callable[..., Path], run: Run) -> None:
    made = project("made")
    for words in (["add", "--all"], ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--message=all"]):
        subprocess.run(["git", *words], cwd=made, check=True)
    shapes = made / "src/assay/schedule/shapes.py"
    text = shapes.read_text(encoding="utf-8")
    changed = text.replace("import math\n", "import math\n\nfrom assay.schedule.untracked import SHARE\n").replace(
        "return (1.0 - fallen) * highest", "return (SHARE - fallen) * highest"
    )
    assert changed.count("SHARE") == 2
    shapes.write_text(changed, encoding="utf-8")
    (shapes.parent / "untracked.py").write_text("SHARE = 0.75\n", encoding="utf-8")
    for part in ("tiny_text", "conf/data/tiny.yaml"):
        copy = shutil.copytree if (trained.project / part).is_dir() else shutil.copy
        copy(trained.project / part, made / part)
    done = run(made, "src/train.py", *trained.words)
    assert done.returncode == 0, done.stderr
    clone = made.with_name("clone")
    subprocess.run(["git", "clone", "--quiet", str(made), str(clone)], check=True)
    assert not (clone / "src/assay/schedule/untracked.py").exists()
    shutil.rmtree(clone / "mlruns")
    for part in ("mlruns", "tiny_text"):
        shutil.copytree(made / part, clone / part)
    again = replayed(run, clone, cold=True)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.splitlines()[-1] == "6 of 6 steps bit-identical"


@pytest.mark.slow
def test_a_prefix_is_a_quick_proof(prepared: Path, run: Run) -> None:
    done = replayed(run, prepared, "steps=3")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 of 3 steps bit-identical"), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "named"),
    [("model.dropout:0.1", "config model.dropout: 0.0 then, 0.1 now"), ("seed:2", "config seed: 1 then, 2 now")],
)
def test_a_moved_setting_is_named(change: str, named: str, prepared: Path, run: Run) -> None:
    done = replayed(run, prepared, f"changes=[{change}]")
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("error: step 1 differs: train/loss was ")
    assert done.stderr.splitlines()[-2:] == ["  moved since the run:", f"  {named}"]


@pytest.mark.slow
def test_a_moved_byte_of_the_data_is_named_by_its_file(elsewhere: Path, run: Run) -> None:
    text = elsewhere / "tiny_text/03.txt"
    text.write_bytes(text.read_bytes().replace(b"the", b"thy", 1))
    done = replayed(run, elsewhere)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "file 00-tiny_text/03.txt: " in done.stderr
    assert "data raw: " in done.stderr


@pytest.mark.slow
def test_another_number_of_threads_is_named(elsewhere: Path, trained: Any, run: Run) -> None:
    """Wide enough for threads to change the order of sums."""
    shutil.copy(trained.project / "conf/data/tiny.yaml", elsewhere / "conf/data/tiny.yaml")
    wide = ("data=tiny", "tokenizer=byte", "model=gpt_nano", "trainer=smoke", "trainer.max_steps=4", "trainer.precision=fp32")
    made = run(
        elsewhere,
        "src/train.py",
        *wide,
        "data.context_tokens=64",
        "trainer.threads=2",
        "schedule.warmup_steps=0",
        "trainer.evaluate_every_steps=4",
    )
    assert made.returncode == 0, made.stderr
    done = replayed(run, elsewhere, "changes=[trainer.threads:1]")
    assert "plan threads: 2 then, 1 now" in done.stdout + done.stderr
    assert done.returncode == 1, done.stdout


@pytest.mark.slow
def test_a_tampered_record_is_not_called_identical(prepared: Path, run: Run) -> None:
    [journal] = prepared.glob("mlruns/*/*/artifacts/journal.jsonl")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        if line["kind"] == "metrics" and line["step"] == 4:
            line["metrics"]["train/loss"] += 1e-7
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = replayed(run, prepared)
    assert done.returncode == 1
    assert "step 4 differs: train/loss" in done.stderr
    assert "Nothing that is recorded has moved" in done.stderr


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [("changes=[model.dropuot:0.1]", 2, "is no setting of the run"), ("steps=0", 2, "steps must be at least 1")],
)
def test_a_mistake_is_one_message(word: str, code: int, said: str, elsewhere: Path, run: Run) -> None:
    done = replayed(run, elsewhere, word)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_by_the_clock_is_refused(several: dict[str, Any], run: Run) -> None:
    clocked = several["by the clock"]
    done = run(clocked.project, "src/replay.py", clocked.folder.parent.name)
    assert done.returncode == 1
    assert "ended by the clock" in done.stderr
