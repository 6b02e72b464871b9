"""Where compiled kernels are kept: in a folder that belongs to exactly the sources that are compiled into them.

Numba keeps a compiled function for as long as the file that it stands in is the same. The functions, constants and intrinsics of other files
that are compiled into it are not looked at, so after an update old machine code would run on, and nothing would say so.
"""

import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import llvmlite
import numba
import numpy as np

from assay.closure import closure
from assay.data.kernel_notice import announce_compilation
from assay.files import ROOT, canonical_json, sha256_bytes

settings: Any = numba.config
P = ParamSpec("P")
R = TypeVar("R")

KEY_CHARACTERS = 16
NUMBAS_OWN = "UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator,IPythonCacheLocator,ZipCacheLocator"
"""For functions of other packages: what Numba takes where NUMBA_CACHE_LOCATOR_CLASSES says nothing."""

NOT_COMPILED = ("NUMBA_CACHE_", "NUMBA_NUM_THREADS", "NUMBA_DEBUG_CACHE")
"""Numba's variables without an effect on machine code. Others, such as NUMBA_OPT and NUMBA_BOUNDSCHECK, have one."""


def njit(*arguments: Any, **options: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """numba.njit, with KernelFolder as the place of what `cache=True` keeps. Every kernel is compiled by it."""
    others = os.environ.get("NUMBA_CACHE_LOCATOR_CLASSES") or NUMBAS_OWN
    # Said each time, since Numba reads its settings again where a variable NUMBA_... was changed.
    settings.CACHE_LOCATOR_CLASSES = f"{KernelFolder.__module__}.{KernelFolder.__qualname__},{others}"
    announce_compilation()
    decorator: Callable[[Callable[P, R]], Callable[P, R]] = numba.njit(*arguments, **options)
    return decorator


def sources_of(module: str, root: Path = ROOT) -> dict[str, str]:
    """The files of a module and of all that it imports, with a hash of the code of each; but for those that serve the cache or
    say that a kernel is compiled."""
    return closure([module], root, outside=("assay.closure", "assay.data.kernel_notice", "assay.files"))


def key_of(sources: dict[str, str]) -> str:
    """A hash of the sources and of what compiles them. Numba itself tells apart CPUs and its own releases."""
    versions = [numba.__version__, llvmlite.__version__, np.__version__, platform.python_version()]
    chosen = {name: value for name, value in os.environ.items() if name.startswith("NUMBA_") and not name.startswith(NOT_COMPILED)}
    return sha256_bytes(canonical_json([sources, versions, chosen]))


class KernelFolder:
    """A locator of Numba's cache, as NUMBA_CACHE_LOCATOR_CLASSES names it."""

    def __init__(self, function: Any, file: str) -> None:
        self._py_file = file  # Numba names it in a warning about a function that can't be kept
        self._line = function.__code__.co_firstlineno
        self._module = function.__module__

    @classmethod
    def from_function(cls, function: Any, file: str) -> "KernelFolder | None":
        """None for a function that is not of this project: the next locator is asked."""
        return cls(function, file) if function.__module__.startswith("assay.") else None

    def get_cache_path(self) -> str:
        return str(_folder(self._module))

    def ensure_cache_path(self) -> None:
        Path(self.get_cache_path()).mkdir(parents=True, exist_ok=True)

    def get_source_stamp(self) -> str:
        return _key(self._module)

    def get_disambiguator(self) -> str:
        return str(self._line)


@cache
def _key(module: str) -> str:
    return key_of(sources_of(module))


@cache
def _folder(module: str) -> Path:
    """In NUMBA_CACHE_DIR, or beside the source, or in the user's cache: the first that can be written to; else until this process ends."""
    name = f"{module}-{_key(module)[:KEY_CHARACTERS]}"
    beside = ROOT.joinpath("src", *module.split(".")[:-1], "__pycache__")
    users = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "assay" / "kernels"
    for folder in (Path(settings.CACHE_DIR) if settings.CACHE_DIR else beside, users):
        if not _edited(module) and _can_be_written_to(folder / name):
            return folder / name
    return Path(_until_the_end().name) / name


def _edited(module: str) -> bool:
    """Whether a source was changed since this process began: it may have been imported as it was before, which the key does not say."""
    return any(_AT_START.get(str(ROOT / path)) != _state((ROOT / path).stat()) for path in sources_of(module))


def _state(found: os.stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size


def _states(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _states(entry.path)
            elif entry.name.endswith(".py"):
                yield entry.path, _state(entry.stat())


_AT_START = dict(_states(str(ROOT / "src/assay")))


def _can_be_written_to(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


@cache
def _until_the_end() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="assay-kernels-")
