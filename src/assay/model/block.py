"""The parts that Transformers of all forms are made of. Each choice is a field of their schemas.

B batch, T tokens, D model width, H heads, G key-value heads, K width of one head (D = H K).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from assay.model.attention import attend, attend_everywhere
from assay.model.schema import BlockSchema, LayerSchema, TransformerSchema

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
    "gelu_exact": F.gelu,
    "relu": F.relu,
    "swiglu": F.silu,
}
INIT_STD = 0.02  # GPT-2's initial standard deviation (Radford et al. 2019, section 2.3 and its code)


def feed_forward_width(config: LayerSchema) -> int:
    """4 D as in GPT-2; gated, 8/3 D rounded up to 32, which keeps the parameter count (Shazeer 2020, section 3.2)."""
    if config.d_ff is not None:
        return config.d_ff
    return math.ceil(config.d_model * 8 / 3 / 32) * 32 if config.mlp == "swiglu" else 4 * config.d_model


def make_norm(config: LayerSchema) -> nn.Module:
    if config.norm == "rmsnorm":
        return nn.RMSNorm(config.d_model, eps=config.norm_epsilon)
    return nn.LayerNorm(config.d_model, eps=config.norm_epsilon, bias=config.bias)


class Attention(nn.Module):
    """Multi-head self-attention; with fewer key-value heads, grouped-query attention (Ainslie et al. 2023)."""

    def __init__(self, config: BlockSchema, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.n_head = config.n_head
        self.n_kv_head = config.n_kv_head or config.n_head
        self.d_head = config.d_model // config.n_head
        self.dropout = config.dropout
        kv_width = self.n_kv_head * self.d_head
        own = config.qkv_bias if isinstance(config, TransformerSchema) else None
        self.qkv = nn.Linear(config.d_model, config.d_model + 2 * kv_width, bias=config.bias if own is None else own)
        self.out = nn.Linear(config.d_model, config.d_model, bias=config.bias)

    def forward(
        self, x: Tensor, rotation: tuple[Tensor, Tensor] | None, past: tuple[Tensor, Tensor] | None = None, visible: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x (B, T, D) -> (B, T, D), and the keys and values (B, G, past + T, K) for a cache. `visible` (B, T): keys, where it is not causal."""
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
        dropout = self.dropout if self.training else 0.0
        y = attend(q, k, v, dropout) if self.causal else attend_everywhere(q, k, v, dropout, visible)
        return self.out(y.transpose(1, 2).reshape(batch, tokens, width)), kept


class MLP(nn.Module):
    """The feed-forward layer: D -> d_ff -> D."""

    def __init__(self, config: LayerSchema) -> None:
        super().__init__()
        width = feed_forward_width(config)
        self.gated = config.mlp == "swiglu"
        self.activation = ACTIVATIONS[config.mlp]
        self.up = nn.Linear(config.d_model, 2 * width if self.gated else width, bias=config.bias)
        self.down = nn.Linear(width, config.d_model, bias=config.bias)

    def forward(self, x: Tensor) -> Tensor:
        if self.gated:
            gate, up = self.up(x).chunk(2, dim=-1)
            hidden = self.activation(gate) * up
        else:
            hidden = self.activation(self.up(x))
        result: Tensor = self.down(hidden)
        return result


class Block(nn.Module):
    """A residual block, with a norm before each part or after each sum."""

    def __init__(self, config: BlockSchema, causal: bool) -> None:
        super().__init__()
        self.norm_first = config.norm_place == "before"
        self.attention_norm = make_norm(config)
        self.attention = Attention(config, causal)
        self.mlp_norm = make_norm(config)
        self.mlp = MLP(config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, rotation: tuple[Tensor, Tensor] | None, past: tuple[Tensor, Tensor] | None = None, visible: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """As Attention.forward."""
        attended, kept = self.attention(self.attention_norm(x) if self.norm_first else x, rotation, past, visible)
        x = x + self.dropout(attended)
        if self.norm_first:
            return x + self.dropout(self.mlp(self.mlp_norm(x))), kept
        x = self.attention_norm(x)
        return self.mlp_norm(x + self.dropout(self.mlp(x))), kept


def initialise(model: nn.Module, n_layer: int) -> None:
    """Normal(0, 0.02); projections into the residual stream are divided by sqrt(2 layers), as GPT-2 does, so that its variance does not
    grow with depth. Behind a norm after each sum there is no such stream, and all are alike, as in BERT. Biases are zero, norms are one."""

    def each(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=INIT_STD)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if isinstance(module, Block) and module.norm_first:  # children come first in apply(), so this overwrites theirs
            for projection in (module.attention.out, module.mlp.down):
                nn.init.normal_(projection.weight, std=INIT_STD / math.sqrt(2 * n_layer))

    model.apply(each)


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
