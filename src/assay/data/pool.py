"""Runs one function over many units in order, in processes when there is enough to share."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assay.data.engine.schema import EngineSchema
from assay.data.hidden import leave_pandas_out
from assay.errors import MachineError
from assay.files import sweep_drafts

if TYPE_CHECKING:
    from assay.data.engine.ray_tasks import RayTasks

Work = TypeVar("Work")
Result = TypeVar("Result")

POOL_FROM_BYTES = 24 * 2**20
"""Below this a process's start (about 0.3 s of CPU) costs more than it saves."""


def process_count(workers: int) -> int:
    """`workers` 0: one per core this process may use."""
    return workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))


def in_order(
    function: Callable[[Work], Result],
    work: Iterator[Work],
    size_bytes: Callable[[Work], int],
    workers: int,
    pool_from_bytes: int | None = None,
) -> Iterator[Result]:
    """Results in the order of `work`, whatever process made them: of this machine, or of the engine that kept_processes was given.

    Processes are spawned, not forked: the caller may hold threads (torch, MLflow), whose locks a fork copies in a locked state.
    """
    if _kept is not None and _kept.ray is not None:
        yield from _kept.ray.in_order(function, work, workers)
        return
    count = process_count(workers)
    enough_bytes = POOL_FROM_BYTES if pool_from_bytes is None else pool_from_bytes
    first: list[Work] = []
    pending_bytes = 0
    apart = _kept is not None and _kept.apart
    while (count > 1 or apart) and pending_bytes < enough_bytes:
        unit = next(work, None)
        if unit is None:
            break
        first.append(unit)
        pending_bytes += size_bytes(unit)
    if (count == 1 and not apart) or pending_bytes < enough_bytes:
        yield from map(function, chain(first, work))
        return
    yield from _pooled(function, chain(first, work), count)


@dataclass
class _Kept:
    """Executors by their count of processes."""

    ray: "RayTasks | None" = None
    apart: bool = False
    executors: dict[int, ProcessPoolExecutor] = field(default_factory=dict)

    def close(self) -> None:
        for executor in self.executors.values():
            executor.shutdown(wait=True, cancel_futures=True)
        if self.ray is not None:
            self.ray.close()


@contextmanager
def kept_processes(engine: EngineSchema | None = None, shared: Path | None = None, apart: bool = False) -> Iterator[None]:
    """Within it `engine` does the work of in_order, and what was started for one call is there for the next, which else would load the
    same again. Inside of another such block that one's engine stands.

    `shared`: a folder of the disk that the work reads and writes. `apart`: a single worker is a process of its own, too, so that what it
    loads does not stand in the caller's memory. Raises MachineError where the engine is not installed.
    """
    global _kept
    before, _kept = _kept, _begin(engine, shared) if _kept is None else _kept
    _kept.apart |= apart
    try:
        yield
    finally:
        kept, _kept = _kept, before
        if before is None:
            kept.close()


_kept: _Kept | None = None
"""While a caller keeps them."""


def _begin(engine: EngineSchema | None, shared: Path | None) -> _Kept:
    if engine is None or shared is None:
        return _Kept()
    sweep_drafts(shared / "engine")  # of a command that was killed while it used Ray
    if engine.kind == "local":
        return _Kept()
    from assay.data.engine.ray_tasks import RayTasks

    return _Kept(RayTasks(engine.address, shared))


@contextmanager
def _executor(count: int) -> Iterator[ProcessPoolExecutor]:
    with kept_processes():
        assert _kept is not None
        if count not in _kept.executors:
            _kept.executors[count] = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), leave_pandas_out)
        yield _kept.executors[count]


def _pooled(function: Callable[[Work], Result], work: Iterator[Work], count: int) -> Iterator[Result]:
    with _executor(count) as executor:
        running: deque[Future[Result]] = deque()
        try:
            for unit in work:
                running.append(executor.submit(function, unit))
                if len(running) >= 2 * count:  # bounds the memory that waiting units take
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BrokenProcessPool:
            raise MachineError(
                "A worker process was killed, most likely because memory ran out.\n  Run again with fewer: data.workers=1"
            ) from None
        finally:
            for future in running:
                future.cancel()
            wait(running)  # nobody may write any more where the caller cleans up
