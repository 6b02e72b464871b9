"""DVC works where the source was unpacked from an archive, and uses git again where there is a repository."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from assay.data.without_git import LOCAL_CONFIG, tell_dvc_about_git
from assay.errors import MachineError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A pipeline of one stage, in no git repository."""
    root = tmp_path / "source ü"
    (root / ".dvc").mkdir(parents=True)
    (root / ".dvc/config").write_text("[core]\n    analytics = false\n")
    (root / "dvc.yaml").write_text("stages: {one: {cmd: python -V > out, outs: [out]}}")
    return root


def dvc(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "dvc", *words], cwd=root, capture_output=True, text=True, check=False)


def test_dvc_works_without_a_repository_and_is_told_when_there_is_one(root: Path) -> None:
    (root / LOCAL_CONFIG).write_text("[cache]\n    dir = kept elsewhere\n")
    assert "is not a git repository" in dvc(root, "status").stderr
    tell_dvc_about_git(root)
    assert dvc(root, "status").returncode == 0
    before = (root / LOCAL_CONFIG).stat().st_mtime_ns
    tell_dvc_about_git(root)
    assert (root / LOCAL_CONFIG).stat().st_mtime_ns == before
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    tell_dvc_about_git(root)
    assert "no_scm" not in (root / LOCAL_CONFIG).read_text()
    assert "kept elsewhere" in (root / LOCAL_CONFIG).read_text()
    assert dvc(root, "status").returncode == 0


def test_the_repository_around_the_project_is_not_used(root: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(root.parent)], check=True)
    tell_dvc_about_git(root)
    assert "no_scm = true" in (root / LOCAL_CONFIG).read_text()


def test_nothing_is_written_in_a_checkout(root: Path) -> None:
    (root / ".git").write_text("gitdir: ../elsewhere")  # as in a linked worktree
    tell_dvc_about_git(root)
    assert not (root / LOCAL_CONFIG).exists()


def test_a_setting_that_cannot_be_written_is_one_message(root: Path) -> None:
    (root / LOCAL_CONFIG).mkdir()
    with pytest.raises(MachineError, match=r"config\.local.*\n  Without a git repository it needs that setting\. Or run: git init"):
        tell_dvc_about_git(root)


@pytest.mark.fault("D2", inject="a project without .git, as a downloaded archive of the source is, also inside of another repository")
@pytest.mark.parametrize("around", [False, True])
def test_a_pipeline_runs_without_a_repository(
    around: bool, project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Any], tmp_path: Path
) -> None:
    folder = project()
    shutil.rmtree(folder / ".git")
    if around:
        subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    tiny_text(folder)
    (folder / "data.dvc").unlink()  # pins the default corpora, which this test does not fetch
    listed = {"corpora": {"tiny": {"raw": "data/local/tiny", "tokenizer": "byte"}}, "experiments": {}, "families": {}}
    (folder / "conf/pipeline.yaml").write_text(yaml.safe_dump(listed))
    collected = run(folder, "src/collect.py")
    assert collected.returncode == 0, collected.stderr
    assert "no git repository" in collected.stdout
    done = run(folder, sys.executable, "-m", "dvc", "repro", "tokenizer@tiny")
    assert done.returncode == 0, done.stderr
    assert (folder / "data/tokenizer/tiny-byte/manifest.json").is_file()
