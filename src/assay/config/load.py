"""From a root's name and overrides to its checked config, without Hydra's run: what the pre-flight and the other packages call."""

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields, is_dataclass
from types import NoneType
from typing import Any, Generic, TypeVar, cast

from hydra.core.override_parser.types import Override, Quote, QuotedString

from assay.config import corpus_recipe
from assay.config.budget import settle
from assay.config.check import NOT_GIVEN, check, default_of, hints, options, pick, required
from assay.config.compose import compose
from assay.config.overrides import CommandLine, parse
from assay.config.paths import place_paths
from assay.config.plain import to_plain
from assay.config.presets import Conf
from assay.config.report import Problem, refuse
from assay.config.rules import contradictions
from assay.config.run_name import default_run_name
from assay.config.tree import COMMAND, Origin, Tree
from assay.config.yaml_source import Keys

C = TypeVar("C")


@dataclass
class Loaded(Generic[C]):
    """A config with nothing wrong in it, or (`config` is None) what is wrong."""

    tree: Tree
    config: C | None
    added: dict[Keys, Any]  # what Hydra must be told besides the overrides, to compose the same values
    problems: list[Problem]
    words: list[str] = field(default_factory=list)  # overrides that it must be told first


def load(root: str, overrides: Sequence[str], schema: type[C], conf: Conf | None = None) -> C:
    """The config of conf/<root>.yaml with these overrides. Raises one ConfigError that lists every mistake."""
    loaded = examine(conf or Conf(), root, overrides, schema)
    refuse(loaded.problems)
    return cast(C, loaded.config)


def examine(conf: Conf, root: str, overrides: Sequence[str], schema: type[C]) -> Loaded[C]:
    """Compose, settle what depends on where a value came from, check fields, then rules. Problems are returned, in that order."""
    tree = compose(conf, root, overrides)
    added = (
        _name(tree, schema)
        | _name_run(tree, overrides, schema)
        | {("trainer", name): value for name, value in settle(tree).items()}
        | place_paths(tree, schema)
    )
    checked = check(tree.values, schema, tree.place, tree.removed)
    unread = {problem.unread for problem in tree.problems if problem.unread}
    missing = [problem for problem in checked.problems if problem.place not in unread]
    problems = [*tree.problems, *missing, *contradictions(tree, checked.good)]
    if problems:
        return Loaded(tree, None, {}, problems)
    whole = to_plain(checked.config)
    added |= {keys: _at(whole, keys) for keys in tree.removed}
    words, recipe = corpus_recipe.for_hydra(tree, whole)
    return Loaded(tree, checked.config, recipe | added, [], words)


def _name(tree: Tree, schema: type[Any]) -> dict[Keys, Any]:
    """Fill each group's `name` with the file chosen for it, where none is given."""
    added: dict[Keys, Any] = {}
    for group, choice in tree.choices.items():
        hint = hints(schema).get(group)
        if hint is not None and any(each.name == "name" for option in options(hint) if is_dataclass(option) for each in fields(option)):
            added |= _filled(tree, (group, "name"), choice, tree.choice_places[group])
    return added


def _name_run(tree: Tree, overrides: Sequence[str], schema: type[Any]) -> dict[Keys, Any]:
    """Fill the run's name, where none is given."""
    name = default_run_name(tree, parse(overrides).own, schema) if "tracking" in hints(schema) else None
    return _filled(tree, ("tracking", "run_name"), name, "the default name of a run") if name else {}


def _filled(tree: Tree, keys: tuple[str, str], value: str, place: str) -> dict[Keys, Any]:
    values = tree.values.setdefault(keys[0], {})
    if not isinstance(values, dict) or values.get(keys[1]) is not None:
        return {}
    values[keys[1]] = value
    tree.history[keys] = [Origin(place, (COMMAND, 0), value)]
    return {keys: value}


def _at(whole: Any, keys: Keys) -> Any:
    for key in keys:
        whole = whole[key]
    return whole


def for_hydra(line: CommandLine, loaded: Loaded[Any]) -> list[str]:
    """Overrides that make Hydra compose what was checked. What `~` took away is a value in `loaded.added`."""
    own = [as_set(override) for override in line.own if not override.is_delete()]
    extra = [f"++{'.'.join(map(str, keys))}={as_word(value)}" for keys, value in loaded.added.items()]
    return [*(str(override.input_line) for override in line.hydra), *loaded.words, *own, *extra]


def as_set(override: Override) -> str:
    """The override as Hydra takes it: `+` of a field that is there is an error to Hydra, and it knows no fields inside a list."""
    text = str(override.input_line)
    inside_a_list = override.key_or_group.count(".") > 1
    return f"++{text.lstrip('+')}" if inside_a_list or override.is_add() else text


def as_word(value: Any) -> str:
    """The value in Hydra's override grammar; texts are quoted, so that `3` stays a name and a comma is no sweep."""
    return str(Override._get_value_element_as_str(_quoted(value)))


def _quoted(value: Any) -> Any:
    if isinstance(value, str):
        return QuotedString(value, Quote.single)
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    return {key: _quoted(item) for key, item in value.items()} if isinstance(value, dict) else value


def schema_node(schema: type[Any], values: dict[str, Any] | None) -> dict[str, Any]:
    """Every field of the schema with its default, `???` where it has none: Hydra then takes overrides of these fields only.

    Where a group has several schemas, `values` says which; without `values` (a sweep over several) the fields of all are there.
    """
    node: dict[str, Any] = {}
    for each in fields(schema):
        members: tuple[Any, ...] = tuple(option for option in options(hints(schema)[each.name]) if is_dataclass(option))
        if not members:
            node[each.name] = NOT_GIVEN if required(each) else default_of(each)
        elif values is None:
            node[each.name] = {name: value for member in reversed(members) for name, value in schema_node(member, None).items()}
        else:
            node[each.name] = _part(each, members, values.get(each.name), NoneType in options(hints(schema)[each.name]))
    return node


def _part(each: Field[Any], members: tuple[Any, ...], values: dict[str, Any] | None, may_be_none: bool) -> dict[str, Any] | None:
    """A schema inside a schema: what no file fills has its defaults, or is left out where it may be."""
    if values is None and may_be_none and not required(each):
        return None
    return schema_node(pick(members, values or {}) or members[0], values or {})
