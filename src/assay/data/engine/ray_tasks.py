"""The same units of work as tasks of Ray: in a session of our own on this machine, or on a cluster that is running already."""

import logging
import os
import re
import secrets
import shutil
import signal
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from assay.data.engine.node import Place, do_unit, unfit
from assay.data.pool import process_count
from assay.errors import AssayError, MachineError
from assay.files import ROOT, sweep_drafts

Work = TypeVar("Work")
Result = TypeVar("Result")

TRIES = 4
"""Tries of a unit whose process is killed. It names its files once they are whole, so it may be done again."""
STORE_BYTES = 128 * 2**20
"""Shared memory for each process of our own session, for units that wait and results. What is larger goes to the disk."""
VISIT_SECONDS = 120
ANSWER_SECONDS = 5
SHORT_PLACE = 20
"""Characters of a temporary folder. The path of a socket may have 103, of which Ray and we add 80."""
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # else it reports to its makers
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it announces a change of its own
}
OWN_SESSION = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray's way to listen on 127.0.0.1 alone; else it listens on every address
    "RAY_AUTH_MODE": "token",
    "RAY_memory_monitor_refresh_ms": "0",  # it would kill a task, and again, for as long as other programs fill the memory
}


class RayTasks:
    """A session, begun with the first unit of work. `shared`: a folder that every node must see under the same path."""

    def __init__(self, address: str | None, shared: Path) -> None:
        """Raises MachineError where Ray is not installed."""
        if find_spec("ray") is None:
            raise MachineError(
                "engine=ray needs the package ray, of the extra [ray], which is not installed.\n"
                "  Run: make venv   (engine=local gives the same bytes, by processes of this machine)"
            )
        self._address = address
        self._shared = shared
        self._session = ExitStack()
        self._submit: Callable[[list[Any], Any], Any] | None = None
        self._count = 0

    def in_order(self, function: Callable[[Work], Result], work: Iterator[Work], workers: int) -> Iterator[Result]:
        """Results in the order of `work`. At most two units a worker wait, are done, or wait for their result to be taken.

        Raises what a unit raises, and MachineError where there is no cluster, a node is no place for this work, or a unit's process is
        killed TRIES times.
        """
        running: deque[Any] = deque()
        shared_function: list[Any] = []
        try:
            for unit in work:
                if self._submit is None:
                    self._begin(workers)
                assert self._submit is not None
                shared_function = shared_function or _shared(function)
                running.append(self._submit(shared_function, unit))
                if len(running) >= 2 * self._count:
                    yield _result(running.popleft())
            while running:
                yield _result(running.popleft())
        finally:
            _stop(running)

    def close(self) -> None:
        self._submit = None
        self._session.close()

    def _begin(self, workers: int) -> None:
        with ExitStack() as session:
            place = session.enter_context(_signed(self._shared))
            if self._address is None:
                self._count = process_count(workers)
                session.enter_context(_own_session(self._count))
            else:
                session.enter_context(_cluster(self._address))
                _visit_nodes(place, self._address)
                self._count = workers or _cpus(self._address)
            import ray

            task = ray.remote(max_retries=TRIES - 1, num_cpus=1)(do_unit)
            self._submit = lambda function, unit: task.remote(place, function, unit)
            self._session = session.pop_all()


@contextmanager
def _signed(shared: Path) -> Iterator[Place]:
    """A folder with a name that no other machine has: who sees it writes to the disk that we read."""
    shared.mkdir(parents=True, exist_ok=True)
    sign = shared / f".engine.draft-{os.getpid()}"
    shutil.rmtree(sign, ignore_errors=True)
    token = secrets.token_hex(16)
    (sign / token).mkdir(parents=True)
    try:
        yield Place.here(sign / token)
    finally:
        shutil.rmtree(sign, ignore_errors=True)


