"""Stored data that changes: dvc.lock, raw text, tokenizers and tokens, and a second process that makes them."""

import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from warm import WARM

from faults.corpora import PROSE, adds_up, card_of, corpus

Run = Callable[..., Any]
Project = Callable[..., Path]


# --- D2: dvc.lock ---


def cut_inside(content: str) -> str:
    return content[: content.index("md5: ", len(content) // 2) + 9]


def without_a_stage(content: str) -> str:
    lock = yaml.safe_load(content)
    del lock["stages"]["tokens@shakespeare"]
    return yaml.safe_dump(lock)


SPOILT_LOCKS: dict[str, tuple[Callable[[str], str], str]] = {
    "emptied": (lambda content: "", "is damaged: it is empty, or was cut"),
    "cut": (cut_inside, "is damaged"),
    "one stage lost": (without_a_stage, "has lost 1 stages that the last commit has: tokens@shakespeare"),
    "conflict": (lambda content: f"<<<<<<< HEAD\n{content}=======\n{content}>>>>>>> other\n", "marks of a merge"),
}


@pytest.mark.fault("D2", inject="dvc.lock emptied, cut inside a stage, without one of its stages, with the marks of a merge")
@pytest.mark.parametrize("how", SPOILT_LOCKS)
def test_a_lock_that_lost_stages_is_refused_before_the_pipeline_runs(how: str, project: Project, run: Run) -> None:
    folder = project()
    for words in (["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    spoil, said = SPOILT_LOCKS[how]
    whole = (folder / "dvc.lock").read_text()
    (folder / "dvc.lock").write_text(spoil(whole))
    done = run(folder, "src/collect.py")
    assert (done.returncode, said in done.stderr) == (3, True), done.stderr
    assert not (folder / "data").exists()
    [repair] = [line.partition("Run: ")[2].partition("   ")[0] for line in done.stderr.splitlines() if "Run: " in line]
    subprocess.run(shlex.split(repair), cwd=folder, check=True)
    assert (folder / "dvc.lock").read_text() == whole


@pytest.mark.slow
@pytest.mark.fault("D2", inject="a stage of dvc.yaml whose output lies in another's")
def test_two_stages_that_write_to_one_place_are_refused(project: Project, run: Run) -> None:
    folder = project()
    pipeline = yaml.safe_load((folder / "dvc.yaml").read_text())
    pipeline["stages"]["twice"] = {"cmd": "true", "outs": ["data/clean/shakespeare/train.parquet"]}
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
    done = run(folder, sys.executable, "-m", "dvc", "repro", "--dry")
    assert done.returncode != 0
    assert "overlap" in done.stderr
    assert "data/clean/shakespeare" in done.stderr


# --- D3, D4, D5: stored data that changes ---


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


PLACES = {
    "raw": "data/local/tiny/files/00-tiny_text/00.txt",
    "tokenizer in the cache": "data/cache/tokenizer/*/tokenizer.json",
    "tokens in the cache": "data/cache/tokens/*/train.bin",
    "tokenizer of the pipeline": "data/tokenizer/tiny-byte/tokenizer.json",
    "tokens of the pipeline": "data/tokens/tiny-byte/val.bin",
}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.fault("D3", inject="one byte changed in the raw text, in tokens and tokenizer, of the cache and of the pipeline")
def test_one_changed_byte_stops_a_training_and_the_command_named_repairs_it(trained: Any, tmp_path: Path, run: Run) -> None:
    folder = shutil.copytree(trained.project, tmp_path / "project", symlinks=True)
    for name, place in PLACES.items():
        if name == "tokenizer of the pipeline":
            for script in ("src/clean.py", "src/learn_tokenizer.py", "src/encode.py"):
                assert run(folder, script, "data=tiny", *["tokenizer=byte"][: script != "src/clean.py"]).returncode == 0
        [path] = folder.glob(place)
        flip(path)
        done = run(folder, "src/train.py", *trained.words, "seed=2")
        assert done.returncode == 3, name
        assert f"{path} was altered" in done.stderr
        assert "\nstep " not in done.stdout
        assert len(list(folder.glob("mlruns/*/*/artifacts"))) == 1, "no run was begun"
        [repair] = [line.partition("Run: ")[2].partition("   ")[0] for line in done.stderr.splitlines() if "Run: " in line]
        words = shlex.split(repair)
        assert run(folder, *words[words[0] == "python" :]).returncode == 0, repair
    again = run(folder, "src/train.py", *trained.words)
    assert again.returncode == 0, again.stderr
    assert len(list(folder.glob("mlruns/*/*/artifacts"))) == 1, "the data are those of the run that is there"


@pytest.mark.fault("D3", inject="one byte changed in the tokens that texts keep when a threshold is moved")
def test_tokens_that_texts_would_keep_are_encoded_again_once_they_were_altered(project: Project, run: Run) -> None:
    folder = project()
    (corpus(folder, "tiny", format="lines") / "a.txt").write_text("".join(PROSE))
    assert run(folder, "src/collect.py", "tiny").returncode == 0
    for script in ("src/clean.py", "src/learn_tokenizer.py", "src/encode.py"):
        assert run(folder, script, "data=tiny", *["tokenizer=byte"][: script != "src/clean.py"]).returncode == 0
    [store] = folder.glob("data/cache/encoded/*/")
    said, tokens = [], []
    for spoilt in (False, True, None):
        words = f"cleaning.min_characters={1 if spoilt else len(PROSE[10].strip())}"
        assert run(folder, "src/clean.py", "data=tiny", words).returncode == 0
        if spoilt:
            flip(store / "train.bin")
        if spoilt is None:
            shutil.rmtree(store)
        done = run(folder, "src/encode.py", "data=tiny", "tokenizer=byte", words)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
        tokens.append({path.name: path.read_bytes() for path in folder.glob("data/tokens/tiny-byte/*")})
    assert "encoded 0 of 30 documents, 30 kept their tokens" in said[0]
    assert "stored tokens can't be used, so all is encoded again" in said[1]
    assert "kept their tokens" not in said[1] + said[2]
    assert tokens[0] == tokens[2] != tokens[1]


SWAP = """
import pathlib, shutil, numpy
import assay.trainer.progress as progress
from assay.files import draft_folder, read_manifest, write_manifest
real = progress.TrainingProgress.step

def step(self, *words, **more):
    if progress.TrainingProgress.step is not real:
        progress.TrainingProgress.step = real
        [home] = pathlib.Path("data/cache/tokens").glob("[0-9a-f]*/")
        with draft_folder(home) as draft:
            for path in home.iterdir():
                shutil.copyfile(path, draft / path.name)
            for name in ("train", "val", "test"):
                tokens = numpy.fromfile(draft / f"{name}.bin", "<u2")
                tokens[::-1].tofile(draft / f"{name}.bin")
            manifest = read_manifest(draft)
            (draft / "manifest.json").unlink()
            write_manifest(draft, **{key: manifest[key] for key in ("fingerprint", "stage", "corpus", "made_from")})
    return real(self, *words, **more)

progress.TrainingProgress.step = step
"""


@pytest.mark.slow
@pytest.mark.fault("D5", inject="other tokens put in the folder's place after the first step of a training that reads them")
def test_a_training_reads_the_tokens_that_it_opened_to_its_end(trained: Any, tmp_path: Path) -> None:
    folder = shutil.copytree(trained.project, tmp_path / "project", symlinks=True)
    before = {path: path.read_bytes() for path in folder.glob("data/cache/tokens/*/*.bin")}
    with WARM.command(folder / "src/train.py", [*trained.words, "rerun=true"], folder, code=SWAP) as command:
        assert command.wait(120) == 0, command.err.read_text()
    assert all(path.read_bytes() != content for path, content in before.items()), "the swap took place"
    results = {path.parent: json.loads(path.read_bytes()) for path in folder.glob("mlruns/*/*/artifacts/result.json")}
    first, second = results.values()
    for name in ("losses_sha256", "weights_sha256"):
        assert first[name] == second[name]
    metrics = ({key: value for key, value in each["metrics"].items() if not key.startswith("speed")} for each in (first, second))
    assert next(metrics) == next(metrics)


HOLD = """
import pathlib, time
pathlib.Path("held").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.05)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.fault("D5", inject="a second `dvc repro` while the first is cleaning")
def test_a_second_repro_is_refused_and_the_first_is_unharmed(project: Project, run: Run) -> None:
    folder = project()
    (corpus(folder, "tiny") / "a.txt").write_text("\n\n".join(PROSE))
    (folder / "data.dvc").unlink()
    (folder / "dvc.lock").unlink()
    listed = {"corpora": {"tiny": {"raw": "data/local/tiny", "tokenizer": "byte"}}, "experiments": {}, "families": {}}
    (folder / "conf/pipeline.yaml").write_text(yaml.safe_dump(listed))
    pipeline = yaml.safe_load((folder / "dvc.yaml").read_text())
    pipeline["stages"] = {"clean": pipeline["stages"]["clean"]}
    pipeline["stages"]["clean"]["do"]["cmd"] = f"python hold.py && {pipeline['stages']['clean']['do']['cmd']} cleaning.passage_bytes=64"
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
    (folder / "hold.py").write_text(HOLD)
    assert run(folder, "src/collect.py", "tiny").returncode == 0
    command = [sys.executable, "-m", "dvc", "repro"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as first:
        deadline = time.monotonic() + 60
        while not (folder / "held").exists() and time.monotonic() < deadline and first.poll() is None:
            time.sleep(0.05)
        second = run(folder, *command)
        (folder / "go").touch()
        said = first.communicate(timeout=120)[0]
    assert second.returncode != 0
    assert f"PID {first.pid}" in second.stderr
    assert first.returncode == 0, said
    assert adds_up(card_of(folder, "tiny"))
