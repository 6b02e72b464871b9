"""`--multirun`: one list of overrides per job, for every combination of the values given."""

import math
import os
from collections.abc import Sequence
from itertools import product
from typing import Any, cast

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.types import Glob, Override, RangeSweep, Sweep
from hydra.errors import HydraException

from assay.config.presets import Conf
from assay.config.report import Problem, override_place, refuse

MOST_JOBS = 1000
OUTPUT_FIELDS = ("export", "output", "report")
"""Fields of a verb's config that name what it writes."""


class SweepEnded(SystemExit):
    """Every job has ended; `code` is the exit code of the whole. Hydra discards what a sweeper returns, so it is raised past Hydra."""


def spread(overrides: Sequence[Override], conf: Conf) -> list[list[str]]:
    """The jobs of a sweep, the last override changing fastest, as Hydra's basic sweeper orders them.

    Raises ConfigError above MOST_JOBS, counted before anything is spread out: range(0,1000000000) is nine words.
    """
    axes = {override.get_key_element(): override for override in overrides}
    problems = [problem for override in axes.values() if (problem := _unlistable(override))]
    refuse(problems)
    jobs = math.prod(_count(override, conf) for override in axes.values())
    if jobs > MOST_JOBS or jobs == 0:
        swept = [str(override.input_line) for override in axes.values() if override.is_sweep_override()]
        refuse([Problem(override_place(" ".join(swept)), f"a sweep holds 1 to {MOST_JOBS:,} jobs, found {jobs:,}")])
    return [list(words) for words in product(*(_words(override, conf) for override in axes.values()))]


def _unlistable(override: Override) -> Problem | None:
    if override.is_sweep_override() and not override.is_discrete_sweep():
        return Problem(
            override_place(str(override.input_line)), "an interval has no list of values; give range(...), or a sweeper that can search it"
        )
    return None


def _count(override: Override, conf: Conf) -> int:
    value: Any = override._value
    if isinstance(value, RangeSweep):
        start, stop, step = float(value.start or 0), float(value.stop or 0), float(value.step)
        return 0 if step == 0 else max(0, math.ceil((stop - start) / step))
    if isinstance(value, Glob):
        return len(value.filter(conf.groups.get(override.key_or_group, [])))
    return len(cast(Any, value).list) if isinstance(value, Sweep) else 1


def _words(override: Override, conf: Conf) -> list[str]:
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [key if override.is_delete() and override._value is None else f"{key}={override.get_value_element_as_str()}"]
    override.config_loader = cast(ConfigLoader, _Choices(conf))
    try:
        return [f"{key}={word}" for word in override.sweep_string_iterator()]
    except HydraException as error:
        refuse([Problem(override_place(str(override.input_line)), str(error))])
        raise


def shared_outputs(configs: Sequence[Any]) -> list[Problem]:
    """A problem for each path that several jobs would write: the later ones would replace what the earlier ones wrote."""
    writers: dict[tuple[str, str], list[int]] = {}
    for number, config in enumerate(configs, start=1):
        for name in OUTPUT_FIELDS:
            if path := getattr(config, name, None) or getattr(config, f"default_{name}", None):
                writers.setdefault((name, os.path.normpath(path)), []).append(number)
    return [
        Problem(
            f"{name}={path}",
            f"jobs {', '.join(map(str, numbers[:5]))}{' and more' if len(numbers) > 5 else ''} of the sweep would all write it, and one replace the "
            f"other; leave it out of the sweep, then give it to one job at a time, without --multirun",
        )
        for (name, path), numbers in writers.items()
        if len(numbers) > 1
    ]


class _Choices:
    """The part of Hydra's config loader that glob(...) uses."""

    def __init__(self, conf: Conf) -> None:
        self.conf = conf

    def get_group_options(self, group_name: str, results_filter: object = None) -> list[str]:
        return self.conf.groups.get(group_name, [])
