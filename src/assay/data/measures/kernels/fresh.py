"""Compiled kernels of these files go when any of the files changes. Import it before a kernel is called."""

from pathlib import Path

from assay.data.kernel_cache import INTRINSICS, drop_stale

HERE = Path(__file__).resolve().parent

drop_stale(HERE, [*sorted(HERE.glob("*.py")), HERE.parent / "classes.py", HERE.parent / "fields.py", INTRINSICS])
