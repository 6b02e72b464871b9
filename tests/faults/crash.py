"""Kills a training again and again, and compares what comes out with an undisturbed one. `make crashtest KILLS=50`."""

import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

if __package__ in (None, ""):  # as a script
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults.evidence import Evidence, evidence, litter
from faults.injection import Forks, build_shim, was_killed

SHORT = {"model.dropout": "0.1"}
EPOCHS = {  # about 8 steps an epoch
    **{"trainer.tokens_per_step": "4096", "trainer.sequences_per_microbatch": "32", "trainer.max_steps": "20"},
    **{"trainer.evaluate_every_steps": "4", "trainer.checkpoint_every_steps": "3"},
}
PLACES = {
    "at the first step": ("assay.trainer.progress:TrainingProgress.step:1", False),
    "mid-epoch": ("assay.trainer.progress:TrainingProgress.step:{middle}", True),
    "at an epoch's edge": ("assay.trainer.progress:TrainingProgress.step:{edge}", True),
    "inside an evaluation": ("assay.evaluation.language_model:_rows:{evaluation}", True),
    "between micro-batches": ("assay.objective.causal_lm:CausalLM.training_step:{microbatch}", True),
    "during a checkpoint": ("assay.files:write_manifest:3", True),
}
"""Where a run is cut, and whether a checkpoint is there by then."""
LONG = {**SHORT, "trainer.max_steps": "400", "trainer.evaluate_every_steps": "70", "trainer.checkpoint_every_steps": "9"}
EMPTY_STORE = "import sys; sys.path.insert(0, 'src')\nfrom assay.tracking.store import *\nexperiment_id(open_store(), 'tiny')"
STEPS_A_KILL = 20
"""More than a fast machine makes between two kills, so that the run is not over before the last."""
Say = Callable[[str], None]


class Bench:
    """A project whose runs can be made over and over from the same empty store."""

    def __init__(self, project: Path, words: Sequence[str], shim: Path) -> None:
        self.project = project
        self.words = list(words)
        self.forks = Forks(project, shim)
        self._store = project.with_name(f"{project.name}.store")
        self._first()

    def _first(self) -> None:
        """An empty store, prepared data, and one run to compare with."""
        made = subprocess.run([sys.executable, "-c", EMPTY_STORE], cwd=self.project, check=True)
        assert made.returncode == 0
        shutil.copytree(self.project / "mlruns", self._store)
        ended = self.forks.run([*self.words, "trainer.max_steps=4", "trainer.evaluate_every_steps=4"])
        assert ended.code == 0, ended.output
        self.reset()
        self.calls = self.forks.calls(self.words)
        self.expected: Evidence = evidence(self.project)
        assert not litter(self.project)

    def calls_of(self, part: str) -> list[str]:
        return [call for call in self.calls if part in call]

    def reset(self) -> None:
        shutil.rmtree(self.project / "mlruns")
        shutil.copytree(self._store, self.project / "mlruns")

    def check(self, words: Sequence[str] = (), goes_on: bool = False) -> None:
        """The same command once more must end well, and all it left must be what an undisturbed run leaves."""
        ended = self.forks.run([*self.words, *words])
        assert ended.code == 0, ended.output
        assert not goes_on or "\ngoing on from step " in f"\n{ended.output}", ended.output
        assert evidence(self.project) == self.expected
        assert litter(self.project) == []


def kill_at_calls(bench: Bench, numbers: Sequence[int], mode: str, say: Say, part: str = "") -> None:
    """Each time from the beginning: one kill at that call, of those whose path holds `part`, then the same command again."""
    calls = bench.calls_of(part)
    for number in numbers:
        bench.reset()
        ended = bench.forks.run(bench.words, mode, number, part)
        # A thread copies to the store in its own time, so the count of all calls varies by a few: a late number may strike nobody.
        assert was_killed(ended) or ended.code == 0, ended.output
        bench.check()
        say(f"{mode} at call {number} of {len(calls)}, {calls[number - 1].split('/')[-1]}: same run, same bits")


def cut_at_places(bench: Bench, say: Say) -> int:
    """Each time from the beginning: a kill at each of PLACES, without and with loader workers; returns how many."""
    numbers = _numbers(bench)
    for workers in ("0", "2"):
        more = [f"trainer.loader_workers={workers}"]
        for name, (place, saved) in PLACES.items():
            bench.reset()
            ended = bench.forks.run([*bench.words, *more], environment={"ASSAY_TEST_KILL_AT": place.format(**numbers)})
            assert was_killed(ended), ended.output
            bench.check(more, goes_on=saved)
            say(f"{name}, {workers} loader workers: same run, same bits")
    return 2 * len(PLACES)


