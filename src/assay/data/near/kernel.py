"""Compilation of the kernels of this package: once, for one signature, kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import types

from assay.data.kernel_cache import njit

Function = TypeVar("Function", bound=Callable[..., Any])

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
