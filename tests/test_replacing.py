"""What may be lost when a folder is replaced: nothing that the same command did not write."""

from pathlib import Path

import pytest

from assay.errors import ConfigError
from assay.files import draft_folder, write_manifest
from assay.replacing import named_in_manifest, refuse_another_run, refuse_to_lose


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    with draft_folder(tmp_path / "out") as draft:
        (draft / "part").mkdir()
        (draft / "part/a.txt").touch()
        write_manifest(draft)
    return tmp_path / "out"


def test_what_a_manifest_names_may_be_replaced_and_so_may_nothing(finished: Path) -> None:
    refuse_to_lose(finished, named_in_manifest(finished, "part/a.txt"), "output=out")
    refuse_to_lose(finished.with_name("absent"), (), "output=absent")


@pytest.mark.parametrize("name", ["notes.txt", "part/b.txt", ".hidden"])
def test_a_file_of_somebody_else_is_named_and_kept(finished: Path, name: str) -> None:
    (finished / name).touch()
    with pytest.raises(ConfigError, match=rf"output=out: .*/out would be replaced, and {name} in it, .* would be lost"):
        refuse_to_lose(finished, named_in_manifest(finished, "part/a.txt"), "output=out")


def test_a_folder_without_a_manifest_is_somebody_elses(finished: Path) -> None:
    (finished / "manifest.json").unlink()
    assert named_in_manifest(finished, "part/a.txt") == set()
    with pytest.raises(ConfigError, match=r"part/a\.txt"):
        refuse_to_lose(finished, named_in_manifest(finished, "part/a.txt"), "output=out")


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(ConfigError, match="is a file"):
        refuse_to_lose(tmp_path / "out", (), "output=out")


def test_what_another_run_exported_stays(tmp_path: Path) -> None:
    exported = {"run_id": "a1", "identity": "same", "name": "nano"}
    refuse_another_run(tmp_path, exported, "a1", "export=OTHER")
    refuse_another_run(tmp_path, exported, "b2", "export=OTHER", "same")  # by rerun=true
    with pytest.raises(ConfigError, match=r"holds the export of another run, nano \(a1\)\.\n  Type: export=OTHER, or .*: rm -r "):
        refuse_another_run(tmp_path, exported, "b2", "export=OTHER", "other")
    with pytest.raises(ConfigError, match="another run"):
        refuse_another_run(tmp_path, exported, None, "export=OTHER")


def test_finished_data_of_another_kind_is_somebody_elses(finished: Path) -> None:
    assert named_in_manifest(finished, "weights.safetensors") == set()
