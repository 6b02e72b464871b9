import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.clean_inputs import clean_inputs
from assay.data.cleaning.schema import GopherRules, RuleSet
from assay.data.fingerprint import fingerprint
from assay.data.near.settings import NearDedupSettings


@pytest.mark.parametrize(
    "cleaning",
    [{"min_characters": 9}, {"near_dedup": NearDedupSettings()}, {"languages": ["en"]}, {"rules": [RuleSet(gopher=GopherRules())]}],
    ids=str,
)
def test_each_setting_of_a_recipe_is_another_input(corpus: Callable[..., SimpleNamespace], lines: bytes, cleaning: dict[str, Any]) -> None:
    plain, other = (corpus({"a.txt": lines}, cleaning=chosen) for chosen in ({}, cleaning))
    assert fingerprint(clean_inputs(plain.config, plain.root)) != fingerprint(clean_inputs(other.config, other.root))


def test_processes_and_windows_are_none(corpus: Callable[..., SimpleNamespace], lines: bytes) -> None:
    plain, other = (corpus({"a.txt": lines}, data=chosen) for chosen in ({}, {"workers": 7, "context_tokens": 99}))
    assert clean_inputs(plain.config, plain.root) == clean_inputs(other.config, other.root)


def test_weights_of_sources_are_none_and_their_names_are(corpus: Callable[..., SimpleNamespace], lines: bytes) -> None:
    plain, weighed, named = (corpus({"a.txt": lines}, source=chosen) for chosen in ({}, {"weight": 2.0}, {"name": "other"}))
    warm = corpus({"a.txt": lines}, data={"temperature": 3.0})
    assert clean_inputs(plain.config, plain.root) == clean_inputs(weighed.config, weighed.root) == clean_inputs(warm.config, warm.root)
    assert clean_inputs(plain.config, plain.root) != clean_inputs(named.config, named.root)


def test_to_look_finished_data_up_compiles_and_loads_no_kernel() -> None:
    """Numba takes a second of CPU to import, and a stored result is promised in two."""
    code = "import sys; sys.path.insert(0, 'src'); import assay.data.prepare; assert not {'numba', 'torch', 'mlflow'} & set(sys.modules)"
    from assay.files import ROOT

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
