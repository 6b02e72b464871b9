"""What a plan knows of the CPU is what torch does on it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from assay.model import cpu_features
from assay.model.cpu_features import cpu_has_bf16, cpu_variables

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("flags", "limit", "found"),
    [
        (["avx2"], {}, False),
        ([], {}, False),
        (["amx_bf16", "avx2"], {}, True),
        (["avx512_bf16"], {}, True),
        (["avx512_bf16"], {"ONEDNN_MAX_CPU_ISA": "AVX2"}, False),
        (["avx512_bf16"], {"ONEDNN_MAX_CPU_ISA": "avx512_core_vnni"}, False),
        (["avx512_bf16"], {"DNNL_MAX_CPU_ISA": "AVX2"}, False),
        (["avx512_bf16"], {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16", "DNNL_MAX_CPU_ISA": "AVX2"}, True),
        (["avx512_bf16"], {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_AMX"}, True),
        (["avx512_bf16"], {"ONEDNN_MAX_CPU_ISA": "unknown to oneDNN"}, True),
        (["avx512_bf16"], {"ATEN_CPU_CAPABILITY": "avx2"}, True),
    ],
)
def test_bf16_needs_instructions_that_onednn_may_use(
    flags: list[str], limit: dict[str, str], found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu_features, "cpu_features", lambda: flags)
    for name in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in limit.items():
        monkeypatch.setenv(name, value)
    assert cpu_has_bf16() == found


def test_variables_that_choose_instructions_are_listed_where_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cpu_variables()
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    monkeypatch.setenv("NUMBA_CPU_NAME", "")
    assert cpu_variables() == {**before, "MKL_CBWR": "AVX2"}


@pytest.mark.skipif(not cpu_has_bf16(), reason="not run: this CPU has no bf16 instructions")
def test_torch_trains_an_lstm_in_bf16_where_the_cpu_has_it() -> None:
    cell = torch.nn.LSTM(3, 5, batch_first=True)
    with torch.autocast("cpu", torch.bfloat16):
        output, _ = cell(torch.ones(2, 4, 3))
    assert output.dtype == torch.bfloat16
    torch.autograd.backward(output.float().sum())
    assert torch.ops.mkldnn._is_mkldnn_bf16_supported()


def test_the_models_run_under_autocast_on_a_cpu_without_bf16() -> None:
    """A process whose oneDNN is limited to AVX2 runs the models' tests of bfloat16."""
    limited = {**os.environ, "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/model", "-k", "in_bfloat16 or float32_where"]
    done = subprocess.run(command, cwd=ROOT, env=limited, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout.splitlines()[-1]
