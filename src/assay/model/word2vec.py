"""Two vectors of each word: one as it is looked up, one as it is told from others (Mikolov et al. 2013b, section 2.2).

V tokens, D width.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from assay.model.language_model import WordModel
from assay.model.schema import FastTextSchema, Word2VecSchema


class Word2Vec(WordModel):
    """`table` (R, D) holds the vectors, `output` (V, D) those of words as neighbours. A word's row is the first token that spells it."""

    def __init__(self, config: Word2VecSchema | FastTextSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = vocab_size
        self.context_tokens = context_tokens
        scale = 1 / config.d_model  # gensim's; word2vec.c has half of it
        rows = torch.empty(vocab_size + self.extra_rows(), config.d_model).uniform_(-scale, scale)
        self.table = nn.Parameter(rows, requires_grad=False)
        self.output = nn.Parameter(torch.zeros(vocab_size, config.d_model), requires_grad=False)
        self.register_buffer("word_of", torch.full((vocab_size,), -1, dtype=torch.int32))

    def extra_rows(self) -> int:
        """Number of rows of `table` after the tokens' own."""
        return 0

    def learn_words(self, word_of: NDArray[np.int32], spelt: Sequence[str | None]) -> None:
        """`word_of` (V,): each token's row, or -1 for what is no word; `spelt` (V,): of the words at their rows."""
        self.word_of = torch.from_numpy(word_of)

    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """V + 1 offsets, and the rows of `table` whose mean is each word's vector."""
        return np.arange(self.vocab_size + 1, dtype=np.int64), np.arange(self.vocab_size, dtype=np.int32)

    def vectors(self) -> Tensor:
        offsets, parts = (torch.from_numpy(each.astype(np.int64)) for each in self.parts())
        known = self.word_of == torch.arange(self.vocab_size)
        means = nn.functional.embedding_bag(parts, self.table, offsets, mode="mean", include_last_offset=True)
        return means * known[:, None]

    def forward(self, tokens: Tensor, cache: Any = None) -> Tensor:
        """Scores (B, T, V) of each word as a neighbour of the token's; zeros beside what is no word."""
        words = self.word_of[tokens]
        scores: Tensor = self.vectors()[words.clamp(min=0).long()] @ self.output.T
        return scores * (words >= 0)[..., None]
