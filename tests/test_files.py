"""Files are whole or not there, and say so when they were altered."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assay.errors import ConfigError, DataError
from assay.files import (
    canonical_json,
    draft_file,
    draft_folder,
    growing_folder,
    in_use,
    lock,
    project_path,
    put_in_place,
    read_manifest,
    remove_folder,
    shown_path,
    sweep_all_drafts,
    sweep_drafts,
    typed_path,
    unused,
    verify_manifest,
    write_atomic,
    write_manifest,
)

SRC = Path(__file__).resolve().parents[1] / "src"
KILLED_AT = """
import os, sys
from pathlib import Path
from assay import files
left, folder = int(sys.argv[1]), Path(sys.argv[2])
def counted(name):
    real = getattr(os, name)
    def call(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os._exit(9)  # nothing is cleaned up, as after SIGKILL
        return real(*args, **kwargs)
    setattr(os, name, call)
for name in ("fsync", "rename", "replace", "mkdir", "unlink"):
    counted(name)
files.write_atomic(folder / "file", b"new" * 1000)
with files.draft_folder(folder / "made") as draft:
    (draft / "part").write_bytes(b"new")
    files.write_manifest(draft)
with files.growing_folder(folder / "grown") as draft:
    files.write_atomic(draft / "one", b"1")
    files.write_atomic(draft / "two", b"2")
"""


def test_one_value_has_one_byte_form() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == canonical_json({"a": "é", "b": 1}) == '{"a":"é","b":1}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_a_kill_at_any_call_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    seen = set()
    for calls in range(60):
        folder = tmp_path / str(calls)
        folder.mkdir()
        (folder / "file").write_bytes(b"old")
        code = subprocess.run([sys.executable, "-c", KILLED_AT, str(calls), str(folder)], cwd=SRC, check=False).returncode
        content = (folder / "file").read_bytes()
        assert content in (b"old", b"new" * 1000)
        made = (folder / "made").exists()
        if made:
            verify_manifest(folder / "made", "again")
        seen.add((content[:3], made))
        if (folder / "grown").exists():
            assert sorted(path.name for path in (folder / "grown").iterdir()) == ["one", "two"]
        sweep_drafts(folder / "made")
        assert not list(folder.glob(".made.*"))
        if code == 0:
            break
    assert code == 0
    assert (folder / "grown").exists()
    assert seen == {(b"old", False), (b"new", False), (b"new", True)}


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")

    def stopped() -> None:
        with draft_file(tmp_path / "file") as draft:
            draft.write_bytes(b"ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}
    with draft_file(tmp_path / "file") as draft:
        draft.write_bytes(b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"new"}


def test_what_had_grown_when_a_process_was_stopped_is_there_again(tmp_path: Path) -> None:
    def stopped() -> None:
        with growing_folder(tmp_path / "grown") as folder:
            write_atomic(folder / "one", b"1")
            (folder / ".two.draft-1").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not (tmp_path / "grown").exists()
    with growing_folder(tmp_path / "grown") as folder:
        assert [path.name for path in folder.iterdir()] == ["one"]
    assert (tmp_path / "grown/one").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["grown"]


def test_a_write_that_fails_half_way_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    code = (
        "import resource, sys; from pathlib import Path; from assay.files import write_atomic\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "write_atomic(Path(sys.argv[1]), b'new' * 100_000)"
    )
    failed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "file")], cwd=SRC, capture_output=True, check=False)
    assert b"File too large" in failed.stderr
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_an_error_inside_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made/part").write_bytes(b"old")

    def fail() -> None:
        with draft_folder(tmp_path / "made") as draft:
            (draft / "part").write_bytes(b"new")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert (tmp_path / "made/part").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_folder_in_place_holds_only_the_new_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with draft_folder(tmp_path / "made") as draft:
            (draft / name).write_bytes(b"x")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["two"]


def test_drafts_of_running_processes_stay(tmp_path: Path) -> None:
    mine = tmp_path / f".made.draft-{os.getppid()}"
    gone = tmp_path / ".made.draft-999999999"
    for folder in (mine, gone):
        folder.mkdir()
    sweep_drafts(tmp_path / "made")
    assert mine.exists()
    assert not gone.exists()


def test_a_kill_between_the_two_renames_loses_no_finished_folder(tmp_path: Path) -> None:
    """The old version was moved aside and the new one never came: the next writer finds the old one in its place."""
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    ).stdout.strip()
    aside = tmp_path / f".data.old-{gone}"
    aside.mkdir()
    (aside / "kept").write_text("whole")
    sweep_drafts(tmp_path / "data")
    assert (tmp_path / "data" / "kept").read_text() == "whole"
    assert not aside.exists()


def test_every_draft_goes_where_one_process_alone_writes(tmp_path: Path) -> None:
    """Whoever's number it bears: after a restart of the machine another process may have it."""
    for name in (f".a.draft-{os.getppid()}", ".b.draft-999999999", ".step_000000004.draft-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").write_text("half")
    (tmp_path / f".config.yaml.draft-{os.getppid()}").write_text("half")
    (tmp_path / "kept").mkdir()
    (tmp_path / ".hidden").write_text("no draft")
    sweep_all_drafts(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "kept"]
    sweep_all_drafts(tmp_path / "not there")


def test_what_was_moved_aside_comes_back_unless_the_new_version_is_there(tmp_path: Path) -> None:
    for name in (".step_2.old-999999999", ".step_4.old-999999999", "step_4"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "of").write_text(name)
    sweep_all_drafts(tmp_path)
    assert {path.name: (path / "of").read_text() for path in tmp_path.iterdir()} == {"step_2": ".step_2.old-999999999", "step_4": "step_4"}


def test_put_in_place_replaces(tmp_path: Path) -> None:
    (tmp_path / "draft").write_bytes(b"new")
    write_atomic(tmp_path / "deep/file", b"old")
    put_in_place(tmp_path / "draft", tmp_path / "deep/file")
    assert (tmp_path / "deep/file").read_bytes() == b"new"
    assert not (tmp_path / "draft").exists()


def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/part").write_bytes(b"text")
    write_manifest(folder, purpose="test")
    return folder


def test_a_manifest_tells_what_is_there_and_what_for(tmp_path: Path) -> None:
    manifest = verify_manifest(made(tmp_path), "again")
    assert manifest["purpose"] == "test"
    assert list(manifest["files"]) == ["deep/part"]
    assert manifest["files"]["deep/part"]["bytes"] == 4


def test_altered_missing_and_edited_data_are_refused_by_name_with_the_command(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "deep/part").write_bytes(b"test")
    with pytest.raises(DataError, match=r"deep/part was altered: expected sha256 .*\n  Run: again"):
        verify_manifest(folder, "again")
    (folder / "deep/part").unlink()
    with pytest.raises(DataError, match=r"deep/part is missing; manifest\.json lists it\.\n  Run: again"):
        verify_manifest(folder, "again")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "files": {}}))
    with pytest.raises(DataError, match="was edited"):
        verify_manifest(folder, "again")
    (folder / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="is no manifest"):
        read_manifest(folder)
    with pytest.raises(DataError, match="is missing, or was never finished"):
        verify_manifest(tmp_path / "nowhere", "again")


