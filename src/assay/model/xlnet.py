"""XLNet: each place is predicted from any set of others, without its own token (Yang et al. 2019), with Transformer-XL's relative positions.

The content stream knows a place's token, the query stream only where it is. Both have the same weights.
B batch, T tokens, M places that are predicted, D model width, H heads, K width of one head (D = H K), V vocabulary.
"""

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from assay.model.block import INIT_STD, MLP, initialise, make_norm
from assay.model.language_model import LanguageModel
from assay.model.schema import XLNetSchema

WAVELENGTH_BASE = 10_000.0
PREDICTED_SHARE = 1 / 6
"""Share of the tokens that is predicted, as in the paper (K = 6)."""


class RelativeAttention(nn.Module):
    """Attention by content and by distance (Dai et al. 2019, section 3.3): query i and key j score

    (q_i + u) k_j + (q_i + v) r_{i-j}, over sqrt(K). The paper's segment term is left out: in one segment it is the same for all keys.
    """

    def __init__(self, config: XLNetSchema) -> None:
        super().__init__()
        width, inner = config.d_model, config.n_head * config.head_width
        self.n_head = config.n_head
        self.dropout = config.dropout
        self.query = nn.Linear(width, inner, bias=False)
        self.key_value = nn.Linear(width, 2 * inner, bias=False)
        self.distance = nn.Linear(width, inner, bias=False)
        self.content_bias = nn.Parameter(torch.zeros(inner))  # u
        self.distance_bias = nn.Parameter(torch.zeros(inner))  # v
        self.out = nn.Linear(inner, width, bias=False)

    def keys(self, content: Tensor, codes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """content (B, T, D), codes (2 T, D) -> what both streams look at: keys and values (B, H, T, K), distances (H, 2 T, K)."""
        k, v = self.key_value(content).chunk(2, dim=2)
        return self._heads(k), self._heads(v), self._heads(self.distance(codes)[None])[0]

    def forward(self, x: Tensor, keys: tuple[Tensor, Tensor, Tensor], places: Tensor | None, unseen: Tensor | None) -> Tensor:
        """x (B, M, D) at `places` (B, M), or at all in order -> (B, M, D). `unseen` (B, M, T) bool: keys; where all are, zeros."""
        k, v, r = keys
        q = self.query(x)
        scale = 1 / math.sqrt(k.shape[3])
        by_content = self._heads((q + self.content_bias) * scale) @ k.transpose(2, 3)
        scores = by_content + at_distances(self._by_distance((q + self.distance_bias) * scale, r), places)
        if unseen is not None:  # the least finite number: -inf in a whole row would be no number
            scores = scores.masked_fill(unseen[:, None], torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=3).to(v.dtype)
        if self.training and self.dropout:
            weights = F.dropout(weights, self.dropout)
        y = weights @ v
        if unseen is not None:
            y = y.masked_fill(unseen.all(dim=2)[:, None, :, None], 0.0)
        result: Tensor = self.out(y.transpose(1, 2).flatten(2))
        return result

    def _by_distance(self, q: Tensor, r: Tensor) -> Tensor:
        """q (B, M, D), r (H, 2 T, K) -> (B, H, M, 2 T): one product a head, since broadcasting would copy r for each sequence."""
        batch, places, _ = q.shape
        q = q.view(batch * places, self.n_head, -1).transpose(0, 1)
        return (q @ r.transpose(1, 2)).view(self.n_head, batch, places, -1).transpose(0, 1)

    def _heads(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, H, T, K)"""
        return x.view(*x.shape[:2], self.n_head, -1).transpose(1, 2)


def at_distances(scores: Tensor, places: Tensor | None) -> Tensor:
    """scores (B, H, M, 2 T) of each query for the distances T, T - 1 .. 1 - T -> (B, H, M, T) for the keys 0 .. T - 1.

    Query i finds key j in column T - i + j. Where M = T in order, laid out flat that is a step of 2 T - 1 a row (Dai et al. 2019, appendix B).
    """
    keys = scores.shape[3] // 2
    if places is None:
        batch, heads = scores.shape[:2]
        return scores.flatten(2)[:, :, keys:].view(batch, heads, keys, 2 * keys - 1)[..., :keys]
    columns = keys - places[:, :, None] + torch.arange(keys, device=places.device)
    return scores.gather(3, columns[:, None].expand(-1, scores.shape[1], -1, -1))


def distance_codes(tokens: int, width: int, device: torch.device) -> Tensor:
    """Sines, then cosines, of the distances T, T - 1 .. 1 - T: (2 T, D)"""
    frequencies = WAVELENGTH_BASE ** (-torch.arange(0, width, 2, dtype=torch.float32, device=device) / width)
    angles = torch.outer(torch.arange(tokens, -tokens, -1, dtype=torch.float32, device=device), frequencies)
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :width]


class TwoStreamBlock(nn.Module):
    """A residual block for both streams, with a norm before each part or after each sum."""

    def __init__(self, config: XLNetSchema) -> None:
        super().__init__()
        self.norm_first = config.norm_place == "before"
        self.attention_norm = make_norm(config)
        self.attention = RelativeAttention(config)
        self.mlp_norm = make_norm(config)
        self.mlp = MLP(config)
        self.dropout = nn.Dropout(config.dropout)

    def keys(self, content: Tensor, codes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.attention.keys(self.attention_norm(content) if self.norm_first else content, codes)

    def forward(self, x: Tensor, keys: tuple[Tensor, Tensor, Tensor], places: Tensor | None, unseen: Tensor | None) -> Tensor:
        """One stream, as RelativeAttention.forward."""
        x = x + self.dropout(self.attention(self.attention_norm(x) if self.norm_first else x, keys, places, unseen))
        if not self.norm_first:
            x = self.attention_norm(x)
        x = x + self.dropout(self.mlp(self.mlp_norm(x) if self.norm_first else x))
        result: Tensor = x if self.norm_first else self.mlp_norm(x)
        return result


class XLNet(LanguageModel):
    """tokens (B, T) -> logits (B, T, V) of the token after each, from left to right: one order of all. The output layer shares the embedding's weights."""

    def __init__(self, config: XLNetSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = config.vocab_size or vocab_size
        self.context_tokens = context_tokens
        self.embedding = nn.Embedding(self.vocab_size, config.d_model)
        self.unknown = nn.Parameter(torch.empty(config.d_model))  # where the query stream begins, at every place
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(TwoStreamBlock(config) for _ in range(config.n_layer))
        self.norm = make_norm(config) if config.norm_place == "before" else None
        self.output_bias = nn.Parameter(torch.zeros(self.vocab_size))
        initialise(self, config.n_layer)
        nn.init.normal_(self.unknown, std=INIT_STD)
        for block in self._layers if config.norm_place == "before" else ():  # as initialise() does for other blocks
            for projection in (block.attention.out, block.mlp.down):
                nn.init.normal_(projection.weight, std=INIT_STD / math.sqrt(2 * config.n_layer))

    def content(self, tokens: Tensor, sees: Tensor | None = None) -> Tensor:
        """Return the hidden state of each token: (B, T) -> (B, T, D). `sees` (B, T, T) bool: which others; None: all."""
        codes, x = self._begin(tokens)
        unseen = None if sees is None else ~sees
        for block in self._layers:
            x = block(x, block.keys(x, codes), None, unseen)
        return self._end(x)

    def queries(self, tokens: Tensor, order: Tensor, places: Tensor) -> Tensor:
        """Return the hidden states of the query stream at `places` (B, M), which do not see their own tokens: -> (B, M, D).

        `order` (B, T), or longer for places after the last token: a query sees the tokens (B, T) of lower numbers than its place's,
        a token those of lower and of its own.
        """
        codes, x = self._begin(tokens)
        asked = self.dropout(self.unknown.to(x.dtype).expand(*places.shape, -1))
        known = order[:, None, : tokens.shape[1]]
        unseen, asked_unseen = known > known.transpose(1, 2), known >= order.gather(1, places)[:, :, None]
        for number, block in enumerate(self._layers, start=1):
            keys = block.keys(x, codes)
            asked = block(asked, keys, places, asked_unseen)
            if number < len(self.blocks):  # nobody looks at the last layer's content
                x = block(x, keys, None, unseen)
        return self._end(asked)

    def _begin(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        codes = distance_codes(tokens.shape[1], self.config.d_model, tokens.device)
        return self.dropout(codes), self.dropout(self.embedding(tokens))

    def _end(self, x: Tensor) -> Tensor:
        result: Tensor = self.dropout(x if self.norm is None else self.norm(x))
        return result

    @property
    def _layers(self) -> Sequence[TwoStreamBlock]:
        return cast(Sequence[TwoStreamBlock], self.blocks)

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)"""
        logits: Tensor = F.linear(hidden, self.embedding.weight, self.output_bias)
        return logits

    def forward(self, tokens: Tensor, cache: None = None) -> Tensor:
        order = torch.arange(tokens.shape[1] + 1, device=tokens.device).expand(len(tokens), -1)
        return self.logits(self.queries(tokens, order, order[:, 1:]))

    def flops_per_token(self, context_tokens: int, predicted: float = PREDICTED_SHARE) -> float:
        """6 a weight used in a product, and attention over the whole square, by distance over twice as many columns (Chowdhery et al.
        2022, appendix B): of the content stream in all layers but the last, of queries and logits for the share of places that is predicted."""
        width, layers = self.config.d_model, self.config.n_layer
        inner = self.config.n_head * self.config.head_width
        block = (
            sum(p.numel() for p in self.blocks[0].parameters() if p.dim() == 2) - width * inner
        )  # distances are T rows of codes, not B T
        stream = block - 2 * width * inner + 4 * inner * context_tokens  # without keys and values, which both streams share
        streams = layers * 2 * width * inner + (layers - 1 + layers * predicted) * stream
        return 6.0 * (streams + predicted * self.embedding.weight.numel())
