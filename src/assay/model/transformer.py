"""A decoder-only Transformer in two forms: GPT-2's (learned positions, LayerNorm, GELU, biases) and the modern one
(rotary positions, RMSNorm, gated MLP, no biases). Each choice is a field of TransformerSchema.

B batch, T tokens, D model width, H heads, G key-value heads, K width of one head (D = H K), V vocabulary.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from assay.model.attention import attend
from assay.model.language_model import Cache, LanguageModel
from assay.model.schema import TransformerSchema

INIT_STD = 0.02  # GPT-2's initial standard deviation (Radford et al. 2019, section 2.3 and its code)


def feed_forward_width(config: TransformerSchema) -> int:
    """4 D as in GPT-2; gated, 8/3 D rounded up to 32, which keeps the parameter count (Shazeer 2020, section 3.2)."""
    if config.d_ff is not None:
        return config.d_ff
    return 4 * config.d_model if config.mlp == "gelu" else math.ceil(config.d_model * 8 / 3 / 32) * 32


def make_norm(config: TransformerSchema) -> nn.Module:
    if config.norm == "rmsnorm":
        return nn.RMSNorm(config.d_model, eps=config.norm_epsilon)
    return nn.LayerNorm(config.d_model, eps=config.norm_epsilon, bias=config.bias)


class Attention(nn.Module):
    """Multi-head self-attention; with fewer key-value heads, grouped-query attention (Ainslie et al. 2023)."""

    def __init__(self, config: TransformerSchema) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.n_kv_head = config.n_kv_head or config.n_head
        self.d_head = config.d_model // config.n_head
        self.dropout = config.dropout
        kv_width = self.n_kv_head * self.d_head
        self.qkv = nn.Linear(config.d_model, config.d_model + 2 * kv_width, bias=config.bias)
        self.out = nn.Linear(config.d_model, config.d_model, bias=config.bias)

    def forward(
        self, x: Tensor, rotation: tuple[Tensor, Tensor] | None, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x (B, T, D) -> (B, T, D), and the keys and values (B, G, past + T, K) for a cache."""
        batch, tokens, width = x.shape
        kv_width = self.n_kv_head * self.d_head
        q, k, v = self.qkv(x).split([width, kv_width, kv_width], dim=2)
        q = q.view(batch, tokens, self.n_head, self.d_head).transpose(1, 2)
        k = k.view(batch, tokens, self.n_kv_head, self.d_head).transpose(1, 2)
        v = v.view(batch, tokens, self.n_kv_head, self.d_head).transpose(1, 2)
        if rotation is not None:
            q, k = rotate(q, *rotation), rotate(k, *rotation)
        if past is not None:
            k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        kept = (k, v)
        if self.n_kv_head != self.n_head:
            k, v = (t.repeat_interleave(self.n_head // self.n_kv_head, dim=1) for t in (k, v))
        y = attend(q, k, v, self.dropout if self.training else 0.0)
        return self.out(y.transpose(1, 2).reshape(batch, tokens, width)), kept


class MLP(nn.Module):
    """The feed-forward layer: D -> d_ff -> D."""

    def __init__(self, config: TransformerSchema) -> None:
        super().__init__()
        width = feed_forward_width(config)
        self.gated = config.mlp == "swiglu"
        self.up = nn.Linear(config.d_model, 2 * width if self.gated else width, bias=config.bias)
        self.down = nn.Linear(width, config.d_model, bias=config.bias)

    def forward(self, x: Tensor) -> Tensor:
        if self.gated:
            gate, up = self.up(x).chunk(2, dim=-1)
            hidden = F.silu(gate) * up
        else:
            hidden = F.gelu(self.up(x), approximate="tanh")
        result: Tensor = self.down(hidden)
        return result


class Block(nn.Module):
    """Pre-norm residual block."""

    def __init__(self, config: TransformerSchema) -> None:
        super().__init__()
        self.attention_norm = make_norm(config)
        self.attention = Attention(config)
        self.mlp_norm = make_norm(config)
        self.mlp = MLP(config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, rotation: tuple[Tensor, Tensor] | None, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        attended, kept = self.attention(self.attention_norm(x), rotation, past)
        x = x + self.dropout(attended)
        return x + self.dropout(self.mlp(self.mlp_norm(x))), kept


class Transformer(LanguageModel):
    """tokens (B, T) -> logits (B, T, V)."""

    def __init__(self, config: TransformerSchema, vocab_size: int, context_tokens: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = config.vocab_size or vocab_size
        self.context_tokens = config.n_positions or context_tokens
        self.embedding = nn.Embedding(self.vocab_size, config.d_model)
        self.position = nn.Embedding(self.context_tokens, config.d_model) if config.position == "learned" else None
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.norm = make_norm(config)
        self.head = nn.Linear(config.d_model, self.vocab_size, bias=False)
        if config.tie_embeddings:
            self.head.weight = self.embedding.weight
        self.apply(self._initialise)

    def _initialise(self, module: nn.Module) -> None:
        """Normal(0, 0.02); projections into the residual stream are divided by sqrt(2 layers), as GPT-2 does, so that its variance
        does not grow with depth. Biases are zero, norms are one."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=INIT_STD)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if isinstance(module, Block):  # children come first in apply(), so this overwrites theirs
            for projection in (module.attention.out, module.mlp.down):
                nn.init.normal_(projection.weight, std=INIT_STD / math.sqrt(2 * self.config.n_layer))

    def forward(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """tokens (B, T) int64 -> logits (B, T, V). With a cache, tokens continue those seen before, and the cache is extended."""
        start = cache.tokens if cache else 0
        end = start + tokens.shape[1]
        x = self.embedding(tokens)
        rotation = None
        if self.position is not None:
            x = x + self.position(torch.arange(start, end, device=tokens.device))
        else:
            rotation = rotary_tables(start, end, self.config.d_model // self.config.n_head, self.config.rope_theta, tokens.device)
        x = self.dropout(x)
        for index, block in enumerate(self.blocks):
            x, kept = block(x, rotation, cache.layers[index] if cache else None)
            if cache:
                cache.layers[index] = kept
        logits: Tensor = self.head(self.norm(x))
        return logits

    def empty_cache(self) -> Cache:
        return Cache([None] * self.config.n_layer)

    def count_parameters(self) -> int:
        """Embeddings included, shared weights once."""
        return sum(parameter.numel() for parameter in self.parameters())

    def flops_per_token(self, context_tokens: int) -> float:
        """Floating-point operations to train on one token: 6 a weight used in a product, and causal attention at half its square
        (Chowdhery et al. 2022, appendix B, halved). The embedding look-up is none."""
        looked_up = 0 if self.config.tie_embeddings else self.embedding.weight.numel()
        looked_up += self.position.weight.numel() if self.position is not None else 0
        return 6.0 * (self.count_parameters() - looked_up) + 6.0 * self.config.n_layer * self.config.d_model * context_tokens


def rotary_tables(start: int, end: int, d_head: int, theta: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines (T, K) of the rotation of each position and pair of channels (Su et al. 2021, eq. 34; Llama's pairing i, i + K/2)."""
    frequencies = theta ** (-torch.arange(0, d_head, 2, dtype=torch.float32, device=device) / d_head)
    angles = torch.outer(torch.arange(start, end, dtype=torch.float32, device=device), frequencies)
    angles = torch.cat([angles, angles], dim=1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """x (B, H, T, K) turned by each position's angle."""
    left, right = x.chunk(2, dim=-1)
    return (x * cos + torch.cat([-right, left], dim=-1) * sin).to(x.dtype)
