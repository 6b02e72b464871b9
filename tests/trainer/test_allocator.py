"""Freed memory stays with the process."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from assay.trainer.allocator import keep_freed_memory
if sys.argv[2] == "keep":
    assert keep_freed_memory()
import torch
torch.ones(1)
for turn in range(30):
    if turn == 20:  # the heap has grown by then
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(12_000_000)  # 48 MB: beyond the size that glibc always maps anew
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_a_tensor_made_again_finds_its_pages_ready() -> None:
    """48 MB are 11,719 pages; made ten times, they would be cleared and touched anew ten times."""
    src = str(Path(__file__).resolve().parents[2] / "src")
    faults = {
        mode: int(subprocess.run([sys.executable, "-c", PROBE, src, mode], capture_output=True, text=True, check=True).stdout)
        for mode in ("plain", "keep")
    }
    assert faults["plain"] > 100_000
    assert faults["keep"] < 1_000
