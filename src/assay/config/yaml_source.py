"""One YAML file as plain values with the line of each, read as OmegaConf reads it but refusing what a config must not hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from omegaconf._utils import get_yaml_loader

from assay.config.report import Problem, dotted, show

Keys = tuple[str | int, ...]
"""Where a value stands: ("data", "sources", 0, "sha256")."""

MOST_BYTES = 256 * 1024
DEEPEST = 32  # the composer below recurses; 10,000 nested lists would end in a RecursionError
SCALARS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str"))


@dataclass
class Source:
    """A file read. `values` holds what could be read; `problems` the rest."""

    place: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Keys, int] = field(default_factory=dict)
    package: str | None = None
    problems: list[Problem] = field(default_factory=list)

    def at(self, keys: Keys) -> str:
        return f"{self.place}:{self.lines[keys]}" if keys in self.lines else self.place


def read_yaml(path: Path, place: str) -> Source:
    """Read one file. `place` is its name in messages. Nothing is raised: what is wrong is listed in the result."""
    source = Source(place)
    text = _text(path, source)
    if text is None:
        return source
    source.package = _package(text)
    try:
        if not _harmless(text, source):
            return source
        loader = _loader()(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        source.problems.append(
            Problem(f"{place}:{mark.line + 1}" if mark else place, f"not YAML: {error.problem or error.context}{_tab(text, mark)}", place)
        )
        return source
    except yaml.YAMLError as error:  # a character YAML does not allow: the reader gives no line
        source.problems.append(Problem(place, f"not YAML: {str(error).splitlines()[0]}", place))
        return source
    if isinstance(node, yaml.MappingNode):
        source.values = _Builder(loader, source).mapping(node, ())
    elif node is not None and node.tag != "tag:yaml.org,2002:null":
        source.problems.append(Problem(f"{place}:{node.start_mark.line + 1}", "the file must be a mapping of fields (name: value)"))
    return source


def _text(path: Path, source: Source) -> str | None:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        source.problems.append(Problem(source.place, f"cannot be read: {error.strerror}", source.place))
        return None
    if size > MOST_BYTES:
        source.problems.append(Problem(f"{source.place}:1", f"a config file may hold at most {MOST_BYTES:,} bytes, found {size:,}"))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        source.problems.append(Problem(f"{source.place}:{line}", "not UTF-8; save the file in that encoding", source.place))
        return None


def _package(text: str) -> str | None:
    """The `# @package NAME` that Hydra honours: in the lines before the first that is something else."""
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.lstrip("#").split()
        if not line.startswith("#") or not words or not words[0].startswith("@"):
            return None
        if words[0] == "@package":
            return words[1] if len(words) == 2 else ""
    return None


def _tab(text: str, mark: Any) -> str:
    lines = text.splitlines()
    indent = lines[mark.line][: len(lines[mark.line]) - len(lines[mark.line].lstrip())] if mark and mark.line < len(lines) else ""
    return " (indent with spaces, not tabs)" if "\t" in indent else ""


@cache
def _loader() -> Any:
    """OmegaConf's own loader, so that 1e-3 is a number here too; on libyaml's parser where it was built, because it is ten times faster."""
    omega = get_yaml_loader()
    if not yaml.__with_libyaml__:
        return omega
    from yaml.constructor import SafeConstructor
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not list it
    from yaml.resolver import Resolver

    class Loader(CParser, SafeConstructor, Resolver):
        yaml_implicit_resolvers = omega.yaml_implicit_resolvers

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

    return Loader


def _harmless(text: str, source: Source) -> bool:
    """Walk the events, which costs time linear in the file, before building anything an alias could multiply."""
    depth = 0
    for event in _events(text):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        at = f"{source.place}:{event.start_mark.line + 1}"
        if depth > DEEPEST:
            source.problems.append(Problem(at, f"nested deeper than {DEEPEST} levels"))
            return False
        if getattr(event, "anchor", None):
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            source.problems.append(Problem(at, f"{sign}{event.anchor}: anchors and aliases are not allowed; write the value out"))
        elif getattr(event, "tag", None):
            source.problems.append(Problem(at, f"{show(event.tag)}: tags are not allowed; write a plain value"))
    return not source.problems


def _events(text: str) -> Iterator[Any]:
    loader = _loader()(text)
    while loader.check_event():
        yield loader.get_event()


class _Builder:
    def __init__(self, loader: Any, source: Source) -> None:
        self.loader = loader
        self.source = source

    def wrong(self, node: yaml.Node, text: str) -> None:
        self.source.problems.append(Problem(f"{self.source.place}:{node.start_mark.line + 1}", text))

    def mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            if key is None:
                continue
            if key in values:
                first = self.source.lines[(*keys, key)]
                self.wrong(key_node, f"{dotted((*keys, key))} is given twice; the first is in line {first}")
                continue
            self.source.lines[(*keys, key)] = key_node.start_mark.line + 1
            values[key] = self.value(value_node, (*keys, key))
        return values

    def key(self, node: yaml.Node) -> str | None:
        if node.tag == "tag:yaml.org,2002:str":
            return str(node.value)
        if node.tag == "tag:yaml.org,2002:merge":
            self.wrong(node, "<<: merging is not allowed; write the fields out")
        else:
            written = show(node.value) if isinstance(node, yaml.ScalarNode) else "a list or mapping"
            self.wrong(node, f"a name must be a word, found {written}")
        return None

    def value(self, node: yaml.Node, keys: Keys) -> Any:
        self.source.lines[keys] = self.source.lines.get(keys, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*keys, place)) for place, item in enumerate(node.value)]
        if node.tag not in SCALARS:
            return str(node.value)
        try:
            value = self.loader.construct_object(node)
        except ValueError:  # more digits than Python turns into a number
            self.wrong(node, f"{dotted(keys)}: found {show(node.value)}, which is not a number Python can hold")
            return None
        if isinstance(value, str) and "${" in value:
            self.wrong(node, f"{dotted(keys)}: interpolation (${{...}}) is not allowed; write the value")
        return value
