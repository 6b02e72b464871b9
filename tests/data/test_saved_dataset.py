"""Only the files that a saved data set lists are read."""

import json
from pathlib import Path

import pytest

from assay.data.saved_dataset import files_left_out
from assay.errors import DataError


def saved(folder: Path, *files: str, listed: tuple[str, ...], **state: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        (folder / name).touch()
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in listed], **state}))


def left_out(folder: Path, read: bool = True) -> set[str]:
    return files_left_out(folder, lambda name: read, "place")


@pytest.mark.fault("D20", inject="files of caches beside those that a saved data set lists, also without a name that tells")
def test_tables_that_a_data_set_does_not_list_are_left_out(tmp_path: Path) -> None:
    saved(tmp_path / "train", "data-0.arrow", "cache-1.arrow", "shuffled.arrow", listed=("data-0.arrow",))
    saved(tmp_path / "old", "data-0.arrow", listed=("data-0.arrow",))
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train"]}')
    assert left_out(tmp_path) == {"train/cache-1.arrow", "train/shuffled.arrow", "old/data-0.arrow"}


def test_a_folder_without_a_list_leaves_nothing_out(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").touch()
    assert left_out(tmp_path) == set()


def test_a_listed_file_that_is_not_there_is_missed_only_where_it_would_be_read(tmp_path: Path) -> None:
    saved(tmp_path, "data-0.arrow", listed=("data-0.arrow", "data-1.arrow"))
    with pytest.raises(DataError, match=r"place: state\.json names data-1\.arrow, which is not there"):
        left_out(tmp_path)
    assert left_out(tmp_path, read=False) == set()


def test_rows_chosen_by_indices_and_a_damaged_list_are_refused(tmp_path: Path) -> None:
    saved(tmp_path / "a", "data-0.arrow", listed=("data-0.arrow",), _indices_data_files=[{"filename": "indices.arrow"}])
    with pytest.raises(DataError, match=r"chosen by a file of indices(?s:.*)flatten_indices"):
        left_out(tmp_path / "a")
    saved(tmp_path / "b", listed=())
    for damage in ("{", "[]", '{"_data_files": 3}', '{"_data_files": {"a": 1}}'):
        (tmp_path / "b/state.json").write_text(damage)
        with pytest.raises(DataError, match=r"state\.json"):
            left_out(tmp_path / "b")
