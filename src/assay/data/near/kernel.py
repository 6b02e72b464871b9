"""How kernels of this package are compiled: once, for one signature, kept on disk.

A kernel uses no kernel or constant of another file: the compiled form on disk is looked up by its own file's date, and would keep the old one.
But for intrinsics, for whose sake all are compiled anew.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit, types

from assay.data.kernel_cache import INTRINSICS, drop_stale

Function = TypeVar("Function", bound=Callable[..., Any])

drop_stale(Path(__file__).parent, [INTRINSICS])

int64, uint64, boolean = types.int64, types.uint64, types.boolean


def reads(kind: Any, dimensions: int = 1) -> Any:
    """Type of an array that is not written to; one that could be is taken too."""
    return types.Array(kind, dimensions, "C", readonly=True)


def writes(kind: Any, dimensions: int = 1) -> Any:
    return types.Array(kind, dimensions, "C")


def compiled(signature: Any) -> Callable[[Function], Function]:
    decorator: Any = njit(signature, cache=True, nogil=True)
    return cast("Callable[[Function], Function]", decorator)


def inlined(function: Function) -> Function:
    """A part of the kernels of one file."""
    part: Any = njit(forceinline=True)(function)
    return cast("Function", part)
