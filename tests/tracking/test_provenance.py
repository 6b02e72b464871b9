"""Where code and data of a run come from."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from assay.tracking import provenance


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    (tmp_path / "src/assay/__pycache__").mkdir(parents=True)
    (tmp_path / "src/assay/model.py").write_text("x = 1\n")
    (tmp_path / "src/assay/__pycache__/model.pyc").write_bytes(b"compiled")
    (tmp_path / "src/assay/.model.py.swp").write_bytes(b"an editor's")
    (tmp_path / "src/assay/pages").mkdir()
    (tmp_path / "src/assay/pages/style.css").write_text("body {}")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/train.yaml").write_text("seed: 1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/private.txt").write_text("not code")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return tmp_path


def git(root: Path, *words: str) -> None:
    settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *settings, *words], check=True, capture_output=True)


def test_the_archive_holds_the_source_as_it_is_on_disk_and_nothing_else(root: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(provenance.source_archive())) as archive:
        found = {name: archive.extractfile(name).read() for name in archive.getnames()}  # type: ignore[union-attr]
    assert found == {
        "conf/train.yaml": b"seed: 1\n",
        "pyproject.toml": b"[project]\n",
        "src/assay/model.py": b"x = 1\n",
        "src/assay/pages/style.css": b"body {}",
    }


def test_the_archives_bytes_depend_on_the_files_alone(root: Path) -> None:
    first = provenance.source_archive()
    path = root / "src/assay/model.py"
    path.unlink()
    path.write_text("x = 1\n")  # another time, another inode, perhaps another order
    path.chmod(0o700)
    assert provenance.source_archive() == first
    assert first[4:8] == bytes(4)  # gzip's own time
    path.write_text("x = 2\n")
    assert provenance.source_archive() != first


def test_git_gives_the_commit_and_what_was_not_committed(root: Path) -> None:
    assert provenance.git_facts() == {}
    git(root, "init", "--quiet")
    assert provenance.git_facts() == {}
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "one")
    clean = provenance.git_facts()
    assert len(clean["commit"]) == 40
    assert clean["diff"] == ""
    (root / "src/assay/model.py").write_text("x = 2\n")
    changed = provenance.git_facts()
    assert changed["commit"] == clean["commit"]
    assert "-x = 1\n+x = 2\n" in changed["diff"]


@pytest.fixture
def another_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project lies in a folder of a repository that knows nothing of it, and that holds a change."""
    outer = tmp_path / "outer ü"
    (outer / "project").mkdir(parents=True)
    git(outer, "init", "--quiet")
    (outer / "diary.txt").write_text("monday")
    git(outer, "add", "diary.txt")
    git(outer, "commit", "--quiet", "-m", "one")
    (outer / "diary.txt").write_text("private")
    monkeypatch.setattr(provenance, "ROOT", outer / "project")
    return outer


def test_the_repository_around_the_project_is_not_its_own(another_repository: Path) -> None:
    assert provenance.git_facts() == {}
    project = another_repository / "project"
    git(project, "init", "--quiet")
    assert provenance.git_facts() == {}
    (project / "model.py").write_text("x = 1\n")
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "own")
    found = provenance.git_facts()
    assert len(found["commit"]) == 40
    assert found["diff"] == ""


def test_a_repository_that_the_environment_names_is_not_asked(another_repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(another_repository / ".git"))
    assert provenance.git_facts() == {}


def test_a_linked_worktree_a_submodule_and_a_symbolic_link_have_their_own_commit(
    another_repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = subprocess.run(["git", "-C", str(another_repository), "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout
    git(another_repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked worktree"))
    holder = tmp_path / "holder"
    holder.mkdir()
    git(holder, "init", "--quiet")
    git(holder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(another_repository), "part")
    (tmp_path / "link").symlink_to(tmp_path / "linked worktree")
    for place in ("linked worktree", "holder/part", "link"):
        monkeypatch.setattr(provenance, "ROOT", tmp_path / place)
        assert provenance.git_facts()["commit"] == commit.strip()


def test_without_a_git_program_nothing_is_known(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(root, "init", "--quiet")
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "one")
    monkeypatch.setenv("PATH", str(root))
    assert provenance.git_facts() == {}


def test_dvcs_hashes_are_those_of_its_lock_files(root: Path) -> None:
    assert provenance.dvc_hashes() == {}
    (root / "data.dvc").write_text("outs:\n- {md5: aa.dir, path: data/raw}\n")
    (root / "dvc.lock").write_text(
        "stages:\n  clean@a:\n    cmd: x\n    outs:\n    - {path: data/clean/a, md5: bb.dir}\n  compare:\n    cmd: x\n"
    )
    assert provenance.dvc_hashes() == {"data/raw": "aa.dir", "data/clean/a": "bb.dir"}
    (root / "dvc.lock").write_text("stages: {broken")
    assert provenance.dvc_hashes() == {"data/raw": "aa.dir"}


def test_packages_are_listed_once_in_order() -> None:
    lines = provenance.installed_packages().splitlines()
    assert lines == sorted(set(lines), key=str.lower)
    assert any(line.startswith("torch==") for line in lines)


def test_the_machine_is_described() -> None:
    facts = provenance.machine_facts()
    assert set(facts) == {"cpu", "cores", "platform", "python"}
    assert int(facts["cores"]) >= 1
