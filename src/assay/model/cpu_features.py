"""Instruction sets of the CPU, and the environment variables that limit their use by libraries. No torch, so a plan can ask."""

import os
from pathlib import Path

WITHOUT_BF16 = {"sse41", "avx", "avx2", "avx2_vnni", "avx2_vnni_2", "avx512_core", "avx512_core_vnni"}
"""Values of ONEDNN_MAX_CPU_ISA, in lower case, that keep oneDNN from AVX512-BF16 and AMX instructions."""

CPU_VARIABLES = (
    *("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE"),
    *("MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "NPY_DISABLE_CPU_FEATURES", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"),
)
"""Environment variables by which torch, oneDNN, MKL, NumPy and Numba choose their instruction sets, and so the last bits of a result."""


def cpu_features() -> list[str]:
    """Return the names of the CPU's instruction sets, sorted; an empty list where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return []
    line = next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), ":")
    return sorted(set(line.partition(":")[2].split()))


def cpu_variables() -> dict[str, str]:
    """Return those of CPU_VARIABLES that are set."""
    return {name: os.environ[name] for name in CPU_VARIABLES if os.environ.get(name)}


def cpu_has_bf16() -> bool:
    """Return whether torch multiplies bfloat16 by instructions of the CPU.

    Without them, or with oneDNN limited to older ones, products are emulated, tens of times slower than float32, and torch's LSTM raises
    RuntimeError. oneDNN reads DNNL_MAX_CPU_ISA where ONEDNN_MAX_CPU_ISA is empty, in any case of letters, and ignores an unknown value.
    """
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA") or os.environ.get("DNNL_MAX_CPU_ISA", "")
    return limit.lower() not in WITHOUT_BF16 and not {"avx512_bf16", "amx_bf16"}.isdisjoint(cpu_features())
