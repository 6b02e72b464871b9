"""Progress of a stage in bytes: a bar with rate and time left on a terminal, nothing elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int | None], None]
"""Bytes so far, and of all where that is known."""


@contextmanager
def byte_progress(title: str) -> Iterator[Progress]:
    if not sys.stdout.isatty():
        yield lambda done_bytes, total_bytes: None
        return
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bars(*columns, transient=True) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done_bytes, total_bytes: bars.update(task, completed=done_bytes, total=total_bytes)
