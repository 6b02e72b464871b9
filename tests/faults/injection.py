"""Starts src/train.py with a fault waiting below Python: the process is killed, or the disk full, at a chosen call that changes a file."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).resolve().parent
MODES = {"count": 0, "kill": 1, "tear": 2, "full": 3}
COMPILER = shutil.which("cc")


def build_shim(folder: Path) -> Path:
    """Compile shim.c. Raises CalledProcessError with the compiler's words."""
    target = folder / "shim.so"
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-O1", "-o", str(target), str(HERE / "shim.c"), "-ldl"], check=True)
    return target


@dataclass(frozen=True)
class Ended:
    """A forked run: its exit code, negative for a signal, and all it printed."""

    code: int
    output: str


class Forks:
    """One process of a project with everything imported, from which runs are forked."""

    def __init__(self, project: Path, shim: Path, name: str = "first") -> None:
        self.project = project
        self._out = project.parent / f"{project.name}.{name}.out"
        environment = {**os.environ, "LD_PRELOAD": str(shim), "OMP_WAIT_POLICY": "PASSIVE", "MLFLOW_LOGGING_LEVEL": "CRITICAL"}
        self._server = subprocess.Popen(
            [sys.executable, str(HERE / "server.py")],
            cwd=project,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.communicate()  # its input ends, and so does it

    def start(
        self,
        words: list[str],
        mode: str = "count",
        at: int = -1,
        part: str = "",
        log: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> int:
        """The id of a process that runs with a fault at call number `at`, from 1, of those under mlruns/ whose path holds `part`."""
        self._out.unlink(missing_ok=True)
        fault = {"mode": MODES[mode], "at": at, "under": str(self.project / "mlruns"), "part": part, "log": str(log or "")}
        self._say({"words": words, "out": str(self._out), "environment": environment or {}, **fault})
        return int(self._answer()["pid"])

    def wait(self) -> Ended:
        code = int(self._answer()["code"])
        return Ended(code, self._out.read_text(errors="replace"))

    def run(self, words: list[str], *fault: Any, **more: Any) -> Ended:
        """`start`, with its arguments, then `wait`."""
        self.start(words, *fault, **more)
        return self.wait()

    def calls(self, words: list[str]) -> list[str]:
        """What an undisturbed run does under mlruns/, in order: `write /tiny/ID/artifacts/journal.jsonl`."""
        log = self._out.with_suffix(".calls")
        log.unlink(missing_ok=True)
        ended = self.run(words, log=log)
        assert ended.code == 0, ended.output
        return [line.partition(" ")[2] for line in log.read_text().splitlines()]

    def output(self) -> str:
        """So far."""
        return self._out.read_text(errors="replace") if self._out.exists() else ""

    def _say(self, request: dict[str, Any]) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, "the server ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


def was_killed(ended: Ended) -> bool:
    return ended.code == -signal.SIGKILL
