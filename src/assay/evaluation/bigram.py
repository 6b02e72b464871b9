"""Interpolated Kneser-Ney bigrams of a corpus of any size: a floor for models that see more than one token.

V vocabulary.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
DISCOUNT = 0.75
"""Absolute discount, the same as in model=ngram."""
AT_A_TIME = 2**24


@dataclass(frozen=True, eq=False)
class Bigrams:
    """Only pairs that occur are stored, sorted by `first * V + second`: memory grows with those, not with V squared."""

    vocab_size: int
    pairs: Ints
    counts: Ints

    @classmethod
    def of(cls, tokens: NDArray[Any], vocab_size: int, at_a_time: int = AT_A_TIME) -> "Bigrams":
        """Count a map without all of it in memory."""
        pairs, counts = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        for start in range(0, max(0, len(tokens) - 1), at_a_time):
            part = tokens[start : start + at_a_time + 1].astype(np.int64)
            found, often = np.unique(part[:-1] * vocab_size + part[1:], return_counts=True)
            merged, places = np.unique(np.concatenate([pairs, found]), return_inverse=True)
            counts = np.bincount(places, weights=np.concatenate([counts, often]), minlength=len(merged)).astype(np.int64)
            pairs = merged
        return cls(vocab_size, pairs, counts)

    def nats(self, tokens: NDArray[Any], before: int) -> Iterator[NDArray[np.float64]]:
        """-ln P(token | the one before it) of each token in turn, in parts; of the first, after the token `before`.

        P(w | c) = max(n(c w) - d, 0) / n(c) + d types(c) / n(c) P(w); P(w) likewise from the number of different tokens before w,
        and from 1 / V (Chen & Goodman 1998, eq. 26).
        """
        firsts, seconds = self.pairs // self.vocab_size, self.pairs % self.vocab_size
        totals = np.bincount(firsts, weights=self.counts, minlength=self.vocab_size)
        types = np.bincount(firsts, minlength=self.vocab_size)
        continued = np.bincount(seconds, minlength=self.vocab_size)
        kinds = max(len(self.pairs), 1)
        alone = np.maximum(continued - DISCOUNT, 0) / kinds
        alone += (DISCOUNT * np.count_nonzero(continued) / kinds if len(self.pairs) else 1.0) / self.vocab_size
        for start in range(0, len(tokens), AT_A_TIME):
            part = tokens[start : start + AT_A_TIME].astype(np.int64)
            first = np.concatenate([[before], part[:-1]])
            before = int(part[-1])
            seen = totals[first] > 0
            total = np.where(seen, totals[first], 1.0)
            known = np.maximum(self._count(first * self.vocab_size + part) - DISCOUNT, 0) / total
            yield -np.log(known + np.where(seen, DISCOUNT * types[first] / total, 1.0) * alone[part])

    def _count(self, wanted: Ints) -> Ints:
        if not len(self.pairs):
            return np.zeros_like(wanted)
        rows = np.searchsorted(self.pairs, wanted).clip(max=len(self.pairs) - 1)
        return np.where(self.pairs[rows] == wanted, self.counts[rows], 0)


def bigram_loss(bigrams: Bigrams, tokens: NDArray[Any], before: int) -> float:
    """Mean nats of all `tokens`."""
    return sum(float(part.sum()) for part in bigrams.nats(tokens, before)) / len(tokens)
