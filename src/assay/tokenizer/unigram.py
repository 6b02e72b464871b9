"""Unigram language model over bytes (Kudo 2018, "Subword regularization"), learned in whole numbers so that every process agrees."""

import math
from collections.abc import Iterator

import numpy as np
import tokenizers
from numpy.typing import NDArray
from tokenizers import decoders, models, pre_tokenizers

from assay.tokenizer.alphabet import end_of_document, spelled
from assay.tokenizer.schema import UnigramSchema
from assay.tokenizer.words import flat_bytes, merges_of, word_counts

CANDIDATES = 3
"""Pieces to choose from, times the vocabulary asked for."""
KEPT_PERCENT = 75
"""Percent of the pieces that a round of pruning leaves."""
COSTS_PER_BIT = 1 << 16
LONGEST_WORD_BYTES = 1024
"""While learning; a longer one is no word of a language, and its time would be quadratic."""


class Unigram:
    """The pieces with which the corpus is cheapest to spell, a piece costing minus the logarithm of its share; ids by cost, then the end.

    Works on bytes inside the words of GPT-2's pattern, so nothing is unknown and every text comes back. Candidates are those of byte pair
    encoding; each round spells every word in its cheapest way, counts, and drops the pieces whose loss costs least.
    """

    def __init__(self, config: UnigramSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        words = [(word, count) for word, count in word_counts(texts) if len(word) <= LONGEST_WORD_BYTES]
        content, offsets, weights = flat_bytes(words)
        pieces = _candidates(content, offsets, weights, CANDIDATES * self.config.vocab_size)
        wanted = self.config.vocab_size - 1  # the end of a document takes one
        costs = _first_costs(pieces)
        while True:
            counts, losses = _spell(content, offsets, weights, pieces, costs)
            costs = _costs(counts)
            if len(pieces) <= wanted:
                break
            keep = max(wanted, len(pieces) * KEPT_PERCENT // 100)
            order = sorted(range(256, len(pieces)), key=lambda piece: (-int(losses[piece]), pieces[piece]))
            kept = sorted([*range(256), *order[: keep - 256]])
            pieces, costs = [pieces[piece] for piece in kept], costs[kept]
        ranked = sorted(range(len(pieces)), key=lambda piece: (int(costs[piece]), pieces[piece]))
        # The library asks for logarithms; six digits, so that no last bit of a processor's own can show.
        scored = [(spelled(pieces[piece]), round(-int(costs[piece]) / COSTS_PER_BIT * math.log(2), 6)) for piece in ranked]
        tokenizer = tokenizers.Tokenizer(models.Unigram(scored, unk_id=None, byte_fallback=False))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        tokenizer.decoder = decoders.ByteLevel()
        # Added, not among the pieces: the library would find a piece in a text that spells it.
        tokenizer.add_special_tokens([end_of_document()])
        return tokenizer


def _candidates(content: NDArray[np.uint8], offsets: NDArray[np.int64], weights: NDArray[np.int64], size: int) -> list[bytes]:
    """The 256 bytes, then pieces of the most frequent merges."""
    pieces = [bytes([byte]) for byte in range(256)]
    for left, right, merged in merges_of(content.astype(np.int32), offsets, weights, pieces, max(size, 256), 2).tolist():
        if merged == len(pieces):
            pieces.append(pieces[left] + pieces[right])
    return pieces


def _first_costs(pieces: list[bytes]) -> NDArray[np.int64]:
    """Longer is better, until counts say more."""
    return np.array([COSTS_PER_BIT * (16 if len(piece) == 1 else 14) for piece in pieces], dtype=np.int64)


def _spell(
    content: NDArray[np.uint8], offsets: NDArray[np.int64], weights: NDArray[np.int64], pieces: list[bytes], costs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the uses of each piece when every word is spelled at the lowest cost, and the total cost of spelling it by other pieces."""
    from assay.tokenizer.kernel_unigram import piece_table, spell_words

    ends = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=ends[1:])
    joined = np.frombuffer(b"".join(pieces), dtype=np.uint8)
    table, longest = piece_table(joined, ends)
    counts = np.zeros(len(pieces), dtype=np.int64)
    spell_words(content, offsets, weights, joined, ends, table, longest, costs, counts, np.empty(0, dtype=np.int64))
    # Each piece spelled without itself: the loss if it is dropped.
    extra = np.zeros(len(pieces), dtype=np.int64)
    spell_words(joined, ends, np.zeros(len(pieces), dtype=np.int64), joined, ends, table, longest, costs, extra.copy(), extra)
    return counts, (extra - costs) * counts


def _costs(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Minus the logarithm of each piece's share, in 1 / COSTS_PER_BIT bit; a piece that is not used counts as used once in two."""
    total = 2 * int(counts.sum()) + len(counts)
    return np.array([round(math.log2(total / max(1, 2 * int(count))) * COSTS_PER_BIT) for count in counts], dtype=np.int64)
