"""Plain values -> the typed, frozen dataclasses of schema.py, with every mistake found and none raised."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from assay.config.corpus_recipe import CLEANING, DATA, misplaced
from assay.config.fields import Range
from assay.config.other_names import OTHER_NAMES
from assay.config.report import LOGIN_IN_URL, Problem, did_you_mean, dotted, looks_secret, nearest, show
from assay.config.yaml_source import Keys

NOT_GIVEN = "???"  # OmegaConf's word for a value still to be given
WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", NoneType: "null"}


class _Bad:
    """Stands for a value that was refused; a mapping that holds one is refused too, silently."""


BAD = _Bad()


@dataclass
class Checked:
    """`good` holds each field that passed on its own, for the rules across fields."""

    config: Any = BAD
    good: dict[Keys, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def check(values: Mapping[str, Any], schema: type[Any], place: Callable[[Keys], str], removed: Mapping[Keys, str] | None = None) -> Checked:
    """Convert `values` to `schema`. `place` tells where the value at some keys was set."""
    checker = _Checker(schema, place)
    checker.result.config = checker.mapping(values, schema, ())
    for keys in removed or {}:
        if dotted(keys) not in checker.names():
            checker.unknown(keys)
    return checker.result


_HINTS: dict[type[Any], dict[str, Any]] = {}


def hints(schema: type[Any]) -> dict[str, Any]:
    """Field -> its type; kept, because a sweep asks a thousand times."""
    if schema not in _HINTS:
        _HINTS[schema] = get_type_hints(schema)
    return _HINTS[schema]


def options(hint: Any) -> tuple[Any, ...]:
    """The members of `A | B`, or the one type."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def target_of(schema: type[Any]) -> str | None:
    """The class a schema stands for: the default of its `_target_` field."""
    return next((str(each.default) for each in fields(schema) if each.name == "_target_"), None)


def pick(schemas: tuple[Any, ...], values: Any) -> type[Any] | None:
    """The schema whose `_target_` the values name; where there is none to name, the only one."""
    named = values.get("_target_") if isinstance(values, Mapping) else None
    if named is None or target_of(schemas[0]) is None:
        return schemas[0] if len(schemas) == 1 else None
    return next((schema for schema in schemas if target_of(schema) == named), None)