def _numbers(bench: Bench) -> dict[str, int]:
    """The calls that PLACES names, in a run whose epochs, evaluations and checkpoints come at several steps."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
    from assay.data.tokens import Tokens

    (folder,) = (path for path in (bench.project / "data/cache/tokens").iterdir() if path.is_dir())
    setting = dict(word.split("=", 1) for word in bench.words)
    context = 32
    sequences = int(setting["trainer.tokens_per_step"]) // context
    windows = (len(Tokens.open(folder).split("train").tokens) - context) // context
    edge = windows // sequences  # the last step of the first epoch, or the one that crosses into the second
    assert 6 < edge < int(setting["trainer.max_steps"]) - 3, edge
    return {"middle": edge - 3, "edge": edge, "evaluation": 2, "microbatch": 4 * (edge - 2) + 2}


def kill_at_moments(bench: Bench, kills: int, seed: int, say: Say) -> int:
    """All in one run: SIGKILL at random moments after training has gone on; returns how many struck before it had finished."""
    draw = random.Random(seed)
    bench.reset()
    struck = 0
    for kill in range(kills):
        pid = bench.forks.start(bench.words)
        deadline = time.monotonic() + 120
        while "\nstep " not in bench.forks.output() and time.monotonic() < deadline and _alive(pid):
            time.sleep(0.005)
        time.sleep(draw.uniform(0, 0.25))
        if _alive(pid):
            os.kill(pid, signal.SIGKILL)
        ended = bench.forks.wait()
        struck += was_killed(ended)
        last = [line for line in ended.output.splitlines() if line.startswith("step ")]
        say(f"kill {kill + 1} of {kills}: {' '.join(last[-1].split()[:4]) if last else 'before its first step'}")
        if ended.code == 0:
            break
    bench.check()
    return struck


def _alive(pid: int) -> bool:
    """Not a zombie either, which the server has yet to wait for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def shared_fixtures() -> Any:
    """tests/conftest.py as a module, which pytest alone can import by name."""
    spec = importlib.util.spec_from_file_location("assay_conftest", Path(__file__).resolve().parents[1] / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    shared = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = shared
    spec.loader.exec_module(shared)
    return shared


def tiny_project(folder: Path, changes: dict[str, str]) -> tuple[Path, list[str]]:
    """A copy of the project with a small corpus, and the words of a short run on it."""
    shared = shared_fixtures()
    project: Path = shared.copy_project(folder)
    shared.write_tiny(project)
    return project, [*shared.tiny_words({**SHORT, **changes, "trainer.print_every_steps": "1"})]


def main() -> int:
    """`crash.py KILLS EVERY`: random kills in one run, then a kill, and half a write, at every EVERYth call, from the beginning each time."""
    kills, every = (int(word) for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as name:
        shim = build_shim(Path(name))
        steps = {"trainer.max_steps": str(STEPS_A_KILL * kills)}
        long = Bench(*tiny_project(Path(name) / "long", {**LONG, **steps}), shim)
        struck = kill_at_moments(long, kills, seed=1, say=say)
        say(f"{struck} of {kills} kills at random moments struck one run before it had finished: same run, same bits")
        long.words.append("trainer.loader_workers=2")
        kill_at_moments(long, min(kills, 10), seed=3, say=say)
        say("and with loader workers")
        compiled = Bench(*tiny_project(Path(name) / "compiled", {**LONG, "trainer.compile": "true"}), shim)
        kill_at_moments(compiled, min(kills, 5), seed=2, say=say)
        say("and of a compiled model")
        places = sum(
            _cut_everywhere(Path(name), shim, precision, compiled) for precision in ("fp32", "bf16") for compiled in ("false", "true")
        )
        say(f"{places} kills at named places, each from the beginning: same run, same bits")
        cores = os.cpu_count() or 1
        with ThreadPoolExecutor(cores) as pool:
            struck = sum(pool.map(lambda core: _kill_at_share(Path(name) / f"short{core}", shim, every, core, cores), range(cores)))
        say(f"{struck} kills at counted calls, each from the beginning: same run, same bits")
    return 0


def _cut_everywhere(folder: Path, shim: Path, precision: str, compiled: str) -> int:
    say(f"{precision}, compiled: {compiled}")
    settings = {**EPOCHS, "trainer.precision": precision, "trainer.compile": compiled}
    return cut_at_places(Bench(*tiny_project(folder / f"{precision}-{compiled}", settings), shim), say)


def _kill_at_share(folder: Path, shim: Path, every: int, core: int, cores: int) -> int:
    """This core's share of the calls, in a project of its own; returns how many there were."""
    bench = Bench(*tiny_project(folder, {}), shim)
    numbers = range(1, len(bench.calls) + 1, every)[core::cores]
    for mode in ("kill", "tear"):
        kill_at_calls(bench, numbers, mode, say)
    return 2 * len(numbers)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
