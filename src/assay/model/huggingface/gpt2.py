"""GPT-2 (Radford et al. 2019): learned positions, LayerNorm before each part, biases."""

from collections.abc import Iterator, Mapping
from typing import Any

from assay.model.huggingface.architecture import Architecture, Piece
from assay.model.schema import TransformerSchema

ACTIVATIONS = {"gelu_new": "gelu", "gelu_pytorch_tanh": "gelu", "gelu": "gelu_exact", "relu": "relu"}
"""transformers' name -> ours; of several the first is written."""


def activation_name(ours: str) -> str:
    return next(name for name, each in ACTIVATIONS.items() if each == ours)


def read(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n_layer": config["n_layer"],
        "n_head": config["n_head"],
        "d_model": config["n_embd"],
        "d_ff": config.get("n_inner") or 4 * config["n_embd"],
        "position": "learned",
        "n_positions": config["n_positions"],
        "norm": "layernorm",
        "norm_epsilon": config.get("layer_norm_epsilon", 1e-5),
        "norm_place": "before",
        "mlp": ACTIVATIONS[config.get("activation_function", "gelu_new")],
        "bias": True,
        "tie_embeddings": config.get("tie_word_embeddings", True),
    }


def write(form: TransformerSchema, d_ff: int, n_positions: int) -> dict[str, Any]:
    return {
        "n_layer": form.n_layer,
        "n_head": form.n_head,
        "n_embd": form.d_model,
        "n_inner": d_ff,
        "n_positions": n_positions,
        "activation_function": activation_name(form.mlp),
        "layer_norm_epsilon": form.norm_epsilon,
        "resid_pdrop": form.dropout,
        "embd_pdrop": form.dropout,
        "attn_pdrop": form.dropout,
        "tie_word_embeddings": form.tie_embeddings,
    }


def pieces(form: TransformerSchema) -> Iterator[Piece]:
    yield Piece("embedding.weight", ("wte.weight",))
    yield Piece("position.weight", ("wpe.weight",))
    for i in range(form.n_layer):
        named = {"attention_norm": "ln_1", "mlp_norm": "ln_2"}
        linear = {"attention.qkv": "attn.c_attn", "attention.out": "attn.c_proj", "mlp.up": "mlp.c_fc", "mlp.down": "mlp.c_proj"}
        for ours, theirs in (named | linear).items():
            yield Piece(f"blocks.{i}.{ours}.weight", (f"h.{i}.{theirs}.weight",), transposed=ours in linear)
            yield Piece(f"blocks.{i}.{ours}.bias", (f"h.{i}.{theirs}.bias",))
    yield Piece("norm.weight", ("ln_f.weight",))
    yield Piece("norm.bias", ("ln_f.bias",))
    if not form.tie_embeddings:
        yield Piece("head.weight", ("lm_head.weight",), head=True)


GPT2 = Architecture(
    model_type="gpt2",
    target=TransformerSchema._target_,
    with_head="GPT2LMHeadModel",
    without_head="GPT2Model",
    prefix="transformer.",
    fixed={
        "activation_function": tuple(ACTIVATIONS),
        "scale_attn_weights": (True,),
        "scale_attn_by_inverse_layer_idx": (False,),
        "add_cross_attention": (False,),
    },
    needed={
        "position": ("learned",),
        "norm": ("layernorm",),
        "norm_place": ("before",),
        "mlp": ("gelu", "gelu_exact", "relu"),
        "bias": (True,),
        "qkv_bias": (None, True),
        "qk_norm": (False,),
    },
    ignored=(".attn.bias", ".attn.masked_bias"),  # the causal mask, which old versions stored
    read=read,
    write=write,
    pieces=pieces,
)
