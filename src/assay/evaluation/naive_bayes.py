"""Multinomial naive Bayes on counts of words (Manning, Raghavan & Schuetze 2008, section 13.2): the floor for classifying documents.

D documents, C classes, V words. Nothing is random, and no order of the documents matters.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Words = Sequence[str]


@dataclass(frozen=True, eq=False)
class NaiveBayes:
    """`log_likelihoods` (V, C) and `log_priors` (C,), float64."""

    classes: list[str]
    vocabulary: dict[str, int]
    log_likelihoods: NDArray[np.float64]
    log_priors: NDArray[np.float64]

    @classmethod
    def learn(cls, documents: Sequence[Words], labels: Sequence[str], smoothing: float = 1.0, min_documents: int = 1) -> "NaiveBayes":
        """Words of fewer than `min_documents` documents are left out. Raises ValueError for no documents."""
        if not documents:
            raise ValueError("naive Bayes has to learn from at least one document")
        classes = sorted(set(labels))
        in_documents = Counter(word for words in documents for word in set(words))
        known = sorted(word for word, count in in_documents.items() if count >= min_documents)
        vocabulary = {word: place for place, word in enumerate(known)}
        counts = np.full((len(vocabulary), len(classes)), smoothing)
        for words, label in zip(documents, labels, strict=True):
            np.add.at(counts, (_places(vocabulary, words), classes.index(label)), 1.0)
        shares = Counter(labels)
        priors = np.array([shares[name] / len(labels) for name in classes])
        return cls(classes, vocabulary, np.log(counts) - np.log(counts.sum(axis=0)), np.log(priors))

    def classify(self, documents: Sequence[Words]) -> list[str]:
        """The likeliest class of each; of equal ones the first by name. A word that was not learnt says nothing."""
        scores = [self.log_priors + self.log_likelihoods[_places(self.vocabulary, words)].sum(axis=0) for words in documents]
        return [self.classes[int(np.argmax(score))] for score in scores]


def _places(vocabulary: dict[str, int], words: Words) -> list[int]:
    return [vocabulary[word] for word in words if word in vocabulary]
