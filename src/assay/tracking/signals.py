"""An orderly end when a person or a scheduler stops a run."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self

STOPPING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Within the block, SIGHUP, SIGINT and SIGTERM raise SystemExit with the shell's code for them, 128 + number.

    Python's own way will not do: Lightning turns KeyboardInterrupt into exit code 1 and a SIGTERM into 0, and a SIGTERM that nobody
    catches leaves a run that is "running" for ever. A signal that the parent process has switched off (nohup) stays off.
    """

    def __enter__(self) -> Self:
        self.ending = False
        self._before: dict[signal.Signals, Any] = {
            number: signal.signal(number, self._stop) for number in STOPPING if signal.getsignal(number) != signal.SIG_IGN
        }
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def hold(self) -> None:
        """The record is being closed: let that finish. A second Ctrl-C still ends it at once."""
        self.ending = True

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if not self.ending:
            self.ending = True  # `timeout` sends its signal twice; the second must not cut short what the first began
            raise SystemExit(128 + number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
