"""Generated code of torch.compile is kept apart for each kind of CPU."""

import os
from pathlib import Path

import pytest
import torch
from objectives import DEPRECATED

from assay.model import compiling
from assay.model.compiling import CACHE_VARIABLE, compiled_here

pytestmark = DEPRECATED


def cache_folder(monkeypatch: pytest.MonkeyPatch, features: list[str]) -> str:
    monkeypatch.setattr(compiling, "cpu_features", lambda: features)
    compiled_here(torch.sin)
    return os.environ[CACHE_VARIABLE]


def test_two_kinds_of_cpu_share_no_generated_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    first = cache_folder(monkeypatch, ["avx2"])
    second = cache_folder(monkeypatch, ["avx2", "avx512f"])
    assert first != second
    assert {Path(first).parent, Path(second).parent} == {tmp_path}
    assert cache_folder(monkeypatch, ["avx2"]) == first


def test_a_variable_that_limits_instructions_is_another_kind_of_cpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    free = cache_folder(monkeypatch, ["avx2"])
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    assert cache_folder(monkeypatch, ["avx2"]) != free
