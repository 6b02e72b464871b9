"""Interpolated Kneser-Ney n-grams (Kneser & Ney 1995; Chen & Goodman 1998, section 3): the floor for every neural model.

B batch, T tokens, V vocabulary, N order. An n-gram of order k is stored as prefix * V + token, where prefix is the row of
its first k - 1 tokens in the table of order k - 1. So every table is one sorted int64 array, and a lookup a binary search.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.model.language_model import CountingModel
from assay.model.schema import NgramSchema

Ints = NDArray[np.int64]


class Ngram(CountingModel):
    """tokens (B, T) -> log-probabilities (B, T, V), which are logits too. Learns by counting: no parameter has a gradient."""

    def __init__(self, config: NgramSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = vocab_size
        self.context_tokens = context_tokens
        self._rows: list[Ints] = []
        self._counted_tokens = 0
        for order in range(1, config.order + 1):
            self.register_buffer(f"grams_{order}", torch.empty(0, dtype=torch.int64))
            self.register_buffer(f"counts_{order}", torch.empty(0, dtype=torch.int64))
        self._index()

    def observe(self, tokens: Tensor) -> None:
        """Take in windows (B, T + 1). The tables are counted anew when the tokens have doubled: all in all, each token is sorted twice."""
        self._rows.append(tokens.cpu().numpy().astype(np.int64))
        if sum(rows.size for rows in self._rows) >= 2 * self._counted_tokens:
            self.count()

    def count(self) -> None:
        """Bring the tables up to all tokens observed."""
        seen = sum(rows.size for rows in self._rows)
        if seen == self._counted_tokens:
            return
        self._counted_tokens = seen
        tokens = np.concatenate(self._rows)
        ids = np.full(tokens.shape, 0, dtype=np.int64)
        below: tuple[Ints, Ints] | None = None  # suffix row of each distinct gram of this order; see _set_counts
        for order in range(1, self.config.order + 1):
            grams, ids, suffixes, counts = self._count_order(tokens, ids, below)
            self._set(order, grams, counts)
            if order > 1:  # lower orders count distinct left neighbours instead of occurrences
                self._set(order - 1, self._grams(order - 1), np.bincount(suffixes, minlength=len(self._grams(order - 1))).astype(np.int64))
            below = (ids, grams)
        self._index()

    def _count_order(self, tokens: Ints, ids: Ints, below: tuple[Ints, Ints] | None) -> tuple[Ints, Ints, Ints, Ints]:
        """Distinct grams of one order, the row of the gram that ends at each position (-1: the window begins too late),
        the row of each gram's suffix in the order below, and how often each occurs."""
        if below is None:
            keys = tokens
        else:
            keys = np.full_like(tokens, -1)
            prefix = below[0][:, :-1]
            keys[:, 1:] = np.where(prefix >= 0, prefix * self.vocab_size + tokens[:, 1:], -1)
        flat = keys.ravel()
        grams, first, inverse, counts = np.unique(flat, return_index=True, return_inverse=True, return_counts=True)
        absent = int(len(grams) > 0 and grams[0] < 0)
        rows = (inverse.reshape(tokens.shape) - absent).astype(np.int64)
        suffixes = ids.ravel()[first[absent:]]
        return grams[absent:], rows, suffixes, counts[absent:].astype(np.int64)

    def _set(self, order: int, grams: Ints, counts: Ints) -> None:
        setattr(self, f"grams_{order}", torch.from_numpy(np.ascontiguousarray(grams)))
        setattr(self, f"counts_{order}", torch.from_numpy(np.ascontiguousarray(counts)))

    def _grams(self, order: int) -> Ints:
        return getattr(self, f"grams_{order}").numpy()  # type: ignore[no-any-return]

    def _counts(self, order: int) -> Ints:
        return getattr(self, f"counts_{order}").numpy()  # type: ignore[no-any-return]

    def _index(self) -> None:
        """Compute what each context needs: the sum of its counts and the number of its distinct continuations."""
        self._totals: list[NDArray[np.float64]] = []
        self._types: list[NDArray[np.float64]] = []
        contexts = 1
        for order in range(1, self.config.order + 1):
            grams, counts = self._grams(order), self._counts(order)
            prefix = grams // self.vocab_size if order > 1 else np.zeros(len(grams), dtype=np.int64)
            self._totals.append(np.bincount(prefix, weights=counts, minlength=contexts).astype(np.float64))
            self._types.append(np.bincount(prefix, weights=counts > 0, minlength=contexts).astype(np.float64))
            contexts = max(len(grams), 1)
        self._unigrams = self._mix(1, 0, np.full(self.vocab_size, 1.0 / self.vocab_size))

    def _mix(self, order: int, context: int, lower: NDArray[np.float64]) -> NDArray[np.float64]:
        """P_k(w | context) for all w: max(c - d, 0) / total + d types / total P_{k-1}(w) (Chen & Goodman 1998, eq. 26)."""
        total = self._totals[order - 1][context]
        if total == 0:
            return lower
        d = self.config.discount
        mixed: NDArray[np.float64] = lower * (d * self._types[order - 1][context] / total)
        grams = self._grams(order)
        start, end = np.searchsorted(grams, [context * self.vocab_size, (context + 1) * self.vocab_size])
        mixed[grams[start:end] - context * self.vocab_size] += np.maximum(self._counts(order)[start:end] - d, 0) / total
        return mixed

    def _rows_of(self, tokens: Ints) -> list[Ints]:
        """For each order, the table row of the gram that ends at each position of tokens (B, T); -1 where it was never seen."""
        found: list[Ints] = []
        for order in range(1, self.config.order + 1):
            if order == 1:
                keys = tokens
            else:
                keys = np.full_like(tokens, -1)
                prefix = found[-1][:, :-1]
                keys[:, 1:] = np.where(prefix >= 0, prefix * self.vocab_size + tokens[:, 1:], -1)
            grams = self._grams(order)
            if len(grams) == 0:
                found.append(np.full_like(tokens, -1))
                continue
            rows = np.searchsorted(grams, keys).clip(max=len(grams) - 1)
            found.append(np.where(grams[rows] == keys, rows, -1))
        return found

    def token_nats(self, tokens: Tensor) -> Tensor:
        """-ln P of tokens[:, 1:] given those before them in the row: (B, T + 1) -> (B, T) float64, without building (B, T, V)."""
        values = tokens.cpu().numpy().astype(np.int64)
        rows = self._rows_of(values)
        probability = np.full(values[:, 1:].shape, 1.0 / self.vocab_size)
        for order in range(1, self.config.order + 1):
            gram = rows[order - 1][:, 1:]
            context = np.zeros_like(gram) if order == 1 else rows[order - 2][:, :-1]
            known = context >= 0
            total = np.where(known, self._totals[order - 1][context], 0.0)
            types = np.where(known, self._types[order - 1][context], 0.0)
            counts = self._counts(order)
            count = np.where(gram >= 0, counts[gram], 0) if len(counts) else np.zeros_like(gram)
            d, seen = self.config.discount, total > 0
            safe = np.where(seen, total, 1.0)
            probability = np.where(seen, np.maximum(count - d, 0) / safe + d * types / safe * probability, probability)
        return torch.from_numpy(-np.log(probability))

    def forward(self, tokens: Tensor, cache: None = None) -> Tensor:
        values = tokens.cpu().numpy().astype(np.int64)
        rows = self._rows_of(values)
        logits = np.empty((*values.shape, self.vocab_size), dtype=np.float32)
        for place in np.ndindex(*values.shape):
            p = self._unigrams
            for order in range(2, self.config.order + 1):
                context = int(rows[order - 2][place])
                if context < 0:
                    break
                p = self._mix(order, context, p)
            logits[place] = np.log(p)
        return torch.from_numpy(logits).to(tokens.device)

    def empty_cache(self) -> None:
        return None

    def count_parameters(self) -> int:
        """Counts stored: the closest thing to parameters that a table has."""
        return sum(len(self._counts(order)) for order in range(1, self.config.order + 1))

    def flops_per_token(self, context_tokens: int) -> float:
        return 0.0

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        for name in list(self._buffers):  # tables have the size of what was seen, so they replace the empty ones
            if prefix + name in state_dict:
                setattr(self, name, state_dict[prefix + name].clone())
        super()._load_from_state_dict(state_dict, prefix, *args)
        self._index()
