"""Cleaned bytes: nothing but the raw text and the config shows in them, and no kill."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from faults.cleaning import FULL, SHORT, Cleaner, kill_cleaning, wait

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


@pytest.mark.slow
@pytest.mark.fault("D12", inject="two and four processes")
def test_how_many_processes_clean_does_not_show(cleaner: Cleaner) -> None:
    cleaner.write(files=8)
    one, two, four = (cleaner.clean(f"data.workers={count}", recipe=SHORT) for count in (1, 2, 4))
    assert one == two == four


@pytest.mark.slow
@pytest.mark.fault("D12", inject="tasks of Ray; another locale, time zone and order of sets; files written in reverse order")
@pytest.mark.parametrize(
    ("words", "environment"),
    [(["data.workers=2", "engine=ray"], {}), (["data.workers=1"], ELSEWHERE), (["data.workers=1"], {})],
    ids=["ray", "elsewhere", "backwards"],
)
def test_who_cleans_where_and_in_which_order_does_not_show(
    cleaner: Cleaner, alone: dict[str, Any], words: list[str], environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    if "backwards" in request.node.name:
        cleaner.write(files=8, order=-1)
    assert cleaner.clean(*words, **environment) == alone


@pytest.mark.slow
@pytest.mark.fault("D12", inject="the same records in 1, 8 and 64 files, in reverse order, where `id_field` names them")
@pytest.mark.parametrize(("files", "backwards"), [(1, False), (64, False), (8, True)])
def test_how_records_lie_in_files_does_not_show(cleaner: Cleaner, alone: dict[str, Any], files: int, backwards: bool) -> None:
    cleaner.write(files, records=-1 if backwards else 1)
    assert cleaner.clean("data.workers=1") == alone


@pytest.mark.slow
@pytest.mark.fault(
    "D1", inject="SIGKILL for cleaning and its processes at random moments, again and again, in the middle of its stores too"
)
def test_kills_of_cleaning_leave_the_manifest_of_none_and_never_half_a_file(cleaner: Cleaner) -> None:
    cleaner.write(files=8)
    assert kill_cleaning(cleaner, 5, seed=2, say=print, words=[*SHORT, "data.workers=2"]) > 0


@pytest.mark.slow
@pytest.mark.fault("D1", inject="SIGKILL for the command alone while Ray does its work; then the same without Ray")
def test_what_ray_had_finished_is_there_for_who_goes_on(cleaner: Cleaner, alone: dict[str, Any]) -> None:
    cleaner.write(files=8)
    cleaner.forget()
    with cleaner.begin(*FULL, "engine=ray", "data.workers=2") as command:
        wait(command, 120, lambda: cleaner.finished_parts() >= 4)
        assert not command.ended(), command.err.read_text()
        os.kill(command.pid, signal.SIGKILL)
        command.wait(60)
    before = cleaner.whole(alone)
    with cleaner.begin(*FULL, "data.workers=1") as command:
        assert command.wait(120) == 0, command.err.read_text()
    assert cleaner.manifest() == alone
    assert len(before & cleaner.whole(alone)) >= 4
    assert cleaner.left() == []
