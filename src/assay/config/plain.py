"""A typed config as plain values and as YAML, and back: what a run's config.yaml holds."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from omegaconf._utils import get_yaml_loader

from assay.config.check import check
from assay.config.report import refuse
from assay.config.yaml_source import read_yaml

C = TypeVar("C")


def to_plain(config: Any) -> dict[str, Any]:
    return asdict(config)


def from_plain(values: Mapping[str, Any], schema: type[C], place: str = "the stored config") -> C:
    """The config these values were made from. Raises ConfigError, since a stored file may come from elsewhere or be edited."""
    checked = check(values, schema, lambda _: place)
    refuse(checked.problems)
    return cast(C, checked.config)


def to_yaml(config: Any) -> str:
    """The config as YAML that reads back as the same values: texts like 1e-3 are quoted by the rules of the loader that will read them."""
    return str(yaml.dump(to_plain(config), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=1_000_000))


def read_config(path: Path, schema: type[C]) -> C:
    """A config.yaml written by `to_yaml`. Raises ConfigError with the line of each mistake."""
    source = read_yaml(path, str(path))
    refuse(source.problems)
    checked = check(source.values, schema, source.at)
    refuse(checked.problems)
    return cast(C, checked.config)


@cache
def _dumper() -> type[yaml.SafeDumper]:
    class Dumper(yaml.SafeDumper):
        yaml_implicit_resolvers = get_yaml_loader().yaml_implicit_resolvers

        def ignore_aliases(self, data: Any) -> bool:
            return True  # a list that two fields share would else become an anchor, which the reader refuses

        def represent_text(self, text: str) -> yaml.ScalarNode:
            # YAML's own line ends beside \n: unless escaped, a reader folds them into a blank.
            style = '"' if any(end in text for end in "\x85\u2028\u2029") else None
            return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, Dumper.represent_text)
    return Dumper
