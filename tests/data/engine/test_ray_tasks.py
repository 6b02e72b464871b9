"""A real session of Ray, one for all the tests of this file. What units do is written inside the tests: so it is sent by value."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from assay.data.engine import ray_tasks
from assay.data.engine.node import Place
from assay.data.engine.ray_tasks import RayTasks
from assay.errors import DataError, MachineError

ROOT = Path(__file__).resolve().parents[3]
ONE_SESSION = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import psutil
from assay.data.engine.ray_tasks import OWN_SESSION, QUIET, RayTasks
VARIABLES = {*OWN_SESSION, *QUIET, "RAY_AUTH_TOKEN", "PYTHONPATH"}
tasks = RayTasks(None, Path(sys.argv[2]))
found = list(tasks.in_order(len, iter(["a", "bc"]), 1))
tasks.close()
children = [child.name() for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
print(json.dumps({"results": found, "children": children, "variables": [name for name in os.environ if name in VARIABLES]}))
"""
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def session(shared: Path) -> Iterator[RayTasks]:
    tasks = RayTasks(None, shared)
    yield tasks
    tasks.close()


def test_results_come_in_the_order_of_the_work_and_few_units_wait(session: RayTasks) -> None:
    taken: list[int] = []

    def work() -> Iterator[int]:
        for number in range(12):
            taken.append(number)
            yield number

    def slow_first(number: int) -> tuple[int, int]:
        time.sleep(0.5 if number == 0 else 0)
        return number, os.getpid()

    found = session.in_order(slow_first, work(), 2)
    assert next(found)[0] == 0
    assert len(taken) == 4
    rest = list(found)
    assert [number for number, _ in rest] == list(range(1, 12))
    assert os.getpid() not in {process for _, process in rest}


def test_a_process_keeps_what_it_built_for_the_next_unit(session: RayTasks) -> None:
    class Counting:
        seen = 0

        def __call__(self, _: int) -> int:
            self.seen += 1
            return self.seen

    assert max(session.in_order(Counting(), iter(range(8)), 2)) >= 4


def test_a_fault_in_a_unit_is_the_users_message(session: RayTasks) -> None:
    def fail(number: int) -> int:
        if number == 3:
            raise DataError("three: not a number we like")
        return number

    with pytest.raises(DataError, match="three: not a number we like") as caught:
        list(session.in_order(fail, iter(range(9)), 2))
    assert caught.value.__cause__ is None


def test_a_unit_whose_process_is_killed_is_done_again(session: RayTasks, tmp_path: Path) -> None:
    def die_once(number: int) -> int:
        mark = tmp_path / str(number)
        if number % 2 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), 9)
        return -number

    assert list(session.in_order(die_once, iter(range(4)), 2)) == [0, -1, -2, -3]


def test_a_unit_that_always_kills_its_process_is_told_as_one(session: RayTasks) -> None:
    def die(number: int) -> int:
        os._exit(9)

    with pytest.raises(MachineError, match=r"after 4 tries.*\n.*data\.workers=1"):
        list(session.in_order(die, iter([1]), 2))


def test_nothing_of_it_is_reached_from_another_machine_and_nothing_is_reported(session: RayTasks) -> None:
    (environment,) = session.in_order(lambda _: dict(os.environ), iter([1]), 2)
    assert environment["RAY_USAGE_STATS_ENABLED"] == "0"
    listening = [
        place.laddr.ip.removeprefix("::ffff:")
        for process in [psutil.Process(), *psutil.Process().children(recursive=True)]
        for place in process.net_connections("tcp")
        if place.status == psutil.CONN_LISTEN
    ]
    assert len(listening) > 3
    assert set(listening) == {"127.0.0.1"}


def test_another_process_uses_it_by_its_address_as_it_would_a_cluster(
    session: RayTasks, project: Callable[..., Path], tiny_text: Callable[[Path], Path], run: Callable[..., Any]
) -> None:
    """With the code of its own checkout, which is not the one that the session was begun with."""
    import ray

    list(session.in_order(len, iter(["a"]), 2))
    address = ray.get_runtime_context().gcs_address
    root = project("another checkout")
    tiny_text(root)
    assert run(root, "src/collect.py", "tiny").returncode == 0
    assert run(root, "src/clean.py", "data=tiny").returncode == 0
    alone = (root / "data/clean/tiny/manifest.json").read_bytes()
    shutil.rmtree(root / "data/cache/measured")
    shutil.rmtree(root / "data/clean")
    done = run(root, "src/clean.py", "data=tiny", "engine=ray", f"engine.address={address}")
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / "data/clean/tiny/manifest.json").read_bytes() == alone
    assert [path.name for path in (root / "data/cache").iterdir() if path.name.startswith(".")] == []


def test_a_node_that_does_not_see_the_files_is_named_before_it_gets_work(
    session: RayTasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(session.in_order(len, iter(["a"]), 2))
    with pytest.raises(MachineError, match=r"The Ray node \S+, of the cluster engine\.address=head:1, does not see the files of .*nowhere"):
        ray_tasks._visit_nodes(Place.here(tmp_path / "nowhere" / "engine" / "token"), "head:1")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "no.such.host.invalid:6379"])
def test_an_address_where_nobody_answers_is_told_at_once(address: str, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(MachineError, match=r"engine\.address=.*: nobody answers there .*\n.*ray start --head"):
        list(RayTasks(address, tmp_path).in_order(len, iter(["a"]), 2))
    assert time.monotonic() - started < 10
    assert list(tmp_path.iterdir()) == []


def test_without_ray_the_message_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_tasks, "find_spec", lambda name: None)
    with pytest.raises(MachineError, match=r"extra \[ray\], which is not installed.*\n.*make venv"):
        RayTasks(None, tmp_path)


def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    """Here it is begun, used and ended in a process that says afterwards which of its children live."""
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        others = {
            name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "PYTHONPATH"))
        }  # the session of this file has its own
        done = subprocess.run(
            [sys.executable, "-c", ONE_SESSION, str(ROOT / "src"), str(tmp_path)],
            env={**others, "TMPDIR": short, "HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == {"results": [1, 2], "children": [], "variables": []}
        assert list(Path(short).iterdir()) == []
    assert list(tmp_path.iterdir()) == []
