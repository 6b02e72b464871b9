"""A project in which runs can be killed and their disk filled, without root."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.crash import LONG, Bench, tiny_project
from faults.injection import COMPILER, build_shim


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None:
        pytest.skip("not run: there is no C compiler for the faults below Python")
    return build_shim(tmp_path_factory.mktemp("shim"))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory, shim: Path, clean_environment: None) -> Iterator[Bench]:
    """Runs of six steps with dropout, evaluated and saved at every second."""
    made = Bench(*tiny_project(tmp_path_factory.mktemp("faults") / "short", {}), shim)
    with made.forks:
        yield made


@pytest.fixture(scope="session")
def long_bench(tmp_path_factory: pytest.TempPathFactory, shim: Path, clean_environment: None) -> Iterator[Bench]:
    """Runs of 400 steps, saved at every ninth."""
    made = Bench(*tiny_project(tmp_path_factory.mktemp("faults") / "long", LONG), shim)
    with made.forks:
        yield made
