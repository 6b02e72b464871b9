import numpy as np
import pytest
from numba import types

from assay.data.near.kernel import compiled, inlined, int64, reads, writes


@inlined
def doubled(value):  # type: ignore[no-untyped-def]
    return value * 2


@compiled(int64(reads(types.uint8), writes(int64)))
def first_value(content, target):  # type: ignore[no-untyped-def]
    target[0] = doubled(content[0])
    return target[0]


def test_a_kernel_reads_bytes_that_may_not_be_written_and_is_compiled_for_one_signature() -> None:
    target = np.zeros(1, dtype=np.int64)
    assert first_value(np.frombuffer(b"\x15", dtype=np.uint8), target) == 42 == target[0]
    with pytest.raises(TypeError, match="No matching definition"):
        first_value(np.zeros(1, dtype=np.float64), target)
    locked = np.zeros(1, dtype=np.int64)
    locked.setflags(write=False)
    with pytest.raises(TypeError, match="No matching definition"):
        first_value(np.zeros(1, dtype=np.uint8), locked)
