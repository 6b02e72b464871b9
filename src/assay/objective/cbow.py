"""Predict a word from the mean of its neighbours (Mikolov et al. 2013a, section 3.1)."""

from assay.objective.negative_sampling import NegativeSampling


class CBOW(NegativeSampling):
    """One prediction a word, which all of its neighbours learn from alike."""

    together = True
