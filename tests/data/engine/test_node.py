from dataclasses import replace
from pathlib import Path

import pytest

from assay.data.engine import node
from assay.data.engine.node import Place, do_unit, unfit
from assay.errors import MachineError


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "SEEN_SECONDS", 0)


def test_a_process_that_does_not_see_the_folder_does_no_work(tmp_path: Path) -> None:
    """Else it would write its part to a disk of its own, and the documents would be missing."""
    place = Place.here(tmp_path / "shared" / "engine" / "token")
    with pytest.raises(MachineError, match=r"does not see the files of .*shared on the machine.*\n.*shared file system"):
        do_unit(place, [], "a unit")


def test_a_process_with_another_library_does_no_work(tmp_path: Path) -> None:
    place = Place.here(tmp_path)
    assert place.complaint() is None
    name, here = place.versions[-1]
    other = replace(place, versions=(*place.versions[:-1], (name, "0.1")))
    assert other.complaint() == f"has {name} {here} in place of 0.1"


def test_what_may_change_bytes_is_compared() -> None:
    names = [name for name, _ in Place.here(Path()).versions]
    assert {"Python", "Unicode", "numpy", "pyarrow", "tokenizers"} <= set(names)
    assert "missing" not in dict(Place.here(Path()).versions).values()


def test_the_message_says_what_to_do() -> None:
    assert unfit("n7", "does not answer").splitlines()[0] == "The Ray node n7 does not answer."
    assert "leave out engine.address" in unfit("n7", "does not answer")
