"""Only the classes listed for a group are built, whatever a config object says."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from assay.config import build as module
from assay.config.build import build
from assay.config.schema import GROUPS
from assay.errors import ConfigError
from assay.objective.schema import CausalLMSchema
from assay.optimizer.schema import AdamWSchema
from assay.schedule.schema import ScheduleSchema


@dataclass(frozen=True)
class Fake:
    _target_: str = "assay.optimizer.adamw.AdamW"


def test_a_group_is_built_from_its_config_and_what_the_run_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    class Schedule:
        __module__ = "assay.schedule.shapes"

        def __init__(self, config: Any, **runtime: Any) -> None:
            self.got = config, runtime

    monkeypatch.setitem(sys.modules, "assay.schedule.shapes", type("Module", (), {"Schedule": Schedule}))
    config = ScheduleSchema(shape="cosine")
    assert build(config, "schedule", steps=3).got == (config, {"steps": 3})


CANARY = "pathlib.Path.write_text"


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.open",
        CANARY,
        "assay.optimizer.adamw.os.system",
        "assay.data.datamodule.TokenWindows",
        "assay.optimizer.adamw.make",
        "",
        "antigravity.fly",
    ],
)
def test_no_other_class_is_built_or_even_imported(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    with pytest.raises(ConfigError, match=r"optimizer\._target_ is"):
        build(replace(AdamWSchema(), _target_=target), "optimizer")
    assert set(sys.modules) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("config", "group"),
    [(Fake(), "optimizer"), (AdamWSchema(), "model"), (AdamWSchema(), "nosuch"), ({"_target_": "x"}, "optimizer"), (None, "data")],
)
def test_a_config_of_another_group_or_of_no_schema_is_refused(config: Any, group: str) -> None:
    with pytest.raises(ConfigError):
        build(config, group)


@pytest.mark.parametrize("found", [print, None, dict, Fake])
def test_a_listed_name_must_lead_to_a_class_defined_in_the_groups_package(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    """A module of ours that imports a class offers it under our name: the name alone proves nothing."""
    monkeypatch.setattr(
        module, "import_module", lambda name: type("Module", (), {"CausalLM": staticmethod(found) if found is print else found})
    )
    with pytest.raises(ConfigError, match=r"is not a class defined under assay\.objective"):
        build(CausalLMSchema(), "objective")


def test_every_listed_class_lies_in_its_groups_package(monkeypatch: pytest.MonkeyPatch) -> None:
    homes: Callable[[str], str] = lambda group: "assay.data." if group == "cleaning" else f"assay.{group}."  # noqa: E731
    for group, schemas in GROUPS.items():
        for schema in schemas:
            assert getattr(schema, "_target_", homes(group)).startswith(homes(group))
