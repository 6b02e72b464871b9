"""Negative-sampling loss of word vectors over a split: neighbouring words against drawn ones."""

from dataclasses import dataclass, field
from typing import Any

from assay.evaluation.word_similarity import WordSimilarity

SEED = 0
"""Which words are drawn must not depend on a run's seed: scores of two runs are of the same task."""


@dataclass(frozen=True)
class NeighbourScore:
    """`loss` in nats per prediction: a true word and the drawn ones beside it, as in training, frequent words left out as often.

    `unigram_loss`: on the same words, by how much more often each comes as a true word than as a drawn one: what is known without neighbours.
    Vectors of zeros have (1 + drawn words) ln 2.
    """

    loss: float
    unigram_loss: float
    predictions: int
    similarity: WordSimilarity = field(default_factory=WordSimilarity)

    def metrics(self, split: str) -> dict[str, float]:
        return {f"{split}/loss": self.loss, f"{split}/unigram_loss": self.unigram_loss} | self.similarity.metrics()

    def sizes(self) -> dict[str, Any]:
        return {"predictions": self.predictions} | self.similarity.sizes()

    def said(self, split: str) -> str:
        return f"{split}/loss {self.loss:.4f} nats per prediction (by frequency alone {self.unigram_loss:.4f})  {self.similarity.said()}".rstrip()
