"""The start of every verb: pre-flight, then Hydra, then the function. Nothing heavier than Hydra is imported here."""

import argparse
import inspect
import io
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass
from functools import update_wrapper, wraps
from pathlib import Path
from typing import Any, NoReturn, cast

from assay.config.ending import ended, in_utf8

try:
    import hydra
except ModuleNotFoundError:  # the commonest mistake of a newcomer: a Python outside of .venv
    print(f"error: {sys.executable} has no hydra-core.\n  Type: make venv && . .venv/bin/activate", file=sys.stderr)
    raise SystemExit(5) from None
from hydra._internal.utils import get_args_parser
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from assay.config.check import check
from assay.config.command_words import line_to_complete, split_places, unknown_flags, with_info_value
from assay.config.corpus_place import with_corpus_place
from assay.config.corpus_recipe import notes
from assay.config.first_line import first_line
from assay.config.help import Usage, help_text
from assay.config.load import Loaded, as_set, examine, for_hydra, load, schema_node
from assay.config.overrides import CommandLine, parse
from assay.config.presets import SCHEMA, Conf
from assay.config.report import Problem, refuse
from assay.config.sweep import SweepEnded, shared_outputs, spread
from assay.errors import ConfigError, DataError
from assay.output import print_to_nobody

REFUSED_FLAGS = {
    "config_path": "the configs of this project are in conf/",
    "config_dir": "the configs of this project are in conf/; put the file there",
    "config_name": "each verb has its own root in conf/",
    "experimental_rerun": "it loads a pickle, which may run anything; a run's config.yaml holds its config",
}
COMMANDS = ("run", "multirun", "cfg", "info", "shell_completion")


def verb(root: str, schema: type[Any], positional: tuple[str, ...] = ()) -> Callable[[Callable[..., int | None]], Callable[[], NoReturn]]:
    """Make `function(config, *places)` the program for conf/<root>.yaml; what it returns is the exit code, None being 0.

    `positional` names the words taken before any flag or override, whatever characters they hold.
    """

    def wrap(function: Callable[..., int | None]) -> Callable[[], NoReturn]:
        @wraps(function)
        def main() -> NoReturn:
            in_utf8()
            sys.exit(_Program(root, schema, positional, function).run(sys.argv))

        return main

    return wrap


def program(main: Callable[[list[str]], None], says: str | None) -> NoReturn:
    """A verb that takes words and no config: `says` is what --help shows."""
    in_utf8()
    words = sys.argv[1:]
    sys.exit(ended((lambda: print(says)) if {"-h", "--help"} & set(words) else (lambda: main(words))))


class Job:
    """The function that Hydra calls with the composed config. It is kept and run after Hydra has ended, so that nothing of Hydra is active then.

    In a sweep whose launcher runs jobs in this process there is no afterwards: the call runs the function and returns the exit code.
    """

    def __init__(self, program: "_Program", script: str, places: list[str], expected: Any) -> None:
        update_wrapper(self, program.function)  # Hydra names the job after the function's file
        self.program = program
        self.script = script
        self.places = places
        self.expected = expected
        self.composed: DictConfig | None = None

    def __call__(self, composed: DictConfig) -> int | None:
        settings = HydraConfig.get()
        if settings.mode != RunMode.MULTIRUN:
            self.composed = composed
            return None
        config = load(self.program.root, list(settings.overrides.task), self.program.schema)
        return self.program.function(config, *self.places)

    def config(self) -> Any:
        """Return the config that Hydra composed, checked again: what is built must be what was checked."""
        checked = check(
            cast(Any, OmegaConf.to_container(cast(DictConfig, self.composed))), self.program.schema, lambda _: "composed by Hydra"
        )
        refuse(checked.problems)
        if checked.config != self.expected:
            raise ConfigError("Hydra composed another config than the one checked; compare --cfg job with the files of conf/")
        return checked.config


