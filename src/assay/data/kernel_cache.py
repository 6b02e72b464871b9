"""What Numba keeps of compiled kernels, and when it must go.

Numba keeps a compiled function for as long as its own file is the same, and does not look at the files of the functions that it calls. Where
kernels call across files, old code would run on after an update, and nothing would say so.
"""

from contextlib import suppress
from pathlib import Path

import xxhash

from assay.files import write_atomic

STAMP = "kernels.nbstamp"
INTRINSICS = Path(__file__).with_name("intrinsics.py")


def drop_stale(folder: Path, sources: list[Path]) -> None:
    """Remove what Numba kept in the folder's __pycache__, unless it was made of these sources."""
    kept, digest = folder / "__pycache__", xxhash.xxh3_128_hexdigest(b"\0".join(path.read_bytes() for path in sources))
    with suppress(OSError):  # a source tree that can't be written to has no cache of its own
        stamp = kept / STAMP
        if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
            return
        for path in [*kept.glob("*.nbi"), *kept.glob("*.nbc")]:
            path.unlink(missing_ok=True)
        write_atomic(stamp, digest.encode())
