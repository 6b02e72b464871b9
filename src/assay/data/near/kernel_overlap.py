"""Sets of shingles as sorted runs of hashes, and what two of them share."""

from typing import Any

from numba import types

from assay.data.near.kernel import compiled, int64, reads, uint64, writes


@compiled(int64(writes(uint64), reads(int64), writes(int64)))
def sort_sets(hashes: Any, bounds: Any, limits: Any) -> Any:
    """Sorts each text's hashes and moves the distinct ones to the front; set i is then hashes[limits[i] : limits[i + 1]]."""
    count = 0
    limits[0] = 0
    for number in range(len(bounds) - 1):
        part = hashes[bounds[number] : bounds[number + 1]]
        part.sort()
        start = count
        for at in range(len(part)):
            value = part[at]
            if count == start or hashes[count - 1] != value:
                hashes[count] = value
                count += 1
        limits[number + 1] = count
    return count


@compiled(types.void(reads(uint64), reads(int64), reads(int64, 2), writes(int64)))
def shared_members(hashes: Any, limits: Any, pairs: Any, shared: Any) -> None:
    """shared[p]: members that the two sets of pair p have in common."""
    for number in range(len(pairs)):
        left, left_end = limits[pairs[number, 0]], limits[pairs[number, 0] + 1]
        right, right_end = limits[pairs[number, 1]], limits[pairs[number, 1] + 1]
        same = 0
        while left < left_end and right < right_end:
            one, other = hashes[left], hashes[right]
            same += one == other
            left += one <= other
            right += other <= one
        shared[number] = same
