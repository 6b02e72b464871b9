import importlib
import subprocess
import sys

import pytest

from assay.data.hidden import hidden
from assay.files import ROOT

ALONE = """
import sys
sys.path.insert(0, "src")
from assay.data.hidden import leave_pandas_out
leave_pandas_out()
import numpy, pyarrow
pyarrow.array(["a"]), pyarrow.array(numpy.ones(1)).to_numpy()
assert "pandas" not in sys.modules
assert pyarrow.table({"a": [1]}).to_pandas().a.tolist() == [1]
"""


def test_a_hidden_package_is_there_again_afterwards() -> None:
    sys.modules.pop("colorsys", None)
    with hidden("colorsys"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys")


def test_arrays_are_made_without_pandas_and_tables_for_it_all_the_same() -> None:
    subprocess.run([sys.executable, "-c", ALONE], check=True, cwd=ROOT)
