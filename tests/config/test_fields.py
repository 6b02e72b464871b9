"""How a schema says what a field may hold."""

import re
from dataclasses import MISSING, dataclass, fields

import pytest

from assay.config.fields import FOLDER_IN_PROJECT, Range, setting


@dataclass(frozen=True, kw_only=True)
class Example:
    needed: int = setting(at_least=1, help="why")
    given: int = setting(3)
    listed: list[str] = setting(make=lambda: ["*"])


def test_a_setting_is_a_field_with_its_range() -> None:
    needed, given, listed = fields(Example)
    assert needed.metadata["range"] == Range(at_least=1, help="why")
    assert (needed.default, given.default, listed.default) == (MISSING, 3, MISSING)
    assert Example(needed=1).listed == ["*"]
    assert Example(needed=1).listed is not Example(needed=1).listed


@pytest.mark.parametrize("name", ["models", "a/b/c", "a.b/c-d_e", "a/...b", "a..b"])
def test_a_folder_in_the_project(name: str) -> None:
    assert re.fullmatch(FOLDER_IN_PROJECT, name)


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/..", "a/../b", "..", "-a", "~/a", "a b", "a\n", "a\x00"])
def test_a_folder_elsewhere(name: str) -> None:
    assert not re.fullmatch(FOLDER_IN_PROJECT, name)
