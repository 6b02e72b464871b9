"""What is refused of dvc.lock before the pipeline runs."""

import subprocess
from pathlib import Path

import pytest
import yaml

from assay.data.lockfile import check_lockfile
from assay.errors import DataError
from assay.files import ROOT

FILE = {"path": "a", "hash": "md5", "md5": "ab" * 16, "size": 1}
STAGE = {"cmd": "python src/clean.py", "deps": [FILE], "outs": [FILE]}
LOCK = {"schema": "2.0", "stages": {"clean@one": STAGE, "clean@two": STAGE, "compare": STAGE}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of two corpora, committed."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/pipeline.yaml").write_text(
        "corpora: {one: {raw: a, tokenizer: byte}, two: {raw: b, tokenizer: byte}}\nexperiments:\n"
    )
    (tmp_path / "dvc.yaml").write_text("stages: {clean: {}, compare: {}}")
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(LOCK))
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def test_a_whole_file_passes_and_so_does_one_with_more_stages(root: Path) -> None:
    check_lockfile(root)
    (root / "dvc.lock").write_text(yaml.safe_dump({**LOCK, "stages": {**LOCK["stages"], "clean@three": STAGE}}))  # type: ignore[dict-item]
    check_lockfile(root)


def test_the_projects_own_passes() -> None:
    check_lockfile(ROOT)


@pytest.mark.parametrize("lost", ["clean@two", "compare"])
def test_a_stage_that_the_last_commit_has_is_missed_by_name(root: Path, lost: str) -> None:
    stages = {name: stage for name, stage in LOCK["stages"].items() if name != lost}  # type: ignore[attr-defined]
    (root / "dvc.lock").write_text(yaml.safe_dump({**LOCK, "stages": stages}))
    with pytest.raises(DataError, match=f"lost 1 stages .*: {lost}(?s:.*)Run: git checkout dvc.lock"):
        check_lockfile(root)


def test_a_file_that_is_gone_is_missed(root: Path) -> None:
    (root / "dvc.lock").unlink()
    with pytest.raises(DataError, match="lost 3 stages"):
        check_lockfile(root)


def test_a_stage_that_is_asked_for_no_longer_is_not_missed(root: Path) -> None:
    (root / "conf/pipeline.yaml").write_text("corpora: {one: {raw: a, tokenizer: byte}}")
    (root / "dvc.yaml").write_text("stages: {clean: {}}")
    (root / "dvc.lock").write_text(yaml.safe_dump({**LOCK, "stages": {"clean@one": STAGE}}))
    check_lockfile(root)


def test_cut_after_any_byte_it_is_refused(root: Path) -> None:
    """But within the size at its end, which nothing depends on."""
    whole = (root / "dvc.lock").read_text()
    for end in range(len(whole.rstrip()) - len("    size: 1"), -1, -7):
        (root / "dvc.lock").write_text(whole[:end])
        with pytest.raises(DataError, match=r"Run: git checkout dvc\.lock"):
            check_lockfile(root)


@pytest.mark.parametrize("content", ["", "[]", "stages:", "stages: {clean@one: 3}", "<<<<<<< HEAD\nschema: 2\n", "\0", "a: b: c"])
def test_damage_is_refused_without_a_commit_too(tmp_path: Path, content: str) -> None:
    check_lockfile(tmp_path)
    (tmp_path / "dvc.lock").write_text(content)
    with pytest.raises(DataError, match=r"Run: rm dvc\.lock; dvc repro"):
        check_lockfile(tmp_path)
