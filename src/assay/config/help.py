"""The text of `--help`, made from conf/ and the schemas, so that it cannot fall behind them."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from assay.config.check import WORDS, hints, options, required
from assay.config.corpus_recipe import CLEANING, DATA, HELP
from assay.config.fields import Range
from assay.config.presets import EXPERIMENT_GROUP, Conf
from assay.config.report import nearest


@dataclass(frozen=True)
class Usage:
    """The form of a verb's command line."""

    script: str  # src/train.py
    root: str
    does: str
    positional: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return " ".join(["python", self.script, *(name.upper() for name in self.positional), "[group=choice] [group.field=value] ..."])


def help_text(conf: Conf, usage: Usage, schema: type[Any]) -> str:
    entries = [entry for entry in conf.defaults(usage.root).entries if entry.group]
    groups = [f"  {entry.group:<12} {', '.join(_marked(conf.groups.get(entry.group, []), entry.name))}" for entry in entries]
    parts = [
        f"{usage.does}\n\n  {usage.line}",
        "Examples\n" + "\n".join(f"  {line}" for line in examples(conf, usage)),
        f"Groups (conf/GROUP/CHOICE.yaml; * is the default)\n{_wrap(groups)}" if groups else "",
        f"Fields\n{_wrap(_fields(schema))}",
        "A word that begins with dashes can be given after --." if usage.positional else "",
        "Hydra's flags: --cfg job shows the composed config, --info defaults-tree where it comes from, --multirun (-m) sweeps,\n"
        "--shell-completion install=bash completes names; --hydra-help lists the rest.",
    ]
    return "\n\n".join(part for part in parts if part)


def examples(conf: Conf, usage: Usage) -> list[str]:
    """Command lines that work: the tests run the pre-flight on each."""
    start = " ".join(["python", usage.script, *(name.upper() for name in usage.positional)])
    defaults = {entry.group: entry.name for entry in conf.defaults(usage.root).entries if entry.group and entry.name}
    swaps = [(group, other) for group in ("model", *defaults) if (other := _another(conf, group, defaults.get(group)))]
    lines = [start]
    if swaps:
        group, other = swaps[0]
        lines += [f"{start} {group}={other}", f"{start} --multirun {group}={defaults[group]},{other}"]
    if EXPERIMENT_GROUP in {entry.group for entry in conf.defaults(usage.root).entries}:
        lines += [f"{start} experiment={name}" for name in conf.groups.get(EXPERIMENT_GROUP, [])[:1]]
    return [*lines, f"{start} --cfg job"]


def _another(conf: Conf, group: str, default: str | None) -> str | None:
    """The choice named most like the default, of its family if it has one: likely of its size and kind, so that the example runs as it does."""
    if not default:
        return None
    others = [each for each in conf.groups.get(group, []) if each != default]
    family = [each for each in others if each.partition("_")[0] == default.partition("_")[0]]
    return nearest(default, family or others, at_least=0)


def _marked(choices: Sequence[str], default: str | None) -> list[str]:
    return [f"{each}*" if each == default else each for each in choices]


def _wrap(lines: Sequence[str]) -> str:
    return "\n".join(textwrap.fill(line, 140, subsequent_indent=" " * 15, break_long_words=False, break_on_hyphens=False) for line in lines)


def _fields(schema: type[Any]) -> list[str]:
    """List the fields of a schema. In a group with several schemas each has a heading: a field of one name may differ between them."""
    lines: list[str] = []
    for each in fields(schema):
        members = [member for member in options(hints(schema)[each.name]) if is_dataclass(member)]
        if not members:
            lines.append(_field(schema, each, each.name))
        for member in members:
            found = list(_group_fields(member, each.name))
            lines += [f"  of {target}:"] if found and len(members) > 1 and (target := getattr(member, "_target_", "")) else []
            lines += found
        if each.name == DATA and CLEANING in hints(schema):
            lines.append(f"  {DATA + '.' + CLEANING:<32} {HELP}")
    return lines


def _group_fields(schema: Any, group: str) -> Iterator[str]:
    for each in fields(schema):
        if each.name not in ("_target_", "name"):
            yield _field(schema, each, f"{group}.{each.name}")


def _field(schema: Any, each: Any, name: str) -> str:
    limits: Range = each.metadata.get("range", Range())
    parts = [_type(hints(schema)[each.name]), _limits(limits), "required" if required(each) else "", limits.help]
    return f"  {name:<32} {'; '.join(part for part in parts if part)}"


def _type(hint: Any) -> str:
    words = []
    for member in options(hint):
        if get_origin(member) is Literal:
            words += [str(word) for word in get_args(member)]
        elif get_origin(member) is list:
            words.append("list" if is_dataclass(get_args(member)[0]) else f"list of {_type(get_args(member)[0])}")
        else:
            words.append(WORDS.get(member, "null" if member is NoneType else "mapping"))
    return " | ".join(words)


def _limits(limits: Range) -> str:
    signs = (("at least", limits.at_least), ("above", limits.above), ("at most", limits.at_most), ("below", limits.below))
    return ", ".join(f"{sign} {value:,}" for sign, value in signs if value is not None)
