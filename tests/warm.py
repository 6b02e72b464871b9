"""A process with the large libraries imported, from which the project's commands are forked: each saves the seconds of its own start.

The command is the real one, in a process of its own: its folder, words, environment, output, exit code and Python's own end are those of
`python src/train.py`. What differs is that other people's modules are there already, and one hash seed for all that are forked from one server.
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORK_REPLAY = """
import os, runpy, subprocess, sys
real = subprocess.Popen

def popen(command, **how):
    def run():  # in the child, instead of the new Python
        for name in [name for name in sys.modules if name.partition(".")[0] == "assay"]:
            del sys.modules[name]
        os.environ.clear()
        os.environ.update(how["env"])
        sys.path[0], sys.argv = os.environ["PYTHONPATH"], command[2:]
        code = 1
        try:
            runpy.run_module(command[2], run_name="__main__")
        except SystemExit as end:
            code = end.code
        finally:
            sys.stderr.flush()
            os._exit(code)

    return real(command, **how, preexec_fn=run if command[1:3] == ["-m", "assay.trainer.again"] else None)

subprocess.Popen = popen
"""
"""Run before src/replay.py: its training is forked from it, with nothing of the project imported, and saves the seconds of its own start."""

PASSING = ("PYTEST_", "KMP_", "HF_HUB_OFFLINE", "MLFLOW_LOGGING_LEVEL", "_MLFLOW_", "PYTORCH_NVML_", "RAY_CLIENT_MODE", "TORCHINDUCTOR_")
"""Variables that pytest, libraries when a test imports them and our own code set: a command may be forked with or without them."""


@dataclass
class Warm:
    """The server of a session of tests, started when a command first asks for it. One command at a time. `environment`: the session's, at its start."""

    environment: dict[str, str] = field(default_factory=lambda: settings())
    server: "subprocess.Popen[bytes] | None" = None
    busy: threading.Lock = field(default_factory=threading.Lock)

    def fits(self) -> bool:
        """Whether a process started now would find the environment that the server found."""
        return settings() == self.environment

    @contextmanager
    def command(self, script: Path, words: Sequence[str], cwd: Path, **first: str) -> Iterator["Command"]:
        """A command that has begun. `first`: variables it is given, and `code` that it runs before all else."""
        with self.busy, tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            code = first.pop("code", "")
            request = {"argv": [str(script), *words], "cwd": str(cwd), "places": [out.name, err.name], "code": code}
            self.ask({**request, "environment": {**os.environ, **first}})
            command = Command(self, self.answer(None), Path(out.name), Path(err.name))
            try:
                yield command
            finally:
                if command.code is None:
                    os.kill(command.pid, signal.SIGKILL)
                    command.wait()

    def ask(self, request: dict[str, Any]) -> None:
        if self.server is None:
            self.server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment)
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(request).encode() + b"\n")
        self.server.stdin.flush()

    def answer(self, timeout: float | None) -> int:
        assert self.server is not None
        assert self.server.stdout is not None
        if not select.select([self.server.stdout], [], [], timeout)[0]:
            raise TimeoutError
        line = self.server.stdout.readline()
        assert line, "the server of warm commands ended"
        return int(line)

    def close(self) -> None:
        if self.server is not None:
            self.server.communicate()  # its input ends, and so does it
            self.server = None


@dataclass
class Command:
    """`code`, when it has ended: its exit code, negative for a signal."""

    warm: Warm
    pid: int
    out: Path
    err: Path
    code: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Raises TimeoutError."""
        if self.code is None:
            self.code = self.warm.answer(timeout)
        return self.code

    def lines(self) -> Iterator[str]:
        """What it prints, line by line, until it ends."""
        with self.out.open(encoding="utf-8", newline="") as stream:
            begun = ""
            while True:
                ended = self.ended()  # asked first: what was printed before the end is then there to be read
                begun += stream.read()
                *whole, begun = begun.split("\n")
                yield from (f"{line}\n" for line in whole)
                if ended:
                    return
                time.sleep(0.002)

    def ended(self) -> bool:
        with suppress(TimeoutError):
            self.wait(timeout=0)
        return self.code is not None


def settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(PASSING)}


def serve() -> dict[str, Any]:
    """Returns in the forked processes only, each with its request."""
    while line := sys.stdin.buffer.readline():
        request: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            return request
        os.write(1, b"%d\n" % pid)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)


def become(request: dict[str, Any]) -> None:
    """What a new process finds when it begins."""
    for number, place, how in ((0, os.devnull, os.O_RDONLY), *((i + 1, place, os.O_WRONLY) for i, place in enumerate(request["places"]))):
        handle = os.open(place, how | os.O_APPEND)
        os.dup2(handle, number)
        os.close(handle)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = request["argv"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    exec(request["code"], {})  # noqa: S102 - a test of ours wrote it


WARM = Warm()

LIBRARIES = (
    *("hydra.main", "hydra._internal.hydra", "mlflow.store.tracking.sqlalchemy_store", "mlflow.tracking", "numba", "pyarrow.parquet"),
    *("pytorch_lightning", "rapidfuzz.process", "safetensors.torch", "tokenizers", "torch", "xxhash"),
)

if __name__ == "__main__":
    os.environ.update(OMP_WAIT_POLICY="PASSIVE", MLFLOW_LOGGING_LEVEL="CRITICAL")  # as our commands set them before they import these
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    become(serve())
    runpy.run_path(sys.argv[0], run_name="__main__")
