"""Runs src/train.py in forked children of one process that has everything imported, which saves the seconds of each start.

Reads one JSON request a line: {"words", "out", "environment", "mode", "at", "under", "part", "log"}; answers with the child's exit code, negative for a signal.
Started by injection.py in the project's folder, with the shim preloaded.
"""

import ctypes
import importlib
import json
import os
import resource
import runpy
import signal
import sys
from pathlib import Path

sys.path[:0] = ["src", str(Path(__file__).resolve().parents[1])]

LIBRARIES = importlib.import_module("warm").LIBRARIES
for module in (*LIBRARIES, "assay.config.entry", "assay.objective.causal_lm", "assay.model.transformer", "assay.trainer.fit"):
    importlib.import_module(module)


def kill_at(place: str) -> None:
    """SIGKILL at the n-th call of a function: `module:name:n`."""
    module, name, calls = place.split(":")
    *owners, last = name.split(".")
    owner = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    real, left = getattr(owner, last), [int(calls)]

    def call(*args: object, **keywords: object) -> object:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **keywords)

    setattr(owner, last, call)


def child(request: dict[str, object]) -> int:
    with Path(str(request["out"])).open("wb", buffering=0) as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.update(request.get("environment", {}))  # type: ignore[call-overload]
    if shift := os.environ.get("ASSAY_TEST_CLOCK_SECONDS"):
        import assay.files

        real = assay.files.now
        assay.files.now = lambda: real() + float(shift)
    if seconds := os.environ.get("ASSAY_TEST_WORKER_SECONDS"):
        import assay.data.datamodule

        assay.data.datamodule.WORKER_SECONDS = float(seconds)
    if place := os.environ.get("ASSAY_TEST_KILL_AT"):
        kill_at(place)
    if limit := os.environ.get("ASSAY_TEST_MEMORY_BYTES"):
        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    shim = ctypes.CDLL(None)
    if "mode" in request:
        names = [str(request.get(name, "")).encode() for name in ("under", "part", "log")]
        shim.fault_arm(int(str(request["mode"])), ctypes.c_long(int(str(request["at"]))), *names)
    sys.argv = ["src/train.py", *request["words"]]  # type: ignore[misc]
    try:
        runpy.run_path("src/train.py", run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = 1
            try:
                code = child(request)
            except BaseException:
                import traceback

                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


main()
