import subprocess
import sys
from pathlib import Path

import pytest

from assay.data.near.settings import DecontaminationSettings, NearDedupSettings, Shingles


@pytest.mark.parametrize(("threshold", "parts"), [(0.8, 8000), (0.7, 7000), (0.9999, 9999), (1.0, 10_000), (0.57, 5700)])
def test_a_threshold_is_compared_as_whole_ten_thousandths(threshold: float, parts: int) -> None:
    assert NearDedupSettings(threshold=threshold).threshold_parts == parts


def test_an_ngram_is_a_shingle_of_its_own_length() -> None:
    assert DecontaminationSettings().ngrams == Shingles(words=13, characters=20)
    assert NearDedupSettings(words=3, characters=4).shingles == Shingles(words=3, characters=4)


def test_checking_a_config_does_not_load_what_compiles_kernels() -> None:
    program = "import sys; import assay.data.near.settings; assert not {'numba', 'numpy'} & set(sys.modules)"
    source = Path(__file__).resolve().parents[3] / "src"
    subprocess.run([sys.executable, "-c", program], cwd=source, check=True)
