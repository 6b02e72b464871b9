"""What conf/model/*.yaml may say."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class TransformerSchema:
    """A decoder-only Transformer. Defaults are GPT-2's form (Radford et al. 2019)."""

    _target_: str = "assay.model.transformer.Transformer"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    n_layer: int = setting(at_least=1, at_most=1000, help="blocks")
    n_head: int = setting(at_least=1, at_most=1024, help="attention heads; must divide d_model")
    n_kv_head: int | None = setting(None, at_least=1, at_most=1024, help="key and value heads, shared by groups of heads; null: n_head")
    d_model: int = setting(at_least=2, at_most=65_536, help="width")
    d_ff: int | None = setting(None, at_least=1, at_most=1_048_576, help="width inside the MLP; null: 4 d_model, or 8/3 of it when gated")
    dropout: float = setting(0.0, at_least=0, below=1)
    position: Literal["learned", "rotary"] = setting("learned", help="learned: a table; rotary: Su et al. 2021")
    n_positions: int | None = setting(None, at_least=2, at_most=1_048_576, help="rows of the learned table; null: data.context_tokens")
    rope_theta: float = setting(10_000.0, above=0, at_most=1e12, help="base of the rotary wavelengths")
    norm: Literal["layernorm", "rmsnorm"] = setting("layernorm")
    norm_epsilon: float = setting(1e-5, above=0, at_most=1)
    mlp: Literal["gelu", "swiglu"] = setting("gelu", help="gelu: GPT-2's tanh form; swiglu: Shazeer 2020")
    bias: bool = setting(True, help="biases in the linear layers and LayerNorm")
    tie_embeddings: bool = setting(True, help="the output layer shares the embedding's weights")
    vocab_size: int | None = setting(None, at_least=2, at_most=10_000_000, help="rows of the embedding; null: the tokenizer's")


@dataclass(frozen=True, kw_only=True)
class NgramSchema:
    """Interpolated Kneser-Ney n-grams: the floor any neural model should beat."""

    _target_: str = "assay.model.ngram.Ngram"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    order: int = setting(5, at_least=1, at_most=10, help="length of the longest n-gram")
    discount: float = setting(0.75, above=0, below=1, help="taken from each seen n-gram's count, for the unseen")
