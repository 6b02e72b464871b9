"""Speed of training, and the share of the machine's peak that it uses."""

import time

import torch

from assay.model.cpu_features import cpu_has_bf16


def peak_flops(device: torch.device, precision: str) -> float:
    """The best rate of a large matrix product on this machine now, in FLOP/s: the 100 % of model-FLOPs utilisation.

    A CPU's data sheet says nothing of what its cores reach together, so it is measured, in about a third of a second. A CPU that emulates
    bf16 is measured in float32, in which it is faster.
    """
    emulated = device.type == "cpu" and not cpu_has_bf16()
    dtype = torch.bfloat16 if precision == "bf16" and not emulated else torch.float32
    size = 1024 if device.type == "cpu" else 8192
    a = torch.ones(size, size, dtype=dtype, device=device)
    best = float("inf")
    deadline = time.monotonic() + 0.3
    for turn in range(50):
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        start = time.perf_counter()
        a @ a
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        if turn:  # the first product allocates and chooses a kernel
            best = min(best, time.perf_counter() - start)
        if turn >= 3 and time.monotonic() > deadline:
            break
    return 2.0 * size**3 / best
