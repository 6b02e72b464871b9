"""Error of predicted co-occurrence counts over a split, by word vectors and by biases alone.

E pairs, V rows of a table of words.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.word_similarity import WordSimilarity

ROUNDS = 30
"""After which the error of biases moves in the sixth digit."""


@dataclass(frozen=True)
class CooccurrenceScore:
    """`loss`: the mean squared error of ln of a pair's count in the split, scaled to the training split's size, over the pairs that stand together
    in both; weighed as in training, by the count itself, since a pair that was met once says little of how often it is to be expected.

    Of pairs that never stood together in the training split GloVe is asked nothing, so it foretells nothing: `coverage` is how much of the split's
    count the others are. `biases_loss`: of the best biases without vectors, on the same pairs: how frequent either word is, and not which go together.
    """

    loss: float
    biases_loss: float
    coverage: float
    pairs: int
    similarity: WordSimilarity = field(default_factory=WordSimilarity)

    def metrics(self, split: str) -> dict[str, float]:
        return {
            f"{split}/loss": self.loss,
            f"{split}/biases_loss": self.biases_loss,
            f"{split}/coverage": self.coverage,
        } | self.similarity.metrics()

    def sizes(self) -> dict[str, Any]:
        return {"pairs": self.pairs} | self.similarity.sizes()

    def said(self, split: str) -> str:
        floor = f"by biases alone {self.biases_loss:.4f}; on {self.coverage:.1%} of the counts"
        return f"{split}/loss {self.loss:.4f} squared error of ln count ({floor})  {self.similarity.said()}".rstrip()


def fit_biases(entries: Any, rows: int) -> NDArray[np.float64]:
    """b (V,) with the least weighted squared error of b_i + b_k, by damped turns of each one's best value given the others."""
    first, second, target, weight = entries
    weights = np.where(first == second, weight / 2, weight).astype(
        np.float64
    )  # a word beside itself is one entry, and counted from both ends here
    sums = np.bincount(first, weights, rows) + np.bincount(second, weights, rows)
    known = sums > 0
    biases = np.zeros(rows)
    for _ in range(ROUNDS):
        found = np.bincount(first, weights * (target - biases[second]), rows) + np.bincount(
            second, weights * (target - biases[first]), rows
        )
        biases[known] += (found[known] / sums[known] - biases[known]) / 2
    return biases


def weigh_biases(entries: Any, biases: NDArray[np.float64]) -> float:
    first, second, target, weight = entries
    weights = np.where(first == second, weight, 2 * weight).astype(np.float64)
    return float((weights * (biases[first] + biases[second] - target) ** 2).sum() / weights.sum())
