"""A unit of work in a process of Ray, maybe on another machine: first it is checked that the process may do it."""

import platform
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from assay.errors import MachineError

SEEN_SECONDS = 5
"""A network file system may show a new folder late."""
LIBRARIES = ("numba", "numpy", "pyarrow", "tokenizers", "xxhash")


@dataclass(frozen=True)
class Place:
    """Conditions under which a process may do this session's work: the folder `sign`, which only one disk has, and the same libraries."""

    sign: Path
    versions: tuple[tuple[str, str], ...]

    @classmethod
    def here(cls, sign: Path) -> "Place":
        return cls(sign, _versions())

    def complaint(self) -> str | None:
        """Say which condition does not hold, for unfit()."""
        until = time.monotonic() + SEEN_SECONDS
        while not self.sign.is_dir():
            if time.monotonic() > until:
                return f"does not see the files of {self.sign.parents[1]} on the machine that the command was typed on"
            time.sleep(0.2)
        own = dict(_versions())
        other = [f"{name} {own[name]} in place of {wanted}" for name, wanted in self.versions if own[name] != wanted]
        return f"has {', '.join(other)}" if other else None


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of all that could make other bytes of the same unit."""
    found = {"Python": platform.python_version(), "Unicode": unicodedata.unidata_version}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return tuple(found.items())


_complaint = cache(Place.complaint)


def unfit(node: str, complaint: str) -> str:
    return (
        f"The Ray node {node} {complaint}.\n"
        "  engine=ray on a cluster needs this project's folder and its .venv under the same path on every node, on a shared file system.\n"
        "  Share it, or leave the node out, or leave out engine.address."
    )


def do_unit(place: Place, function: list[Any], unit: Any) -> Any:
    """`function`: one reference to it, so that a process fetches it once for all its units."""
    if (complaint := _complaint(place)) is not None:
        raise MachineError(unfit(platform.node(), complaint))
    return _fetched(function[0])(unit)


@lru_cache(maxsize=1)
def _fetched(reference: Any) -> Callable[[Any], Any]:
    """Return the function of a unit, kept by the process: what it builds, such as tables, is there for the next unit."""
    import ray

    function: Callable[[Any], Any] = ray.get(reference)
    return function
