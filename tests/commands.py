"""How tests start the project's commands."""

import math
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from warm import FORK_REPLAY, WARM


@dataclass(frozen=True)
class Finished:
    """A command that ended. CPU seconds (user and system) include its own children."""

    returncode: int
    stdout: str
    stderr: str
    cpu_seconds: float


def start(
    project: Path, *argv: str, env: dict[str, str] | None = None, cwd: Path | None = None, timeout: float = 300, cold: bool = False
) -> Finished:
    """Wait for a command. One of src/ is forked from WARM and its CPU seconds are NaN, unless it has an `env` of its own or is to be `cold`."""
    if argv[0].startswith("src/") and argv[0].endswith(".py") and not (env or cold or WARM.busy.locked()) and WARM.fits():
        code = FORK_REPLAY if argv[0] == "src/replay.py" else ""
        with WARM.command(project / argv[0], argv[1:], cwd or project, code=code) as command:
            ended = command.wait(timeout)
            return Finished(ended, command.out.read_text(encoding="utf-8"), command.err.read_text(encoding="utf-8"), math.nan)
    command = [sys.executable, str(project / argv[0]), *argv[1:]] if argv[0].endswith(".py") else list(argv)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=cwd or project, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode(), cpu_seconds)
