"""Co-occurrence counts of words in a text (Pennington et al. 2014, section 4.2): counted, weighted by distance, in a fixed order.

E pairs of words, V rows of a table of words.
"""

from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import MachineError
from assay.objective.kernel_glove import USED, count, move

TOKENS_AT_ONCE = 2**20
FIRST_SLOTS = 2**16

Entries = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Cooccurrences:
    """Pairs of rows, `first` <= `second`, each (E,) and each pair once; sorted. `counts` (E,): in both directions the same, in words at distance 1."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    counts: NDArray[np.float64]

    @property
    def keys(self) -> NDArray[np.int64]:
        """A number for each pair (E,), in the same order."""
        return (self.first.astype(np.int64) << 32) + self.second

    @property
    def total(self) -> float:
        """The sum of the whole symmetric matrix."""
        return float(2 * self.counts.sum() - self.counts[self.first == self.second].sum())

    def entries(self, most: float, power: float, scale: float = 1.0) -> Entries:
        """Return what is learnt from: rows, ln of the scaled count, and the weight min(1, count / most) ** power of the plain one (eq. 9)."""
        targets = np.log(self.counts * scale).astype(np.float32)
        weights = (np.minimum(1.0, self.counts / most) ** power).astype(np.float32)
        return self.first, self.second, targets, weights

    def among(self, keys: NDArray[np.int64]) -> "Cooccurrences":
        """Those whose keys are among the sorted ones."""
        places = np.searchsorted(keys, self.keys).clip(max=len(keys) - 1)
        known = keys[places] == self.keys
        return Cooccurrences(self.first[known], self.second[known], self.counts[known])


def both_ways(entries: Entries) -> Entries:
    """Return, for pairs of words given once, the entries of the whole symmetric matrix, (i, k) and (k, i); a word beside itself stays one."""
    first, second, targets, weights = entries
    other = np.flatnonzero(first != second)
    return (
        np.concatenate([first, second[other]]),
        np.concatenate([second, first[other]]),
        np.concatenate([targets, targets[other]]),
        np.concatenate([weights, weights[other]]),
    )


def count_cooccurrences(
    tokens: NDArray[Any], row_of: NDArray[np.int32], end_of_document: int, window: int, max_pairs: int
) -> Cooccurrences:
    """Count all pairs of words at most `window` words apart in one document, as 1/d for each distance d. Tokens of no word (row -1) are left out first.

    Counted in whole units of 1/d, so that no order of adding matters. Takes up to 64 bytes a pair for a moment. Raises MachineError
    where there are more than `max_pairs`.
    """
    whole = lcm(*range(1, window + 1))
    units = np.array([whole // distance for distance in range(1, window + 1)], dtype=np.int64)
    recent, state = np.zeros(window, dtype=np.int32), np.zeros(3, dtype=np.int64)
    keys, counts = np.zeros(FIRST_SLOTS, dtype=np.uint64), np.zeros(FIRST_SLOTS, dtype=np.int64)
    for begin in range(0, len(tokens), TOKENS_AT_ONCE):
        part = np.asarray(tokens[begin : begin + TOKENS_AT_ONCE]).astype(np.int64)
        place = 0
        while (place := count(part, place, end_of_document, row_of, units, recent, state, keys, counts)) < len(part):
            if state[USED] > max_pairs:
                break
            larger, theirs = np.zeros(2 * len(keys), dtype=np.uint64), np.zeros(2 * len(keys), dtype=np.int64)
            move(keys, counts, larger, theirs)
            keys, counts = larger, theirs
        if state[USED] > max_pairs:
            raise MachineError(
                f"after {begin + place:,} of {len(tokens):,} tokens there are more than objective.max_pairs={max_pairs:,} pairs of words, "
                f"which take {max_pairs * 64 / 1e9:.1f} GB to count.\n"
                "  Lower tokenizer.vocab_size or objective.window, or raise objective.max_pairs if the memory is there."
            )
    used = np.flatnonzero(keys)
    used = used[np.argsort(keys[used])]
    pairs = keys[used] - np.uint64(1)
    first, second = (pairs >> np.uint64(32)).astype(np.int32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)
    summed = counts[used].astype(np.float64) / whole
    return Cooccurrences(first, second, np.where(first == second, 2 * summed, summed))
