"""Runs the HTML libraries in a child process, with a limit of time and memory for each page.

A page at which the child hangs, runs out of memory or crashes is dropped with its reason, and the next page gets a new child. Each
process that reads pages has one child of its own, which ends with it.
"""

import atexit
import mmap
import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from assay.data.cleaning.drop import Drop
from assay.data.html import child
from assay.data.html.child import ANSWER, EXTRACTORS, MEMORY_BYTES, READ, REQUEST

CPU_SECONDS = 10.0
"""CPU limit of one page: a hundred times what resiliparse takes for the largest that is read."""
WALL_SECONDS = 300.0
"""Wall-clock limit of one page: for a library that waits and uses no CPU. Far above CPU_SECONDS, since the machine may be busy."""
NOT_UTF8 = Drop("undecodable")
"""The result for a page that is not in UTF-8; the caller decodes it."""
REASONS = {
    child.NOT_UTF8: NOT_UTF8,
    child.TOO_DEEP: Drop("html_too_deep"),
    child.TOO_LARGE: Drop("html_too_large"),
    child.FAILED: Drop("html_unreadable"),
}
_SRC = Path(__file__).resolve().parents[3]


class HtmlProcess:
    """A child process and the memory that it shares with this one."""

    def __init__(self) -> None:
        descriptor = _shared_memory()
        self.memory = mmap.mmap(descriptor, MEMORY_BYTES)
        self.pages = 0
        path = os.pathsep.join([str(_SRC), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", child.__name__, str(descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=[descriptor],
            env={**os.environ, "PYTHONPATH": path},
        )
        os.close(descriptor)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.requests, self.answers = self.process.stdin.fileno(), self.process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self.answers, select.POLLIN)

    def extract(self, page: bytes, extractor: int, is_xhtml: bool, cpu_seconds: float, wall_seconds: float) -> tuple[str, str] | Drop:
        """(title, text), or why there is none. After `html_timeout` and `html_crashed` the process is gone."""
        self.memory[: len(page)] = page
        try:
            os.write(self.requests, REQUEST.pack(extractor, is_xhtml, len(page), cpu_seconds))
        except BrokenPipeError:
            return Drop("html_crashed")
        if not self._poll.poll(wall_seconds * 1000):
            return Drop("html_timeout")
        answer = os.read(self.answers, ANSWER.size)
        if len(answer) < ANSWER.size:
            return Drop("html_timeout" if self.process.wait() == -signal.SIGPROF else "html_crashed")
        self.pages += 1
        status, title_bytes, text_bytes = ANSWER.unpack(answer)
        if status != READ:
            return REASONS[status]
        content = memoryview(self.memory)
        return str(content[:title_bytes], "utf-8"), str(content[title_bytes : title_bytes + text_bytes], "utf-8")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.release()

    def release(self) -> None:
        """Give back what this process holds of it."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def extract_apart(
    page: bytes, extractor: str, is_xhtml: bool = False, cpu_seconds: float = CPU_SECONDS, wall_seconds: float = WALL_SECONDS
) -> tuple[str, str] | Drop:
    """(title, text) of a page in UTF-8 by one of EXTRACTORS, in the child process; or why there is none."""
    number = list(EXTRACTORS).index(extractor)
    for _ in range(2):
        process = _running()
        is_fresh = process.pages == 0
        found = process.extract(page, number, is_xhtml, cpu_seconds, wall_seconds)
        if not isinstance(found, Drop) or found.reason not in ("html_timeout", "html_crashed"):
            return found
        _end()
        # What a crash leaves behind must not depend on the pages before it: only one in a new process counts.
        if is_fresh or found.reason == "html_timeout":
            break
    return found


_process: HtmlProcess | None = None


def _running() -> HtmlProcess:
    global _process
    if _process is None:
        _process = HtmlProcess()
    return _process


def _end() -> None:
    global _process
    process, _process = _process, None
    if process is not None:
        process.close()


def _forget() -> None:
    """In a fork: the child belongs to the process that started it."""
    global _process
    process, _process = _process, None
    if process is not None:
        process.process.returncode = 0  # not this process's to wait for
        process.release()


atexit.register(_end)
os.register_at_fork(after_in_child=_forget)


def _shared_memory() -> int:
    """A file descriptor of MEMORY_BYTES that has no name: of memory, or where the system can't, of a deleted file."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("assay-html")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, MEMORY_BYTES)
    return descriptor
