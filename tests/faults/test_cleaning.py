"""Cleaned bytes: nothing but the raw text and the config shows in them, and no kill."""

from collections.abc import Iterator
from typing import Any

import pytest

from faults.cleaning import SHORT, Cleaner, kill_cleaning

ELSEWHERE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Pacific/Apia", "PYTHONHASHSEED": "1"}
"""ASCII as the encoding of files and the terminal, the far side of the date line, another order of sets."""


@pytest.fixture(scope="module")
def cleaner(tmp_path_factory: pytest.TempPathFactory, clean_environment: None) -> Cleaner:
    return Cleaner(tmp_path_factory.mktemp("cleaning") / "project")


@pytest.fixture(scope="module")
def alone(cleaner: Cleaner) -> Iterator[dict[str, Any]]:
    """The manifest of one process."""
    cleaner.write(files=8)
    return cleaner.clean("data.workers=1")


def made(manifest: dict[str, Any]) -> dict[str, Any]:
    """What of a manifest is not the hash of the raw files, which are others where the same records are cut otherwise."""
    files = {name: facts for name, facts in manifest["files"].items() if name.endswith(".parquet") or name == "drops.jsonl"}
    return {"documents": manifest["documents"], "files": files}


@pytest.mark.slow
@pytest.mark.fault(
    "D12", inject="two and four processes; tasks of Ray; another locale, time zone and order of sets; files written backwards"
)
@pytest.mark.parametrize("how", ["two", "four", "ray", "elsewhere", "backwards"])
def test_who_cleans_where_and_in_which_order_does_not_show(cleaner: Cleaner, alone: dict[str, Any], how: str) -> None:
    if how == "elsewhere":
        assert cleaner.clean("data.workers=1", **ELSEWHERE) == alone
        return
    words = {"two": ["data.workers=2"], "four": ["data.workers=4"], "ray": ["data.workers=2", "engine=ray"]}
    assert cleaner.clean(*words.get(how, ["data.workers=1"])) == alone


@pytest.mark.slow
@pytest.mark.fault("D12", inject="the same records in 1, 8 and 64 files, in reverse order, where `id_field` names them")
@pytest.mark.parametrize(("files", "backwards"), [(1, False), (64, False), (8, True)])
def test_how_records_lie_in_files_does_not_show(cleaner: Cleaner, alone: dict[str, Any], files: int, backwards: bool) -> None:
    cleaner.write(files, backwards)
    assert made(cleaner.clean("data.workers=1")) == made(alone)


@pytest.mark.slow
@pytest.mark.fault(
    "D1", inject="SIGKILL for cleaning and its processes at random moments, again and again, in the middle of its stores too"
)
def test_kills_of_cleaning_leave_the_manifest_of_none_and_never_half_a_file(cleaner: Cleaner) -> None:
    cleaner.write(files=8)
    assert kill_cleaning(cleaner, 6, seed=2, say=print, words=[*SHORT, "data.workers=2"]) > 0
