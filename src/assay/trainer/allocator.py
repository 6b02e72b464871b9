"""Keep the memory a training step frees, for the next step to use."""

import ctypes
import platform

# mallopt's parameters (glibc's malloc.h)
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
TOP_PAD_BYTES = 64 << 20


def keep_freed_memory() -> bool:
    """Tell glibc's malloc to keep large blocks instead of giving them back to the system. False where there is no glibc.

    By default every tensor over 32 MB is mapped anew and its pages are cleared at each first touch: a third to a half of the CPU seconds of
    a step (docs/log.md, 2026-11-22). Results are the same to the last bit; the process holds its peak memory until it ends.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    done = [mallopt(M_MMAP_MAX, 0), mallopt(M_TRIM_THRESHOLD, 2**31 - 1), mallopt(M_TOP_PAD, TOP_PAD_BYTES)]
    return all(done)