@dataclass(frozen=True)
class _Program:
    root: str
    schema: type[Any]
    positional: tuple[str, ...]
    function: Callable[..., int | None]

    def run(self, argv: Sequence[str]) -> int:
        # Read once, when torch is loaded: threads that wait for work then sleep. By default they spin, which takes 30 % more CPU seconds and,
        # beside another busy process, up to ten times longer (docs/log.md, 2026-11-22).
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        return ended(lambda: self.start(argv))

    def start(self, argv: Sequence[str]) -> int:
        _refuse_other_bytes(argv[1:])
        conf = Conf()
        usage = Usage(_shown(argv[0]), self.root, self.does(), self.positional)
        places, words = self.split(list(argv[1:]), usage)
        request = _parse_flags(with_info_value(words))
        if request.help:  # Hydra's own reads conf/ again for every group, which costs a second, and fails where an override is wrong
            with _reader_may_leave():
                print(help_text(conf, usage, self.schema))
            return 0
        if len(places) < len(self.positional) and not (request.cfg or request.info or request.shell_completion or request.hydra_help):
            self.refuse_without(self.positional, usage)
        loaded, overrides = self.preflight(conf, request)
        job = Job(self, str(Path(argv[0]).resolve()), places, loaded.config if loaded else None)
        self.register(loaded.tree.values if loaded else None, any("hydra.verbose" in word for word in words))
        code: int | None = None
        flags = [word for word in with_info_value(words) if word not in request.overrides]
        if request.shell_completion and "COMP_LINE" in os.environ:
            return self.complete(conf, job, [argv[0], *flags, *overrides])
        with _reader_may_leave() if request.cfg else nullcontext():
            code = _hand_over(conf, self.root, job, [argv[0], *flags, *overrides])
        if code is not None or job.composed is None:
            return code or 0
        for line in [first_line(loaded.config), *notes(loaded.tree)] if loaded else ():
            if line is not None:
                print(line, flush=True)
        try:
            return self.function(job.config(), *places) or 0
        except DataError as error:
            if loaded is not None:
                error.args = (with_corpus_place(str(error), loaded.tree, loaded.config),)
            raise

    def does(self) -> str:
        """The verb's purpose, in the words that its script begins with."""
        return (inspect.getdoc(self.function) or sys.modules[self.function.__module__].__doc__ or f"conf/{self.root}.yaml").strip()

    def split(self, words: list[str], usage: Usage) -> tuple[list[str], list[str]]:
        """The places, then the rest: none where the first word is a flag, or --help stands anywhere."""
        places, rest = split_places(words, len(self.positional))
        if places and len(places) < len(self.positional):
            self.refuse_without(self.positional[len(places) :], usage)
        return places, rest

    def complete(self, conf: Conf, job: Job, argv: list[str]) -> int:
        """Print what a shell may complete. What is wrong in a line that is still being typed is no error, and would be printed into it."""
        line = line_to_complete(os.environ["COMP_LINE"], len(self.positional))
        if line is not None:
            os.environ["COMP_LINE"] = line
            with redirect_stderr(io.StringIO()):
                _hand_over(conf, self.root, job, argv)
        return 0

    def refuse_without(self, names: Sequence[str], usage: Usage) -> None:
        raise ConfigError(f"{' and '.join(name.upper() for name in names)} missing\n  usage: {usage.line}")

    def preflight(self, conf: Conf, request: argparse.Namespace) -> tuple[Loaded[Any] | None, list[str]]:
        """Find every mistake, then return the checked config and the overrides for Hydra; None where there is no single config to check."""
        if request.shell_completion or request.hydra_help:
            return None, request.overrides
        line = parse(request.overrides)
        if request.multirun:
            self.check_jobs(conf, line)
            return None, [*(str(override.input_line) for override in line.hydra), *(as_set(override) for override in line.own)]
        loaded = examine(conf, self.root, request.overrides, self.schema)
        refuse(loaded.problems)
        return loaded, for_hydra(line, loaded)

    def check_jobs(self, conf: Conf, line: CommandLine) -> None:
        """Every combination is checked before any starts. Where another sweeper picks the values, each job checks its own."""
        refuse(line.problems)
        if any(override.key_or_group == "hydra/sweeper" for override in line.hydra):
            return
        jobs = [examine(conf, self.root, words, self.schema) for words in spread(line.own, conf)]
        refuse([problem for job in jobs for problem in job.problems])
        refuse(shared_outputs([job.config for job in jobs]))

    def register(self, values: dict[str, Any] | None, verbose: bool) -> None:
        settings = {
            "run": {"dir": "."},  # our run folder replaces Hydra's, so Hydra makes none
            "sweep": {"dir": ".", "subdir": "."},
            "output_subdir": None,
        }
        plugins = {"launcher": "assay", "sweeper": "assay", "job_logging": "stdout" if verbose else "none", "hydra_logging": "none"}
        defaults: list[Any] = ["_self_", *({f"override /hydra/{name}": choice} for name, choice in plugins.items())]
        node = {"defaults": defaults, "hydra": settings, **schema_node(self.schema, values)}
        ConfigStore.instance().store(name=SCHEMA, node=node, package="_global_")


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """`--help | head` closes the pipe before all is printed; that is no fault to print a traceback for."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        print_to_nobody()


def _refuse_other_bytes(words: Sequence[str]) -> None:
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise ConfigError(f"{os.fsencode(word)!r} is not UTF-8.\n  Write it in UTF-8, as a terminal does.") from None


def _shown(script: str) -> str:
    """The script's path as a person at this place would type it."""
    try:
        return os.path.relpath(script)
    except ValueError:
        return script


def _parse_flags(words: list[str]) -> argparse.Namespace:
    parser = get_args_parser()
    request, unknown = parser.parse_known_intermixed_args(words)
    problems = unknown_flags(unknown, words) + [
        Problem(f"--{name.replace('_', '-')}", f"not allowed: {why}")
        for name, why in REFUSED_FLAGS.items()
        if getattr(request, name, None) is not None
    ]
    asked = [f"--{name.replace('_', '-')}" for name in COMMANDS if getattr(request, name)]
    if len(asked) > 1:
        problems.append(Problem(" ".join(asked), "ask for one at a time"))
    if request.resolve and not request.cfg:
        problems.append(Problem("--resolve", "goes with --cfg"))
    refuse(problems)
    return request


def _hand_over(conf: Conf, root: str, job: Job, argv: list[str]) -> int | None:
    """Let Hydra compose, print or sweep. The exit code if it ended the program; Hydra's own 1 is a 2 here: wrong use."""
    own, sys.argv = sys.argv, argv
    logging.raiseExceptions = False  # --info goes through a logger, which would print a traceback for a reader that has left, such as head
    try:
        hydra.main(version_base="1.3", config_path=str(conf.folder), config_name=root)(job)()
    except SystemExit as end:
        return 2 if end.code == 1 and not isinstance(end, SweepEnded) else int(end.code or 0)
    finally:
        sys.argv = own
        logging.raiseExceptions = True
    return None
