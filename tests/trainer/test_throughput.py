"""The peak that utilisation is measured against."""

import pytest
import torch

from assay.trainer import throughput


def test_the_peak_counts_two_operations_a_weight_of_a_square_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each product takes a second here, the first, which warms up, excepted."""
    now = [0.0]

    def second() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(throughput.time, "perf_counter", second)
    assert throughput.peak_flops(torch.device("cpu"), "fp32") == 2 * 1024**3