def required(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def default_of(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()


class _Checker:
    def __init__(self, schema: type[Any], place: Callable[[Keys], str]) -> None:
        self.schema = schema
        self.place = place
        self.result = Checked()
        self.chosen: dict[Keys, type[Any]] = {}

    def wrong(self, keys: Keys, text: str) -> _Bad:
        self.result.problems.append(Problem(self.place(keys), text))
        return BAD

    def must(self, keys: Keys, what: str, value: Any) -> _Bad:
        return self.wrong(keys, f"{dotted(keys)} must be {what}, found {show(value)}")

    def mapping(self, values: Any, schema: type[Any], keys: Keys) -> Any:
        if not isinstance(values, Mapping):
            return self.must(keys, "a mapping of fields", values)
        self.chosen[keys] = schema
        known = {each.name: each for each in fields(schema)}
        unknown = [name for name in values if name not in known]
        made = {name: self.one(values, each, hints(schema)[name], (*keys, name)) for name, each in known.items()}
        for name in unknown:
            self.unknown((*keys, name))
        return BAD if unknown or any(value is BAD for value in made.values()) else schema(**made)

    def one(self, values: Mapping[str, Any], each: Field[Any], hint: Any, keys: Keys) -> Any:
        if each.name not in values or values[each.name] == NOT_GIVEN:
            if required(each) and any(is_dataclass(option) for option in options(hint)) and len(keys) == 1:
                return self.wrong(keys, f"{dotted(keys)} is required: choose a file of conf/{each.name}/")
            if required(each):
                return self.wrong(keys, f"{dotted(keys)} is required and not given{self.explain(each)}")
            value = default_of(each)
        else:
            value = self.value(values[each.name], hint, each.metadata.get("range", Range()), keys)
        if value is not BAD:
            self.result.good[keys] = value
        return value

    @staticmethod
    def explain(each: Field[Any]) -> str:
        text = each.metadata.get("range", Range()).help
        return f" ({text})" if text else ""

    def value(self, value: Any, hint: Any, limits: Range, keys: Keys) -> Any:
        members = options(hint)
        if value is None and NoneType in members:
            return None
        schemas = tuple(member for member in members if is_dataclass(member))
        if schemas:
            return self.group(value, schemas, keys)
        words = [word for member in members if get_origin(member) is Literal for word in get_args(member)]
        if any(value == word and type(value) is type(word) for word in words):
            return value
        plain = [member for member in members if get_origin(member) is not Literal and member is not NoneType]
        if not plain:
            return self.literal(value, words, NoneType in members, keys)
        if get_origin(plain[0]) is list:
            return self.items(value, get_args(plain[0])[0], limits, keys)
        others = [repr(word) for word in words] + (["null"] if NoneType in members else [])
        return self.scalar(value, plain[0], limits, keys, others)

    def group(self, value: Any, schemas: tuple[Any, ...], keys: Keys) -> Any:
        if not isinstance(value, Mapping):
            return self.must(keys, "a mapping of fields", value)
        schema = pick(schemas, value)
        if schema is not None:
            return self.mapping(value, schema, keys)
        targets, found = [str(target_of(each)) for each in schemas], value.get("_target_")
        place, what = (*keys, "_target_"), f"{dotted(keys)}._target_"
        if found is None:
            self.wrong(place, f"{what} is needed: {' or '.join(targets)}")
        else:
            near = did_you_mean(found, targets) if isinstance(found, str) else ""
            self.wrong(place, f"{what} may only be {' or '.join(targets)}, found {show(found)}{near}")
        likeliest = max(schemas, key=lambda schema: len(value.keys() & hints(schema).keys()))
        self.mapping({**value, "_target_": target_of(likeliest)}, likeliest, keys)  # for the other mistakes in it
        return BAD

    def literal(self, value: Any, words: list[Any], null: bool, keys: Keys) -> Any:
        allowed = [show(word).strip("'") for word in words] + (["null"] if null else [])
        hint = did_you_mean(value, [word for word in words if isinstance(word, str)]) if isinstance(value, str) else ""
        return (
            self.must(keys, f"one of {', '.join(allowed)}", value)
            if not hint
            else self.wrong(keys, f"{dotted(keys)} must be one of {', '.join(allowed)}, found {show(value)}{hint}")
        )

    def items(self, value: Any, hint: Any, limits: Range, keys: Keys) -> Any:
        if not isinstance(value, (list, tuple)):
            return self.must(keys, "a list", value)
        items = [self.value(item, hint, limits, (*keys, place)) for place, item in enumerate(value)]
        self.result.good |= {(*keys, place): item for place, item in enumerate(items) if item is not BAD}
        return BAD if any(item is BAD for item in items) else items

    def scalar(self, value: Any, kind: Any, limits: Range, keys: Keys, others: list[str]) -> Any:
        what = " or ".join([WORDS[kind], *others])
        if kind is float and type(value) is int and abs(value) < 10**300:
            value = float(value)
        if type(value) is not kind:
            return self.wrong(keys, f"{dotted(keys)} must be {what}, found {show(value)}{_how_to_write(value, kind)}")
        broken = _broken_text(value) if kind is str else _broken_number(value, limits) if kind in (int, float) else None
        if broken is None and kind is str and limits.pattern and not re.fullmatch(limits.pattern, value):
            rule = f"be {limits.words}" if limits.words else f"match {limits.pattern}"
            broken = f"must {rule}{f' ({limits.help})' if limits.help else ''}"
        if broken:
            return self.wrong(keys, f"{dotted(keys)} {broken}, found {show(value)}")
        return value

    def unknown(self, keys: Keys) -> None:
        name, holder = str(keys[-1]), self.chosen.get(keys[:-1])
        siblings = [each.name for each in fields(holder)] if holder else []
        near = nearest(name, siblings, at_least=0.8)
        if looks_secret(name) and near is None:
            self.wrong(
                keys, f"{dotted(keys)} looks like a secret. No config holds one, since configs are recorded; set it in the environment"
            )
        elif name.startswith("_") and name.endswith("_"):
            self.wrong(keys, f"{dotted(keys)} is not allowed: a config chooses values, never what is called or how")
        elif why := misplaced(keys):
            self.wrong(keys, why)
        else:
            found = self.meant(keys, [*siblings, CLEANING] if keys[:-1] == (DATA,) else siblings)
            listed = (
                f" ({dotted(keys[:-1])} has: {', '.join(each for each in siblings if each != '_target_')})"
                if len(keys) > 1 and siblings
                else ""
            )
            self.wrong(keys, f"{dotted(keys)}: unknown key{f'; did you mean {found}?' if found else ''}{listed}")

    def meant(self, keys: Keys, siblings: list[str]) -> str | None:
        """The nearest name beside it; or that name in another group; or the nearest full name."""
        name, near = str(keys[-1]), nearest(str(keys[-1]), siblings, at_least=0.6)
        known = [each for each in OTHER_NAMES.get(name, ()) if each in self.names()]
        if known and not (near and near.startswith(name)):
            return " or ".join(known)
        if near:
            return dotted((*keys[:-1], near))
        elsewhere = sorted(each for each in self.names() if each.rpartition(".")[2] == name)
        return elsewhere[0] if elsewhere else nearest(dotted(keys), self.names(), at_least=0.75)

    def names(self) -> set[str]:
        """Every dotted name a value may be given to, for the schemas this config chose."""
        return {
            dotted((*keys, name))
            for keys, schema in self.chosen.items()
            for name in _names(schema)
            if not any(isinstance(key, int) for key in keys)
        }


def _names(schema: type[Any]) -> Iterator[str]:
    return (each.name for each in fields(schema))


_SHORT = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9}


def _how_to_write(value: Any, kind: Any) -> str:
    if kind in (int, float) and isinstance(value, str) and (short := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kKmMgGbB])", value)):
        return f"; write {float(short[1]) * _SHORT[short[2].lower()]:.0f}"
    if kind is int and isinstance(value, float) and value.is_integer() and abs(value) < 10**18:
        return f"; write {int(value)}"
    if kind is str and isinstance(value, (int, float, bool)):
        return '; quote it: \'"..."\' on the command line, "..." in a file'
    return ""


def _broken_number(value: float, limits: Range) -> str | None:
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a finite number"
    if limits.at_least is not None and value < limits.at_least:
        return f"must be at least {limits.at_least:,}"
    if limits.above is not None and value <= limits.above:
        return f"must be above {limits.above:,}"
    if limits.at_most is not None and value > limits.at_most:
        return f"must be at most {limits.at_most:,}"
    if limits.below is not None and value >= limits.below:
        return f"must be below {limits.below:,}"
    return None


def _broken_text(value: str) -> str | None:
    if LOGIN_IN_URL.search(value):
        return "must not hold a login (user:password@); secrets come from the environment"
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        return "must be UTF-8 text without NUL"
    return None
