"""Runs one function over many units in order, in processes when there is enough to share."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from typing import TypeVar

from assay.errors import MachineError

Work = TypeVar("Work")
Result = TypeVar("Result")

POOL_FROM_BYTES = 24 * 2**20
"""Below this a process's start (about 0.3 s of CPU) costs more than it saves."""


def in_order(function: Callable[[Work], Result], work: Iterator[Work], size_bytes: Callable[[Work], int], workers: int) -> Iterator[Result]:
    """Results in the order of `work`, whatever process made them. `workers` 0: one per core this process may use.

    Processes are spawned, not forked: the caller may hold threads (torch, MLflow), whose locks a fork copies in a locked state.
    """
    count = workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    first: list[Work] = []
    pending_bytes = 0
    while count > 1 and pending_bytes < POOL_FROM_BYTES:
        unit = next(work, None)
        if unit is None:
            break
        first.append(unit)
        pending_bytes += size_bytes(unit)
    if count == 1 or pending_bytes < POOL_FROM_BYTES:
        yield from map(function, chain(first, work))
        return
    yield from _pooled(function, chain(first, work), count)


@contextmanager
def kept_processes() -> Iterator[None]:
    """Within it the processes of one call of `in_order` are there for the next, which else loads once more what the first had loaded."""
    global _kept
    before, _kept = _kept, {} if _kept is None else _kept
    try:
        yield
    finally:
        if before is None:
            for executor in _kept.values():
                executor.shutdown(wait=True, cancel_futures=True)
        _kept = before


_kept: dict[int, ProcessPoolExecutor] | None = None
"""By their count, while a caller keeps them."""


@contextmanager
def _executor(count: int) -> Iterator[ProcessPoolExecutor]:
    with kept_processes():
        assert _kept is not None
        if count not in _kept:
            _kept[count] = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))
        yield _kept[count]


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
