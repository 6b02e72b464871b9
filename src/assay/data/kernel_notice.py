"""One line on the error output while kernels are compiled, which takes up to a minute the first time; nothing where they are kept already."""

import multiprocessing
import sys
import threading
import time
from typing import Any

from numba.core import event

QUIET_SECONDS = 1.0
"""A command that compiles for no longer says nothing."""
NOTICE = "compiling kernels for this machine: up to a minute, once for each version of the code"


class CompilationNotice(event.Listener):
    """Prints NOTICE once, when a process has compiled for QUIET_SECONDS in all. Of several workers the first one does."""

    def __init__(self) -> None:
        self._depth, self._seconds, self._started = 0, 0.0, 0.0
        self._timer: threading.Timer | None = None
        self._done = multiprocessing.current_process().name.rpartition("-")[2] not in ("MainProcess", "1")

    def on_start(self, event: Any) -> None:
        """A kernel that calls another one compiles it within its own compilation."""
        self._depth += 1
        if self._depth > 1 or self._done:
            return
        self._started = time.monotonic()
        self._timer = threading.Timer(max(0.0, QUIET_SECONDS - self._seconds), self._say)
        self._timer.daemon = True
        self._timer.start()

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._seconds += time.monotonic() - self._started

    def _say(self) -> None:
        if not self._done:
            self._done = True
            print(NOTICE, file=sys.stderr, flush=True)


def announce_compilation() -> None:
    """Begin to listen, once in a process."""
    global _listener
    if _listener is None:
        _listener = CompilationNotice()
        event.register("numba:compile", _listener)  # type: ignore[no-untyped-call]


_listener: CompilationNotice | None = None
