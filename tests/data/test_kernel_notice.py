"""Compilation of kernels is announced once, and only where it takes time."""

import pytest

from assay.data import kernel_notice
from assay.data.kernel_notice import NOTICE, CompilationNotice


def compile_for(notice: CompilationNotice, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """A compilation with another one inside; the timer's wait is compared with `seconds`, and nothing is waited for."""

    class Timer:
        daemon = False

        def __init__(self, wait: float, say: object) -> None:
            self.wait, self.say = wait, say

        def start(self) -> None:
            if self.wait <= seconds:
                self.say()  # type: ignore[operator]

        def cancel(self) -> None:
            pass

    now = iter([0.0, seconds])
    monkeypatch.setattr(kernel_notice.threading, "Timer", Timer)
    monkeypatch.setattr(kernel_notice.time, "monotonic", lambda: next(now))
    for happens in (notice.on_start, notice.on_start, notice.on_end, notice.on_end):
        happens(None)


@pytest.mark.parametrize(("each", "lines"), [([0.2], 0), ([0.2, 0.2], 0), ([3.0], 1), ([0.7, 0.7], 1), ([3.0, 3.0], 1)])
def test_it_is_said_once_when_all_compilations_together_take_a_second(
    each: list[float], lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = CompilationNotice()
    notice._done = False  # this may be a worker of the tests
    for seconds in each:
        with monkeypatch.context() as patch:
            compile_for(notice, patch, seconds)
    assert capsys.readouterr().err.count(NOTICE) == lines
