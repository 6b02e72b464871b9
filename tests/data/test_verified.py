import os
from pathlib import Path

import pytest

from assay.data import verified
from assay.data.verified import verify_once
from assay.errors import DataError
from assay.files import now, verify_manifest, write_manifest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that counts as large and was written long ago."""
    monkeypatch.setattr(verified, "SMALL_BYTES", 1)
    monkeypatch.setattr(verified, "now", lambda: now() + 60)
    made = tmp_path / "tokens"
    made.mkdir()
    (made / "train.bin").write_bytes(b"abcd" * 100)
    write_manifest(made)
    return made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders whose bytes were read."""
    found: list[Path] = []
    monkeypatch.setattr(verified, "verify_manifest", lambda path, repair: found.append(path) or verify_manifest(path, repair))
    return found


def test_an_untouched_folder_is_read_once(folder: Path, reads: list[Path], tmp_path: Path) -> None:
    one, two = verify_once(folder, "again", tmp_path / "memory"), verify_once(folder, "again", tmp_path / "memory")
    assert one == two
    assert reads == [folder]


def test_one_changed_byte_is_noticed_though_the_old_time_is_put_back(folder: Path, tmp_path: Path) -> None:
    verify_once(folder, "again", tmp_path / "memory")
    was = (folder / "train.bin").stat()
    with (folder / "train.bin").open("r+b") as stream:
        stream.write(b"X")
    os.utime(folder / "train.bin", ns=(was.st_atime_ns, was.st_mtime_ns))
    with pytest.raises(DataError, match=r"train\.bin was altered.*\n  Run: again"):
        verify_once(folder, "again", tmp_path / "memory")


def test_another_file_in_its_place_is_read(folder: Path, reads: list[Path], tmp_path: Path) -> None:
    verify_once(folder, "again", tmp_path / "memory")
    (folder / "copy").write_bytes((folder / "train.bin").read_bytes())
    (folder / "copy").replace(folder / "train.bin")
    verify_once(folder, "again", tmp_path / "memory")
    assert len(reads) == 2


def test_a_missing_file_is_named(folder: Path, tmp_path: Path) -> None:
    verify_once(folder, "again", tmp_path / "memory")
    (folder / "train.bin").unlink()
    with pytest.raises(DataError, match=r"train\.bin is missing"):
        verify_once(folder, "again", tmp_path / "memory")


def test_a_file_just_written_is_not_remembered(folder: Path, reads: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "now", now)
    for _ in range(2):
        verify_once(folder, "again", tmp_path / "memory")
    assert len(reads) == 2


def test_a_small_folder_is_always_read(folder: Path, reads: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "SMALL_BYTES", 10_000)
    for _ in range(2):
        verify_once(folder, "again", tmp_path / "memory")
    assert len(reads) == 2
    assert not (tmp_path / "memory").exists()


def test_a_damaged_record_is_as_good_as_none(folder: Path, reads: list[Path], tmp_path: Path) -> None:
    verify_once(folder, "again", tmp_path / "memory")
    for record in (tmp_path / "memory").iterdir():
        record.write_bytes(b"{")
    verify_once(folder, "again", tmp_path / "memory")
    assert len(reads) == 2
