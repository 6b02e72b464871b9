"""Overrides of the command line, such as `model=gpt_nano model.n_layer=4`, in Hydra's own grammar."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from shlex import quote

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from assay.config.quoting import quoted, unreadable_signs
from assay.config.report import Problem, override_place, printable, show
from assay.config.yaml_source import DEEPEST

NO_OVERRIDE = "an override is group=choice or group.field=value"
ALLOWED_HYDRA_GROUPS = ("hydra/launcher", "hydra/sweeper")
ALLOWED_HYDRA_KEYS = ("hydra.launcher.", "hydra.sweeper.", "hydra.verbose")


PLUGINS = {
    "hydra/launcher": {
        "joblib": "joblib_launcher",
        "submitit_local": "submitit_launcher",
        "submitit_slurm": "submitit_launcher",
        "ray": "ray_launcher",
    },
    "hydra/sweeper": {"optuna": "optuna_sweeper", "ax": "ax_sweeper", "nevergrad": "nevergrad_sweeper"},
}
"""Hydra's plugins that are packages of their own: name -> its module hydra_plugins.hydra_NAME."""


@dataclass
class CommandLine:
    """The overrides of one job (or of a sweep, before it is spread out)."""

    own: list[Override] = field(default_factory=list)
    hydra: list[Override] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def parse(texts: Sequence[str]) -> CommandLine:
    line = CommandLine()
    for text in texts:
        place = override_place(text)
        if _deep(text):
            line.problems.append(Problem(place, f"nested deeper than {DEEPEST} levels"))
            continue
        override = _parsed(text) or _parsed(quoted(text))
        if override is None:
            line.problems.append(Problem(place, _why_unreadable(text)))
            continue
        if not all(override.key_or_group.split(".")):
            line.problems.append(Problem(place, NO_OVERRIDE))
        elif override.key_or_group.split("@")[0].replace("/", ".").split(".")[0] == "hydra":
            line.problems += _hydra_problems(override, place)
            line.hydra.append(override)
        elif override.package is not None:
            line.problems.append(Problem(place, "a choice goes under its group's own name; leave out the @ and what follows"))
        elif _interpolates(override):
            line.problems.append(Problem(place, "interpolation (${...}) is not allowed; write the value"))
        else:
            line.own.append(override)
    return line


@cache
def _parser() -> OverridesParser:
    return OverridesParser.create()


@cache
def _parse_one(text: str) -> Override:
    return _parser().parse_override(text)


def _parsed(text: str | None) -> Override | None:
    try:
        return _parse_one(text) if text is not None else None
    except (HydraException, ValueError, RecursionError):
        return None


def _why_unreadable(text: str) -> str:
    key, equals, value = text.partition("=")
    if "${" in text:
        return "interpolation (${...}) is not allowed; write the value"
    if not equals or not key.strip():
        return NO_OVERRIDE
    if not re.fullmatch(r"[+~]*[\w./@:-]+", key, re.ASCII):
        return f"{show(key)} is no name of a field: those are of a-z, 0-9, _ and dots"
    signs = " ".join(unreadable_signs(text))
    because = f" because of {signs}" if signs else ""
    if override_place(text).endswith("=..."):  # may be a secret
        return f"cannot be read{because}; quote the value, for the shell too: 'group.field=\"the value\"'"
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    whole = f'{key}="{plain}"'
    return f"cannot be read{because}; quote the value, for the shell too: {quote(printable(whole))}"


def _hydra_problems(override: Override, place: str) -> list[Problem]:
    key = override.key_or_group
    if key in ALLOWED_HYDRA_GROUPS or key.startswith(ALLOWED_HYDRA_KEYS):
        if override.is_sweep_override():
            return [Problem(place, "Hydra's own settings cannot be swept")]
        if key in PLUGINS and isinstance(override.value(), str) and (why := _not_installed(key, str(override.value()))):
            return [Problem(place, why)]
        return [Problem(place, "interpolation (${...}) is not allowed; write the value")] if _interpolates(override) else []
    reasons = {
        "hydra.run": "each run has its own folder under mlruns/",
        "hydra.sweep": "each run has its own folder under mlruns/",
        "hydra.job": "each run has its own folder under mlruns/",
        "hydra.output_subdir": "each run has its own folder under mlruns/",
        "hydra.searchpath": "every choice lives in conf/; put the file there",
        "hydra.mode": "write --multirun (-m) for a sweep",
    }
    why = next((reason for name, reason in reasons.items() if key.startswith(name)), "the program sets it")
    return [Problem(place, f"not allowed: {why}. Of Hydra's settings only hydra/launcher, hydra/sweeper and hydra.verbose may be given")]


def _not_installed(key: str, name: str) -> str | None:
    module = PLUGINS[key].get(name)
    if module is None or find_spec(f"hydra_plugins.hydra_{module}") is not None:
        return None
    kind = key.removeprefix("hydra/")
    sweep = "; lists of values are swept without it: --multirun a=1,2 b=3,4" if kind == "sweeper" else ""
    return f"the {kind} {name} is a package of its own, hydra-{module.replace('_', '-')}, which is not installed here{sweep}"


def _deep(text: str) -> bool:
    """Counted before Hydra's parser reads the text: that takes seconds for 10,000 brackets, and what it makes of 400 breaks later steps."""
    depth = 0
    for sign in re.findall(r"\\.|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[\[\](){}]", text):
        depth += (sign in "[({") - (sign in "])}")
        if depth > DEEPEST:
            return True
    return False


def _interpolates(override: Override) -> bool:
    return "${" in (override.input_line or "").partition("=")[2]


def only_needs_multirun(override: Override) -> Problem:
    place = override_place(str(override.input_line))
    return Problem(
        place, "several values are a sweep: add --multirun (-m); for one list write field=[a,b], for a text with a comma field='\"a,b\"'"
    )
