"""torch.compile, with a cache of generated code for each kind of CPU."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from assay.model.cpu_features import cpu_features, cpu_variables

CACHE_VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


def compiled_here(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return torch.compile(function), whose generated code is kept apart from that of other CPUs.

    Inductor (torch 2.13) finds code again by the graph and not by the CPU. Code that was generated for AVX-512 and is taken up where only AVX2
    may be used, as on another machine with the same cache or under ATEN_CPU_CAPABILITY=avx2, gives wrong numbers or a segmentation fault.
    """
    from torch._inductor.runtime.cache_dir_utils import cache_dir

    folder, kind = Path(cache_dir()), _kind_of_cpu()
    if folder.name != kind:
        parent = folder.parent if folder.name.startswith("cpu_") else folder
        os.environ[CACHE_VARIABLE] = str(parent / kind)
    return torch.compile(function)


def _kind_of_cpu() -> str:
    facts: list[Any] = [cpu_features(), sorted(cpu_variables().items())]
    return "cpu_" + hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
