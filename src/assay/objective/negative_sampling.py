"""Vectors of words by negative sampling: what skip-gram and CBOW share (Mikolov et al. 2013b, section 2.2 and 2.3).

B sequences in a micro-batch, T tokens, V tokens of the vocabulary, D width.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.data.order import keyed
from assay.errors import DataError
from assay.evaluation.neighbours import SEED, NeighbourScore
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText
from assay.evaluation.word_similarity import WordVectors, score_words, words_of
from assay.model.word2vec import Word2Vec
from assay.objective.objective import Objective
from assay.tokenizer.tokenizer import Tokenizer

SHOWN, NEAREST = 12, 8
"""In a sample."""
CERTAIN = 2**32 - 1
"""The chance, in 2^32, that stands for certainty."""


class NegativeSampling(Objective):
    """-ln sigmoid(u_w h) - sum of ln sigmoid(-u_n h) over drawn words n, in nats.

    Words are the vocabulary's tokens without the blank before them; marks, and what spells a rarer word in bytes, are left out of the text.
    Windows do not reach over a document's end.
    """

    together: ClassVar[bool]
    """Whether a word is predicted from all its neighbours, or they from it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = cast(Word2Vec, self.model)

    def begin(self, training: NDArray[Any]) -> None:
        from assay.objective.kernel_words import learn, weigh  # compiled at its first import

        self._learn, self._weigh = learn, weigh
        spelt, row_of = words_of(self.vocabulary.token_bytes)
        word_of, counts = count_words(row_of, token_counts(training, self.vocabulary.size), self.config.min_count)
        if not counts.any():
            raise DataError(
                f"no token of this vocabulary is a word that the training split has {self.config.min_count} times or more, so there is nothing to learn.\n"
                "  Type: objective.min_count=1, or tokenizer=word, or add text."
            )
        self.spelt = [word if count else None for word, count in zip(spelt, counts, strict=True)]
        self._frequent = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        self.words.learn_words(word_of, self.spelt)
        self._parts = self.words.parts()
        kept = keep_shares(counts, self.config.subsample)
        drawn = np.where(counts, counts.clip(min=1) ** self.config.negative_power, 0.0)
        chances, others = alias_table(drawn)
        self._words = word_of, np.minimum(kept * 2**32, CERTAIN).astype(np.uint32), chances, others
        self._task = self.vocabulary.end_of_document, self.config.window, self.config.negatives, self.together
        self._floor = _floor(counts * kept, drawn, self.config.negatives)

    def update(self, batch: Tensor, rate: float) -> tuple[float, float]:
        """The last token of a window is the first of another."""
        tokens = np.ascontiguousarray(batch[:, :-1].numpy())
        table, output = self.words.table.numpy(), self.words.output.numpy()
        state = torch.randint(2**63 - 1, (1,)).numpy().astype(np.uint64)
        words = np.empty(tokens.shape[1] + 1, dtype=np.int32)
        scratch = [np.empty(table.shape[1], dtype=np.float32) for _ in range(3)]
        predictions, nats = self._learn(
            tokens, self._words, self._parts, table, output, self._task, np.float32(rate), state, words, *scratch
        )
        return float(nats), float(predictions)

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> NeighbourScore:
        tokens = np.ascontiguousarray(split.tokens, dtype=np.int64)[None]
        vectors, sizes = self.words.vectors().numpy(), np.diff(self._parts[0]).astype(np.int32)
        seed = np.uint64(keyed(SEED, "neighbours"))
        found = self._weigh(tokens, self._words, sizes, vectors, self.words.output.numpy(), self._floor, self._task, seed)
        predictions, nats, floor = found.tolist()
        similarity = score_words(self._vectors(), split.word_sets)
        return NeighbourScore(nats / max(predictions, 1), floor / max(predictions, 1), int(predictions), similarity)

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """The nearest words by cosine, of each prompt or of SHOWN words, from frequent to rare."""
        vectors = self._vectors()
        ranks = np.unique(np.geomspace(1, len(self._frequent), SHOWN).astype(np.int64)) - 1
        asked = [word.lower() for word in evaluation.sample_prompts] or [str(self.spelt[row]) for row in self._frequent[ranks]]
        found = [(word, vectors.nearest(word, NEAREST)) for word in asked]
        return ["\n".join(f"{word}: {', '.join(f'{other} {cosine:.2f}' for other, cosine in near) or '-'}" for word, near in found)]

    def _vectors(self) -> WordVectors:
        return WordVectors(self.spelt, self.words.vectors().numpy(), self.words.unknown if self.words.spells else None)


def token_counts(tokens: NDArray[Any], vocab_size: int) -> NDArray[np.int64]:
    counts = np.zeros(vocab_size, dtype=np.int64)
    for start in range(0, len(tokens), 2**24):  # of a map, without all of it in memory
        counts += np.bincount(tokens[start : start + 2**24], minlength=vocab_size)
    return counts


def count_words(rows: NDArray[np.int64], counts: NDArray[np.int64], least: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each token's row, or -1 for no word or one that comes less than `least` times; and how often each row's word comes, 0 for these. (V,)"""
    sums = np.bincount(rows[rows >= 0], weights=counts[rows >= 0], minlength=len(rows)).astype(np.int64)
    sums[sums < least] = 0
    return np.where((rows >= 0) & (sums[rows] > 0), rows, -1).astype(np.int32), sums


def keep_shares(counts: NDArray[np.int64], subsample: float | None) -> NDArray[np.float64]:
    """Return the share of each word's occurrences that is read (V,): with t of all words, sqrt(t / count) + t / count.

    The rule of word2vec.c, not the paper's.
    """
    if subsample is None:
        return np.ones(len(counts))
    share = subsample * counts.sum() / counts.clip(min=1)
    kept: NDArray[np.float64] = np.minimum(np.sqrt(share) + share, 1.0)
    return kept


def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Columns of equal height, each of a word and of another above it (Walker 1977; Vose 1991): the first's part of 2^32, and the other. (V,)"""
    heights = weights / weights.sum() * len(weights)
    others = np.arange(len(weights), dtype=np.int32)
    low, high = (list(np.flatnonzero(each)[::-1]) for each in (heights < 1, heights >= 1))
    while low and high:
        column, giver = low.pop(), high[-1]
        others[column] = giver
        heights[giver] -= 1 - heights[column]
        if heights[giver] < 1:
            low.append(high.pop())
    heights[low + high] = 1  # but for rounding
    empty = (weights == 0) & (others == np.arange(len(weights)))
    others[empty], heights[empty] = int(weights.argmax()), 0
    return np.minimum(heights * 2**32, CERTAIN).astype(np.uint32), others


def _floor(true: NDArray[np.float64], drawn: NDArray[np.float64], negatives: int) -> NDArray[np.float32]:
    """The score of each word (V,) that is best where neighbours are not known: the log of how often it comes as a true word per time drawn."""
    known = true > 0
    odds = np.zeros(len(true))
    odds[known] = np.log(true[known] / true.sum()) - np.log(negatives * drawn[known] / drawn.sum())
    return odds.astype(np.float32)
