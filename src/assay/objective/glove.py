"""Weighted least squares on the logarithms of how often words stand together (Pennington, Socher & Manning 2014, eq. 8).

B sequences in a micro-batch, T tokens, V tokens of the vocabulary, N entries: words that stand together, each pair in both directions.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.data.order import keyed
from assay.errors import DataError
from assay.evaluation.cooccurrence import CooccurrenceScore, fit_biases, weigh_biases
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText
from assay.evaluation.word_similarity import WordVectors, score_words, words_of
from assay.model.glove import Glove
from assay.objective.negative_sampling import NEAREST, SHOWN, count_words, token_counts
from assay.objective.objective import Objective
from assay.tokenizer.tokenizer import Tokenizer

if TYPE_CHECKING:
    from assay.objective.cooccurrence import Cooccurrences


class GloveObjective(Objective):
    """sum f(X_ik) (w_i . w~_k + b_i + b~_k - ln X_ik)^2 over all entries of X that are not zero in the training split, over the sum of f(X_ik).

    They are counted once, before the first step. The loader's windows are only a clock: a micro-batch of B x T tokens takes the entries' share of
    so many tokens, so a budget of the whole split, in tokens, takes each entry once. Which are taken follows from the model's `position` alone.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.glove = cast(Glove, self.model)

    def begin(self, training: NDArray[Any]) -> None:
        from assay.objective.cooccurrence import both_ways
        from assay.objective.kernel_glove import learn, weigh  # compiled at its first import

        self._learn, self._weigh = learn, weigh
        spelt, row_of = words_of(self.vocabulary.token_bytes)
        self._row_of, counts = count_words(row_of, token_counts(training, self.vocabulary.size), self.config.min_count)
        self.spelt = [word if count else None for word, count in zip(spelt, counts, strict=True)]
        self._frequent = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        self.glove.word_of = torch.from_numpy(self._row_of)
        pairs = self._count(training)
        if not len(pairs.counts):
            raise DataError(
                f"no two words that come {self.config.min_count} times or more stand together in the training split, so there is nothing to learn.\n"
                "  Type: objective.min_count=1, or tokenizer=word, or add text."
            )
        self._keys, self._total, self._tokens = pairs.keys, pairs.total, len(training)
        entries = pairs.entries(self.config.x_max, self.config.alpha)
        self._biases = fit_biases(entries, self.vocabulary.size)
        self._entries = both_ways(entries)
        self._order = EntryOrder(len(self._entries[0]), int(self.glove.order_key))

    def _count(self, tokens: NDArray[Any]) -> "Cooccurrences":
        from assay.objective.cooccurrence import count_cooccurrences

        end = self.vocabulary.end_of_document
        return count_cooccurrences(tokens, self._row_of, end, self.config.window, self.config.max_pairs)

    def update(self, batch: Tensor, rate: float) -> tuple[float, float]:
        """Learn from the entries whose turn it is; the batch (B, T + 1) says how many."""
        entries, before = len(self._entries[0]), int(self.glove.position)
        after = before + batch.shape[0] * (batch.shape[1] - 1)
        self.glove.position += after - before
        taken = self._order.between(before * entries // self._tokens, after * entries // self._tokens)
        errors, weights = self._learn(tuple(part[taken] for part in self._entries), *self._sides(), np.float32(rate))
        return float(errors), float(weights)

    def _sides(self) -> tuple[Any, Any]:
        words, contexts = (tuple(part.numpy() for part in self.glove.side(name)) for name in ("word", "context"))
        return words, contexts

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> CooccurrenceScore:
        every = self._count(split.tokens)
        pairs = every.among(self._keys)
        if not len(pairs.counts):
            raise DataError(
                "no two words that stand together in the training split do so in the split to be scored.\n  Add text, or raise its fraction in data."
            )
        entries = pairs.entries(self.config.x_max, self.config.alpha, self._total / every.total)
        errors, weights = self._weigh(entries, *self._sides())
        similarity = score_words(self._vectors(), split.word_sets)
        coverage = pairs.total / every.total
        return CooccurrenceScore(float(errors / weights), weigh_biases(entries, self._biases), coverage, len(pairs.counts), similarity)

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """The nearest words by cosine, of each prompt or of some words, from frequent to rare."""
        vectors = self._vectors()
        ranks = np.unique(np.geomspace(1, len(self._frequent), SHOWN).astype(np.int64)) - 1
        asked = [word.lower() for word in evaluation.sample_prompts] or [str(self.spelt[row]) for row in self._frequent[ranks]]
        found = [(word, vectors.nearest(word, NEAREST)) for word in asked]
        return ["\n".join(f"{word}: {', '.join(f'{other} {cosine:.2f}' for other, cosine in near) or '-'}" for word, near in found)]

    def _vectors(self) -> WordVectors:
        return WordVectors(self.spelt, self.glove.vectors().numpy())


class EntryOrder:
    """Each epoch takes every entry once, in an order of its own that follows from the key and the epoch. 4 bytes an entry."""

    def __init__(self, entries: int, key: int) -> None:
        self._entries, self._key = entries, key
        self._epoch, self._order = -1, np.empty(0, dtype=np.int32)

    def between(self, start: int, end: int) -> NDArray[np.int32]:
        """Which entries have the places `start` to `end` of the training, (N,)."""
        taken = [np.empty(0, dtype=np.int32)]
        while start < end:
            epoch, begin = divmod(start, self._entries)
            until = min(end - epoch * self._entries, self._entries)
            taken.append(self._of(epoch)[begin:until])
            start = epoch * self._entries + until
        return np.concatenate(taken)

    def _of(self, epoch: int) -> NDArray[np.int32]:
        from assay.objective.kernel_glove import shuffle

        if epoch != self._epoch:
            self._epoch, self._order = epoch, np.arange(self._entries, dtype=np.int32)
            shuffle(self._order, np.uint64(keyed(self._key, "order of entries", epoch)))
        return self._order
