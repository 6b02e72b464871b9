"""Words as the mean of themselves and of their n-grams of characters, so that a word never seen has a vector too (Bojanowski et al. 2017).

V tokens, P parts of all words, D width.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assay.model.schema import FastTextSchema
from assay.model.word2vec import Word2Vec


class FastText(Word2Vec):
    """The rows of `table` after the tokens' are buckets, into which n-grams are hashed."""

    spells = True
    config: FastTextSchema

    def __init__(self, config: FastTextSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__(config, vocab_size, context_tokens)
        self.register_buffer("part_offsets", torch.arange(vocab_size + 1))
        self.register_buffer("part_rows", torch.arange(vocab_size, dtype=torch.int32))

    def extra_rows(self) -> int:
        return self.config.buckets

    def learn_words(self, word_of: NDArray[np.int32], spelt: Sequence[str | None]) -> None:
        super().learn_words(word_of, spelt)
        parts = [[row, *self._buckets(word)] for row, word in enumerate(spelt)]
        self.part_offsets = torch.from_numpy(np.cumsum([0, *map(len, parts)], dtype=np.int64))
        self.part_rows = torch.from_numpy(np.array([row for each in parts for row in each], dtype=np.int32))

    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        return self.part_offsets.numpy(), self.part_rows.numpy()

    def unknown(self, word: str) -> NDArray[np.float32] | None:
        rows = self._buckets(word)
        return self.table[rows].mean(dim=0).numpy() if rows else None

    def _buckets(self, word: str | None) -> list[int]:
        """The rows of a word's n-grams, each once; none for no word."""
        if not word:
            return []
        found = [fnv1a(each.encode()) % self.config.buckets for each in ngrams(word, self.config.min_n, self.config.max_n)]
        return [self.vocab_size + bucket for bucket in dict.fromkeys(found)]

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        self.part_rows = torch.empty_like(state_dict.get(prefix + "part_rows", self.part_rows))  # as many as the words' spellings have
        super()._load_from_state_dict(state_dict, prefix, *args)


def ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """Return the n-grams of <word>, by length: the marks tell the beginning and the end of a word from its middle."""
    marked = f"<{word}>"
    return [
        marked[start : start + length]
        for length in range(shortest, min(longest, len(marked)) + 1)
        for start in range(len(marked) - length + 1)
    ]


def fnv1a(content: bytes) -> int:
    """fastText's hash: FNV-1a with 32 bits, bytes above 127 taken as negative numbers."""
    value = 2166136261
    for byte in content:
        value = ((value ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) & 0xFFFFFFFF
    return value
