"""Predict each neighbour of a word from the word (Mikolov et al. 2013a, section 3.2)."""

from assay.objective.negative_sampling import NegativeSampling


class SkipGram(NegativeSampling):
    """The rarer the words, the better than CBOW: each of its neighbours is a prediction, and an update, of its own."""

    together = False
