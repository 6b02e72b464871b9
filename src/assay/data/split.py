"""Which split a document belongs to, by its text alone, so that equal texts never end on both sides."""

from collections.abc import Iterable

import xxhash

SPLITS = ("train", "val", "test")
_WHOLE = 2**64


def split_position(text_hash: str) -> int:
    """Uniform in [0, 2^64): a hash keyed by its purpose, so that it is unrelated to the hash that names the text."""
    return xxhash.xxh3_64_intdigest(f"split\0{text_hash}".encode())


def assign_splits(text_hashes: Iterable[str], validation_fraction: float, test_fraction: float) -> dict[str, str]:
    """Text hash -> split. With at least 3 texts neither val nor test is empty: an empty one takes the text next in hash order."""
    ordered = sorted({(split_position(digest), digest) for digest in text_hashes})
    val_end = int(validation_fraction * _WHOLE)
    test_end = val_end + int(test_fraction * _WHOLE)
    val = [digest for position, digest in ordered if position < val_end]
    test = [digest for position, digest in ordered if val_end <= position < test_end]
    train = [digest for position, digest in ordered if position >= test_end]
    if len(ordered) >= 3:
        for split in (val, test):
            if not split:
                split.append(train.pop(0) if train else max((val, test), key=len).pop())
    return {digest: name for name, split in zip(SPLITS, (train, val, test), strict=True) for digest in split}
