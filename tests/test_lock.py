"""pyproject.toml, requirements.lock and the running environment say the same. Nothing is installed here."""

import re
import sysconfig
import tomllib
from importlib.metadata import distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRIES = re.split(r"(?m)^(?=[A-Za-z0-9])", LOCK)[1:]


def declared() -> list[Requirement]:
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    found = [Requirement(line) for lines in lists for line in lines]
    return [requirement for requirement in found if requirement.name != PROJECT["name"]]


def locked() -> dict[NormalizedName, Requirement]:
    found = [Requirement(re.split(r" \\$|\n", entry, maxsplit=1, flags=re.M)[0].strip()) for entry in ENTRIES]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def exact(requirement: Requirement) -> Version:
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return Version(specifier.version)


def test_each_package_is_locked_once_at_an_exact_version() -> None:
    assert len(ENTRIES) == len(locked()) > 100
    assert all(exact(requirement) for requirement in locked().values())


@pytest.mark.parametrize("requirement", [r for r in declared() if r.name != "torch"], ids=str)
def test_a_declared_package_is_locked_inside_its_range(requirement: Requirement) -> None:
    """If this fails: make lock"""
    assert exact(locked()[canonicalize_name(requirement.name)]) in requirement.specifier


def test_every_entry_has_hashes_and_nothing_weaker_than_sha256() -> None:
    for entry in ENTRIES:
        words = re.findall(r"--hash=(\w+):([0-9a-f]+)", entry)
        assert words, entry
        assert all(kind == "sha256" and len(digest) == 64 for kind, digest in words), entry


def test_the_lock_names_no_host_and_no_place_on_a_disk() -> None:
    lines = [line for line in LOCK.splitlines() if not line.startswith("    --hash=")]
    assert not [line for line in lines if re.search(r"://|^\s*-[a-z]|--(index|extra|find|trusted)|\s@\s|file:|\s/", line)]


def test_torch_and_what_only_a_cuda_build_needs_are_not_locked() -> None:
    """Each platform's own torch brings them, or does not; the lock would force them on everybody."""
    assert not [name for name in locked() if name == "torch" or name.startswith(("nvidia-", "cuda-", "triton", "torch-"))]


def test_releases_known_to_be_malicious_are_refused_by_range_and_lock() -> None:
    """GHSA-w37p-236h-pfx3: these two stole credentials when imported."""
    (lightning,) = [requirement for requirement in declared() if requirement.name == "pytorch-lightning"]
    for bad in ("2.6.2", "2.6.3"):
        assert Version(bad) not in lightning.specifier
        assert all(
            exact(requirement) != Version(bad) for name, requirement in locked().items() if name in ("lightning", "pytorch-lightning")
        )


@pytest.mark.parametrize(
    ("name", "last_refused"),
    [
        ("torch", "2.9.1"),  # CVE-2026-24747
        ("hydra-core", "1.3.5"),
        ("mlflow", "3.10.1"),
        ("pytorch-lightning", "2.6.5"),
        ("transformers", "5.2.0"),
    ],
)
def test_a_range_starts_above_the_last_release_with_a_known_hole(name: str, last_refused: str) -> None:
    (requirement,) = [requirement for requirement in declared() if requirement.name == name]
    assert Version(last_refused) not in requirement.specifier


def test_the_running_environment_has_the_locked_versions() -> None:
    """If this fails: make venv"""
    wanted = {name: exact(r) for name, r in locked().items() if r.marker is None or r.marker.evaluate()}
    # Not the whole of sys.path: setuptools, once imported, adds packages of its own to it.
    found = {canonicalize_name(d.metadata["Name"]): Version(d.version) for d in distributions(path=[sysconfig.get_path("purelib")])}
    assert {name: found.get(name) for name in wanted} == wanted


def test_the_makefile_installs_a_torch_that_the_project_accepts() -> None:
    (pinned,) = re.findall(r"torch==([0-9.]+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    (torch,) = [requirement for requirement in declared() if requirement.name == "torch"]
    assert Version(pinned) in torch.specifier
    assert Version(version("torch")).release == Version(pinned).release
