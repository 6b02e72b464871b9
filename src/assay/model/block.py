"""The parts that Transformers of all forms are made of. Each choice is a field of their schemas.

B batch, T tokens, D model width, H heads, G key-value heads, K width of one head (D = H K, unless d_head says otherwise).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from assay.model.attention import attend, attend_everywhere
from assay.model.position import Codes, rotate
from assay.model.schema import GATED, BlockSchema, EncoderDecoderSchema, LayerSchema, TransformerSchema

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
    "gelu_exact": F.gelu,
    "relu": F.relu,
    "swiglu": F.silu,
    "geglu": lambda x: F.gelu(x, approximate="tanh"),
}
INIT_STD = 0.02  # GPT-2's initial standard deviation (Radford et al. 2019, section 2.3 and its code)


def feed_forward_width(config: LayerSchema) -> int:
    """4 D as in GPT-2; gated, 8/3 D rounded up to 32, which keeps the parameter count (Shazeer 2020, section 3.2)."""
    if config.d_ff is not None:
        return config.d_ff
    return math.ceil(config.d_model * 8 / 3 / 32) * 32 if config.mlp in GATED else 4 * config.d_model


def make_norm(config: LayerSchema) -> nn.Module:
    if config.norm == "rmsnorm":
        return nn.RMSNorm(config.d_model, eps=config.norm_epsilon)
    return nn.LayerNorm(config.d_model, eps=config.norm_epsilon, bias=config.bias)


KeysAndValues = tuple[Tensor, Tensor]


class Attention(nn.Module):
    """Multi-head attention, of a text to itself or to another; with fewer key-value heads, grouped-query attention (Ainslie et al. 2023)."""

    def __init__(self, config: BlockSchema, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.n_head = config.n_head
        self.n_kv_head = config.n_kv_head or config.n_head
        self.d_head = config.head_width
        self.dropout = config.dropout
        self.widths = [self.n_head * self.d_head, self.n_kv_head * self.d_head, self.n_kv_head * self.d_head]
        own = config.qkv_bias if isinstance(config, TransformerSchema) else None
        self.qkv = nn.Linear(config.d_model, sum(self.widths), bias=config.bias if own is None else own)
        self.out = nn.Linear(self.widths[0], config.d_model, bias=config.bias)
        normed = isinstance(config, TransformerSchema) and config.qk_norm
        self.q_norm = nn.RMSNorm(self.d_head, eps=config.norm_epsilon) if normed else None
        self.k_norm = nn.RMSNorm(self.d_head, eps=config.norm_epsilon) if normed else None
        self.scaled = not isinstance(config, EncoderDecoderSchema) or config.scale_scores

    def forward(
        self, x: Tensor, codes: Codes | None, past: KeysAndValues | None = None, visible: Tensor | None = None
    ) -> tuple[Tensor, KeysAndValues]:
        """x (B, T, D) -> (B, T, D), and the keys and values (B, G, past + T, K) for a cache. `visible` (B, T): keys, where it is not causal."""
        q, k, v = self.qkv(x).split(self.widths, dim=2)
        q, k, v = self._in_heads(q), self._in_heads(k), self._in_heads(v)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = (norm(each.to(norm.weight.dtype)).to(v.dtype) for norm, each in ((self.q_norm, q), (self.k_norm, k)))
        if codes is not None and codes.rotation is not None:
            q, k = rotate(q, *codes.rotation), rotate(k, *codes.rotation)
        if past is not None:
            k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        return self._attended(q, k, v, visible, None if codes is None else codes.bias), (k, v)

    def across(
        self, x: Tensor, memory: Tensor, past: KeysAndValues | None = None, visible: Tensor | None = None
    ) -> tuple[Tensor, KeysAndValues]:
        """Queries of x (B, T, D), keys and values of the memory (B, S, D), or those of `past`. `visible` (B, S): of the memory."""
        weights = torch.split(self.qkv.weight, self.widths)
        biases = (None,) * 3 if self.qkv.bias is None else torch.split(self.qkv.bias, self.widths)
        k, v = past or tuple(self._in_heads(F.linear(memory, weights[i], biases[i])) for i in (1, 2))
        return self._attended(self._in_heads(F.linear(x, weights[0], biases[0])), k, v, visible, None), (k, v)

    def shrink_queries(self) -> None:
        """Divide initial query weights by what their products would be divided by, where products are not scaled."""
        with torch.no_grad():
            self.qkv.weight[: self.widths[0]] /= math.sqrt(self.d_head)

    def _in_heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], -1, self.d_head).transpose(1, 2)

    def _attended(self, q: Tensor, k: Tensor, v: Tensor, visible: Tensor | None, bias: Tensor | None) -> Tensor:
        if self.n_kv_head != self.n_head:
            k, v = (t.repeat_interleave(self.n_head // self.n_kv_head, dim=1) for t in (k, v))
        if not self.scaled:
            q = q * math.sqrt(self.d_head)  # attention divides by it
        dropout = self.dropout if self.training else 0.0
        y = attend(q, k, v, dropout, bias) if self.causal else attend_everywhere(q, k, v, dropout, visible, bias)
        result: Tensor = self.out(y.transpose(1, 2).flatten(2))
        return result


class MLP(nn.Module):
    """The feed-forward layer: D -> d_ff -> D."""

    def __init__(self, config: LayerSchema) -> None:
        super().__init__()
        width = feed_forward_width(config)
        self.gated = config.mlp in GATED
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
        self, x: Tensor, codes: Codes | None, past: KeysAndValues | None = None, visible: Tensor | None = None
    ) -> tuple[Tensor, KeysAndValues]:
        """Apply the block; arguments and results as in Attention.forward."""
        attended, kept = self.attention(self._before(x, self.attention_norm), codes, past, visible)
        return self._through_mlp(self._after(x + self.dropout(attended), self.attention_norm)), kept

    def _through_mlp(self, x: Tensor) -> Tensor:
        return self._after(x + self.dropout(self.mlp(self._before(x, self.mlp_norm))), self.mlp_norm)

    def _before(self, x: Tensor, norm: nn.Module) -> Tensor:
        found: Tensor = norm(x) if self.norm_first else x
        return found

    def _after(self, x: Tensor, norm: nn.Module) -> Tensor:
        found: Tensor = x if self.norm_first else norm(x)
        return found


class CrossBlock(Block):
    """A decoder's block of an encoder-decoder: between its two parts it looks at what was read."""

    def __init__(self, config: BlockSchema) -> None:
        super().__init__(config, causal=True)
        self.cross_norm = make_norm(config)
        self.cross_attention = Attention(config, causal=False)

    def forward(  # type: ignore[override]
        self,
        x: Tensor,
        codes: Codes | None,
        memory: Tensor,
        visible: Tensor | None = None,
        past: KeysAndValues | None = None,
        read: KeysAndValues | None = None,
    ) -> tuple[Tensor, KeysAndValues, KeysAndValues]:
        """x (B, T, D), memory (B, S, D), `visible` (B, S) -> (B, T, D), and for a cache the keys and values of x and of the memory."""
        attended, kept = self.attention(self._before(x, self.attention_norm), codes, past)
        x = self._after(x + self.dropout(attended), self.attention_norm)
        found, read = self.cross_attention.across(self._before(x, self.cross_norm), memory, read, visible)
        x = self._after(x + self.dropout(found), self.cross_norm)
        return self._through_mlp(x), kept, read


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
