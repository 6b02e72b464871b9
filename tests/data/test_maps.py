from pathlib import Path

import numpy as np
import pytest

from assay.data import maps
from assay.data.maps import Parts, StoredRows, give_back, map_file


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """Ten rows of three numbers, in three files."""
    whole = np.arange(30, dtype=np.uint32).reshape(10, 3)
    for number, (start, end) in enumerate([(0, 4), (4, 5), (5, 10)]):
        np.save(tmp_path / f"{number}.npy", whole[start:end])
    return Parts([np.load(tmp_path / f"{number}.npy", mmap_mode="r") for number in range(3)], tmp_path)


@pytest.mark.parametrize("limit_bytes", [0, 2**20])
@pytest.mark.parametrize("wanted", [[0, 3, 4, 9], [4], list(range(10)), [7, 8]])
def test_rows_are_those_of_the_whole(wanted: list[int], limit_bytes: int, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "IN_MEMORY_BYTES", limit_bytes)
    whole = [[3 * row, 3 * row + 1, 3 * row + 2] for row in wanted]
    found = parts.rows(np.array(wanted))
    assert isinstance(found, StoredRows) == (limit_bytes == 0)
    assert (len(found), found.shape) == (len(wanted), (len(wanted), 3))
    assert [found[start : start + 2].tolist() for start in range(0, 12, 2)] == [whole[start : start + 2] for start in range(0, 12, 2)]
    places = [len(wanted) - 1, 0, 0]
    assert found.take(np.array(places), axis=0).tolist() == [whole[place] for place in places]
    assert found.take(np.empty(0, dtype=np.int64), axis=0).shape == (0, 3)
    assert sorted(path.name for path in parts.scratch.iterdir()) == ["0.npy", "1.npy", "2.npy"]


def test_of_no_rows_there_are_none(parts: Parts) -> None:
    assert parts.rows(np.empty(0, dtype=np.int64)).shape == (0, 3)


def resident_bytes(path: Path) -> int:
    """Of a file's maps in this process."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.endswith(str(path)))
    return next(int(line.split()[1]) * 1024 for line in lines[place:] if line.startswith("Rss:"))


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux says what of a map is in memory")
def test_what_was_read_is_given_back_and_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 4096 * 4)
    mapped = map_file(path)
    assert int(np.frombuffer(mapped, dtype=np.uint8).sum()) == sum(range(256)) * 4096 * 4
    assert resident_bytes(path) == 2**22
    give_back(np.frombuffer(mapped, dtype=np.uint8)[5:])
    assert resident_bytes(path) == 0
    assert mapped[255] == 255


def test_an_array_in_memory_stays_as_it_is() -> None:
    array = np.arange(10)
    give_back(array[2:])
    assert array.sum() == 45
