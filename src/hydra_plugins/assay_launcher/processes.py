"""`--multirun` with one child process per job: jobs share no random state, threads or caches, and one that dies takes no other along."""

import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from assay.config.entry import Job
from assay.config.presets import Conf
from assay.config.sweep import SweepEnded, spread
from assay.errors import AssayError


class JobError(AssayError):
    """A child process ended with another code than 0."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.exit_code = code


class ProcessLauncher(Launcher):
    """Starts the jobs in order, each as a person would type it."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        if not isinstance(task_function, Job):
            raise TypeError("the launcher 'assay' starts the verbs of this project only")
        self.job = task_function
        given: Any = OmegaConf.to_container(config.hydra.overrides.hydra)
        self.shared = [str(word) for word in given if str(word).startswith("hydra.verbose")]

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        results = []
        for number, overrides in enumerate(job_overrides, start=initial_job_idx + 1):
            print(f"job {number}: {shlex.join(overrides)}", flush=True)
            code = _run([sys.executable, self.job.script, *self.job.places, *overrides, *self.shared])
            result = JobReturn(overrides=list(overrides), task_name=f"job {number}")
            result.status = JobStatus.COMPLETED if code == 0 else JobStatus.FAILED
            result.return_value = None if code == 0 else JobError(code)
            results.append(result)
        return results


class CheckedSweeper(Sweeper):
    """Every combination, as the pre-flight checked them; unlike Hydra's basic sweeper it writes no file and goes on after a failure."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        from hydra.core.plugins import Plugins  # at module level this would be a circle: Plugins is being made

        self.launcher: Launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        jobs = spread(OverridesParser.create().parse_overrides(arguments), Conf())
        results = self.launcher.launch(jobs, initial_job_idx=0)
        codes = [_code(result) for result in results]
        for number, (overrides, code) in enumerate(zip(jobs, codes, strict=True), start=1):
            print(f"job {number}: {'done' if code == 0 else f'failed with exit code {code}'}: {shlex.join(overrides)}", flush=True)
        raise SweepEnded(next((code for code in codes if code), 0))


def _code(result: JobReturn) -> int:
    if result.status == JobStatus.COMPLETED:
        return int(result.return_value or 0)
    fault = result._return_value  # the property prints and raises
    if not isinstance(fault, JobError):
        print(f"error: {fault}", file=sys.stderr)
    return fault.exit_code if isinstance(fault, AssayError) else 1


def _run(command: list[str]) -> int:
    """The child's exit code. A signal that ends us is passed on and its work waited for, so that no training runs on without its parent.

    The child is in a session of its own: a Ctrl-C would otherwise reach it twice, from the terminal and from here, and twice means at once.
    """
    received: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        received.append(number)
        child.send_signal(number)

    with subprocess.Popen(command, start_new_session=True) as child:
        before = {number: signal.signal(number, pass_on) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)}
        try:
            code = child.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    if received:
        raise SweepEnded(128 + received[0])
    return code if code >= 0 else 128 - code


@dataclass
class LauncherSettings:
    _target_: str = "hydra_plugins.assay_launcher.processes.ProcessLauncher"


@dataclass
class SweeperSettings:
    _target_: str = "hydra_plugins.assay_launcher.processes.CheckedSweeper"


ConfigStore.instance().store(group="hydra/launcher", name="assay", node=LauncherSettings, provider="assay")
ConfigStore.instance().store(group="hydra/sweeper", name="assay", node=SweeperSettings, provider="assay")
