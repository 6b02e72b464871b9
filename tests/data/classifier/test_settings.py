import subprocess
import sys
from pathlib import Path

import pytest

from assay.data.classifier.settings import QualityClassifierSettings


@pytest.mark.parametrize(("threshold", "parts"), [(0.5, 5000), (0.57, 5700), (0.9999, 9999), (0.0001, 1)])
def test_a_threshold_is_compared_as_whole_ten_thousandths(threshold: float, parts: int) -> None:
    assert QualityClassifierSettings(name="a", at_least=threshold).at_least_parts == parts


def test_checking_a_config_does_not_load_what_compiles_kernels() -> None:
    program = "import sys; import assay.data.classifier.settings; assert not {'numba', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).resolve().parents[3] / "src", check=True)
