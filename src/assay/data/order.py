"""The order in which training windows are seen: computed from (seed, epoch, position), never stored, so any step can be found again."""

import hashlib

import numpy as np
from numpy.typing import NDArray

UInts = NDArray[np.uint64]
ROUNDS = 6


def keyed(seed: int, purpose: str, *ids: int | str) -> int:
    """A 64-bit number for (seed, purpose, ids): the only source of randomness outside of torch's kernels."""
    text = "\x1f".join([str(seed), purpose, *map(str, ids)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def windows_in(tokens: int, context_tokens: int) -> int:
    """Count the windows of an epoch: those that fit at any offset, since the offset may push the last one out."""
    return (tokens - context_tokens) // context_tokens


def window_starts(places: NDArray[np.int64], windows: int, context_tokens: int, seed: int, *ids: int) -> NDArray[np.int64]:
    """Where the windows at some places of a text's order begin in it, (N,); `windows` are those of an epoch.

    Each epoch cuts the text into windows anew, from another offset, and takes each once, in another order. `ids` tell texts of one run apart.
    """
    starts = np.empty(len(places), dtype=np.int64)
    for epoch in np.unique(places // windows):
        mine = places // windows == epoch
        key = keyed(seed, "window order", *ids, int(epoch))
        order = permute((places[mine] % windows).astype(np.uint64), windows, key).astype(np.int64)
        starts[mine] = order * context_tokens + keyed(seed, "window offset", *ids, int(epoch)) % context_tokens
    return starts


def permute(positions: UInts, size: int, key: int) -> UInts:
    """The image of each position in 0..size-1 under a pseudo-random permutation chosen by `key`.

    A Feistel network on the next even number of bits, applied again while it leaves the range (Black & Rogaway 2002, method 3),
    which costs the same for the last step of a run as for its first, and no memory.
    """
    half = np.uint64(max(1, ((size - 1).bit_length() + 1) // 2))
    keys = [np.uint64(keyed(key, "feistel round", i)) for i in range(ROUNDS)]
    values = _feistel(positions.astype(np.uint64), half, keys)
    outside = values >= size
    while outside.any():
        values[outside] = _feistel(values[outside], half, keys)
        outside = values >= size
    return values


def _feistel(values: UInts, half: np.uint64, keys: list[np.uint64]) -> UInts:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = values >> half, values & mask
    for key in keys:
        left, right = right, left ^ (_mix(right ^ key) & mask)
    result: UInts = (left << half) | right
    return result


def _mix(values: UInts) -> UInts:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014): every input bit reaches every output bit."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
