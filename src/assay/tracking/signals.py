"""An orderly end when a person or a scheduler stops a run."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

STOPPING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
GRACE_SECONDS = 7.0  # for the step under way; schedulers kill after ten or more, and a checkpoint has to be written in the rest


class StopSignals:
    """Within the block, SIGHUP, SIGINT and SIGTERM end the program by SystemExit with the shell's code for them, 128 + number.

    At once, or, within `politely`, when the work asks for it (`leave_if_asked`), GRACE_SECONDS later at most. Python's own way will not
    do: Lightning turns KeyboardInterrupt into exit code 1 and a SIGTERM into 0, and a SIGTERM that nobody catches leaves a run that is
    "running" for ever. A signal that the parent process has switched off (nohup) stays off.
    """

    def __init__(self) -> None:
        self.asked: int | None = None
        self.ending = False
        self._polite = False
        self._hurried = True

    def __enter__(self) -> Self:
        self._before: dict[int, Any] = {number: signal.getsignal(number) for number in (*STOPPING, signal.SIGALRM)}
        self.install()
        return self

    def install(self) -> None:
        """Again, after a library has put handlers of its own in the way: Lightning's make a SIGTERM an exit with code 0."""
        own = {signal.SIGALRM: self._time_is_up, **dict.fromkeys(STOPPING, self._stop)}
        for number, handler in own.items():
            if self._before[number] != signal.SIG_IGN:
                signal.signal(number, handler)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def politely(self) -> Iterator[None]:
        """The work within looks whether it is asked to stop."""
        with self._manners(True):
            yield

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """A part of polite work that can be cut short anywhere."""
        with self._manners(False):
            self.leave_if_asked()
            yield

    @contextmanager
    def _manners(self, polite: bool) -> Iterator[None]:
        before, self._polite = self._polite, polite
        try:
            yield
        finally:
            self._polite = before

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """A context in which the limit after a stop does not count: a checkpoint is worth more than it, whether the stop came before or comes meanwhile."""
        self._hurried = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            yield
        finally:
            self._hurried = True

    def leave_if_asked(self) -> None:
        if self.asked is not None and not self.ending:
            self._leave(self.asked)

    def hold(self) -> None:
        """The record is being closed: let that finish. A second Ctrl-C still ends it at once."""
        self.ending = True
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.ending:
            if number == signal.SIGINT:
                raise KeyboardInterrupt
        elif self.asked is None:
            self.asked = number
            if not self._polite:
                self._leave(number)
            if self._hurried:
                signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
        elif number == signal.SIGINT:  # a second Ctrl-C; `timeout` sends its SIGTERM twice and means one
            self._leave(number)

    def _time_is_up(self, number: int, frame: FrameType | None) -> None:
        self.leave_if_asked()

    def _leave(self, number: int) -> NoReturn:
        self.ending = True
        raise SystemExit(128 + number)