def test_a_lock_is_waited_for_after_one_word_about_its_holder(tmp_path: Path) -> None:
    told: list[str] = []
    order: list[str] = []

    def second() -> None:
        with lock(tmp_path / "a.lock", told.append):
            order.append("second")

    with lock(tmp_path / "a.lock"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert told == [f"process {os.getpid()} on {os.uname().nodename}"]


def test_what_is_in_use_or_locked_is_not_unused_and_what_is_not_cannot_be_taken_meanwhile(tmp_path: Path) -> None:
    guards = [tmp_path / "a.use", tmp_path / "a.lock"]
    with in_use(tmp_path / "a"), in_use(tmp_path / "a"), unused(guards) as free:
        assert not free
    with lock(tmp_path / "a.lock"), unused(guards) as free:
        assert not free
    with unused(guards) as free:
        assert free
        with unused(guards) as again:
            assert not again
    with unused(guards) as free:
        assert free


def test_a_folder_that_is_removed_has_lost_its_name_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final = tmp_path / "a"
    final.mkdir()
    (final / "x").write_bytes(b"x")

    def killed(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_folder(final)
    assert not final.exists()
    sweep_drafts(final)
    assert not list(tmp_path.iterdir())


def test_a_home_is_found_and_all_else_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed_path("~/texts") == tmp_path / "texts"
    assert typed_path("a ~/b") == Path("a ~/b")


def test_a_home_of_nobody_is_told() -> None:
    with pytest.raises(ConfigError, match="~no-such-person/texts: there is no home folder of that name"):
        typed_path("~no-such-person/texts")


def test_a_path_of_a_config_begins_at_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert project_path("a/b", tmp_path / "project") == tmp_path / "project/a/b"
    assert project_path("~/a", tmp_path / "project") == tmp_path / "a"
    assert project_path("/a", tmp_path / "project") == Path("/a")


def test_a_path_is_shown_as_it_can_be_typed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert shown_path(tmp_path / "here/a") == "a"
    assert shown_path(tmp_path / "other/a") == str(tmp_path / "other/a")


def test_whoever_wrote_a_file_the_umask_says_who_may_read_it(tmp_path: Path) -> None:
    """Some libraries write by way of a temporary file, which only its owner may read."""
    with draft_folder(tmp_path / "out") as draft:
        for name, mode in (("weights", 0o600), ("program", 0o700), ("plain", 0o644)):
            (draft / name).touch()
            (draft / name).chmod(mode)
    with draft_file(tmp_path / "one") as draft:
        draft.touch(0o600)
    (tmp_path / "like").touch()
    usual = (tmp_path / "like").stat().st_mode
    assert [(tmp_path / name).stat().st_mode for name in ("out/weights", "out/plain", "one")] == [usual] * 3
    assert (tmp_path / "out/program").stat().st_mode & 0o100
