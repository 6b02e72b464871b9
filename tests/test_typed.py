"""Paths as a person types them."""

from pathlib import Path

import pytest

from assay.errors import ConfigError
from assay.typed import typed_path


def test_a_home_is_found_and_all_else_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed_path("~/texts") == tmp_path / "texts"
    assert typed_path("a ~/b") == Path("a ~/b")


def test_a_home_of_nobody_is_told() -> None:
    with pytest.raises(ConfigError, match="~no-such-person/texts: there is no home folder of that name"):
        typed_path("~no-such-person/texts")
