"""Which split a document belongs to, by its text alone, so that equal texts never end on both sides."""

import numpy as np
import xxhash
from numpy.typing import NDArray

SPLITS = ("train", "val", "test")
_WHOLE = 2**64


def split_position(text_hash: str) -> int:
    """Uniform in [0, 2^64): a hash keyed by its purpose, so that it is unrelated to the hash that names the text."""
    return xxhash.xxh3_64_intdigest(f"split\0{text_hash}".encode())


def assign_splits(positions: NDArray[np.uint64], validation_fraction: float, test_fraction: float) -> NDArray[np.int8]:
    """The number in SPLITS for each text's position, (N,); equal positions are equal texts.

    With at least 3 texts neither val nor test is empty: an empty one takes the text next in the order of positions.
    """
    ordered, places = np.unique(positions, return_inverse=True)
    val_end = int(validation_fraction * _WHOLE)
    test_end = val_end + int(test_fraction * _WHOLE)
    splits = np.zeros(len(ordered), dtype=np.int8)
    splits[ordered < np.uint64(test_end)] = 2
    splits[ordered < np.uint64(val_end)] = 1
    if len(ordered) >= 3:
        for split in (1, 2):
            if not (splits == split).any():
                train = np.flatnonzero(splits == 0)
                splits[train[0] if len(train) else np.flatnonzero(splits == 3 - split)[-1]] = split
    return splits[places]