@contextmanager
def _own_session(count: int) -> Iterator[None]:
    """Ray on this machine alone and for this process alone: nothing of it is reached from outside, and nothing is left behind."""
    parent = Path(tempfile.gettempdir())
    parent = parent if len(str(parent)) <= SHORT_PLACE else Path("/tmp")
    sweep_drafts(parent / "assay-ray")
    home = parent / f".assay-ray.draft-{os.getpid()}"
    home.mkdir(mode=0o700)  # Ray opens the folder that it is given to everybody, so it is given one inside
    try:
        with _variables({**QUIET, **OWN_SESSION, "RAY_AUTH_TOKEN": secrets.token_hex(32), "PYTHONPATH": _search_path()}):
            try:
                sizes = {"num_cpus": count, "num_gpus": 0, "object_store_memory": count * STORE_BYTES}
                _connect(address="local", include_dashboard=False, _temp_dir=str(home / "r"), **sizes)
                yield
            finally:
                _disconnect()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _cluster(address: str) -> Iterator[None]:
    """A cluster's own settings stand; that its processes import our code is all that is asked of it."""
    _refuse_silence(address)
    with _variables(QUIET):
        try:
            _connect(address=address, runtime_env={"env_vars": {"PYTHONPATH": _search_path()}})
        except Exception as error:  # of ten kinds, by what is not as Ray wants it
            reason = " ".join(str(error).split())[:400] or type(error).__name__
            raise MachineError(f"engine.address={address}: no session on this Ray cluster.\n  Ray says: {reason}") from None
        try:
            yield
        finally:
            _disconnect()


def _refuse_silence(address: str) -> None:
    """Raise MachineError where nobody answers: Ray itself asks for minutes."""
    if address == "auto":
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise MachineError(
            f"engine.address={address}: nobody answers there ({error}).\n"
            "  A cluster is started with `ray start --head`, which prints its address; without engine.address a session of our own is used."
        ) from None


def _connect(**how: Any) -> None:
    import ray

    stop = signal.getsignal(signal.SIGTERM)
    ray.init(log_to_driver=False, configure_logging=False, logging_level=logging.ERROR, **how)
    signal.signal(signal.SIGTERM, stop)  # Ray sets one that ends the program with an exit code of its own


def _disconnect() -> None:
    import ray

    ray.shutdown()


def _visit_nodes(place: Place, address: str) -> None:
    """Raise MachineError naming the first node that can't do this work, before any is given out."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    visit = ray.remote(max_retries=1, num_cpus=0)(_visit(str(place.sign), place.versions))
    nodes = [node for node in ray.nodes() if node["Alive"]]
    visits = [visit.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)).remote() for node in nodes]
    for node, found in zip(nodes, visits, strict=True):
        try:
            complaint = ray.get(found, timeout=VISIT_SECONDS)
        except ray.exceptions.RayError as error:
            complaint = f"gives no answer ({type(error).__name__})"
        if complaint:
            raise MachineError(unfit(f"{node['NodeManagerHostname']}, of the cluster engine.address={address},", complaint))


def _visit(sign: str, versions: tuple[tuple[str, str], ...]) -> Callable[[], str | None]:
    """A function that is sent as it is, with nothing of ours in it: a node may not have our code."""

    def visit() -> str | None:
        try:
            from assay.data.engine.node import Place
        except ImportError as error:
            return f"can't import this project's code ({error})"
        return Place(Path(sign), versions).complaint()

    return visit


def _cpus(address: str) -> int:
    import ray

    count = int(ray.cluster_resources().get("CPU", 0))
    if count == 0:
        raise MachineError(f"engine.address={address}: the cluster has no CPU to give.\n  Start a node: ray start --address=...")
    return count


def _shared(function: Callable[[Any], Any]) -> list[Any]:
    """In a list, so that the reference and not what it stands for goes with each unit."""
    import ray

    return [ray.put(function)]


def _result(task: Any) -> Any:
    import ray

    try:
        return ray.get(task)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, AssayError):
            raise error.cause from None
        if isinstance(error.cause, ray.exceptions.RaySystemError):  # a node that came later, without our code
            node = re.search(r"ip=([0-9a-fA-F.:]+)", str(error))
            reason = f"can't take a unit of work ({str(error.cause).splitlines()[0]})"
            raise MachineError(unfit(node[1] if node else "of one process", reason)) from None
        if isinstance(error.cause, OSError):  # a full disk has its own message
            raise error.cause from error
        raise
    except ray.exceptions.RayError as error:
        raise MachineError(
            f"Ray gave up on a unit of work after {TRIES} tries ({type(error).__name__}); most likely memory ran out.\n"
            "  Run again with fewer at once: data.workers=1   (what is finished stays)"
        ) from None


def _stop(running: deque[Any]) -> None:
    """Nobody may write any more where the caller cleans up."""
    if not running:
        return
    import ray

    for task in running:
        ray.cancel(task)
    ray.wait(list(running), num_returns=len(running), timeout=VISIT_SECONDS)


def _search_path() -> str:
    return str(ROOT / "src")


@contextmanager
def _variables(wanted: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
