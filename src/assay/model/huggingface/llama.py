"""Llama (Touvron et al. 2023); Qwen2, which is the same with biases of queries, keys and values; Qwen3 (Yang et al. 2025), which has norms
of queries and keys in place of those."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from assay.model.huggingface.architecture import Architecture, Piece
from assay.model.schema import TransformerSchema

LLAMA_THETA = 10_000.0
QWEN3_HEAD = 128
"""Where its config.json does not say."""


def read(config: Mapping[str, Any]) -> dict[str, Any]:
    rotary = config.get("rope_parameters") or {}
    return {
        "n_layer": config["num_hidden_layers"],
        "n_head": config["num_attention_heads"],
        "n_kv_head": config.get("num_key_value_heads") or config["num_attention_heads"],
        "d_model": config["hidden_size"],
        "d_head": config.get("head_dim") or (QWEN3_HEAD if config["model_type"] == "qwen3" else None),
        "qk_norm": config["model_type"] == "qwen3",
        "d_ff": config["intermediate_size"],
        "position": "rotary",
        "n_positions": config["max_position_embeddings"],
        "rope_theta": float(rotary.get("rope_theta") or config.get("rope_theta") or LLAMA_THETA),
        "norm": "rmsnorm",
        "norm_epsilon": config.get("rms_norm_eps", 1e-6),
        "norm_place": "before",
        "mlp": "swiglu",
        "bias": False,
        "qkv_bias": config["model_type"] == "qwen2",
        "tie_embeddings": config.get("tie_word_embeddings", False),
    }


def write(form: TransformerSchema, d_ff: int, n_positions: int) -> dict[str, Any]:
    return {
        "num_hidden_layers": form.n_layer,
        "num_attention_heads": form.n_head,
        "num_key_value_heads": form.n_kv_head or form.n_head,
        "head_dim": form.head_width,
        "hidden_size": form.d_model,
        "intermediate_size": d_ff,
        "max_position_embeddings": n_positions,
        "rope_parameters": {"rope_theta": form.rope_theta, "rope_type": "default"},
        "rope_theta": form.rope_theta,  # what transformers before 5 reads
        "rms_norm_eps": form.norm_epsilon,
        "hidden_act": "silu",
        "attention_dropout": form.dropout,
        "tie_word_embeddings": form.tie_embeddings,
    }


def pieces(form: TransformerSchema) -> Iterator[Piece]:
    """The norm in front of the MLP is called post_attention_layernorm there."""
    width, kv_width = (heads * form.head_width for heads in (form.n_head, form.n_kv_head or form.n_head))
    widths = (width, kv_width, kv_width)
    yield Piece("embedding.weight", ("embed_tokens.weight",))
    for i in range(form.n_layer):
        ours, theirs = f"blocks.{i}.", f"layers.{i}."
        qkv = tuple(f"{theirs}self_attn.{part}_proj" for part in "qkv")
        yield Piece(f"{ours}attention.qkv.weight", tuple(f"{name}.weight" for name in qkv), widths)
        if form.qkv_bias:
            yield Piece(f"{ours}attention.qkv.bias", tuple(f"{name}.bias" for name in qkv), widths)
        if form.qk_norm:
            for part in "qk":
                yield Piece(f"{ours}attention.{part}_norm.weight", (f"{theirs}self_attn.{part}_norm.weight",))
        yield Piece(f"{ours}attention.out.weight", (f"{theirs}self_attn.o_proj.weight",))
        yield Piece(f"{ours}mlp.up.weight", (f"{theirs}mlp.gate_proj.weight", f"{theirs}mlp.up_proj.weight"), (form.d_ff or 0,) * 2)
        yield Piece(f"{ours}mlp.down.weight", (f"{theirs}mlp.down_proj.weight",))
        yield Piece(f"{ours}attention_norm.weight", (f"{theirs}input_layernorm.weight",))
        yield Piece(f"{ours}mlp_norm.weight", (f"{theirs}post_attention_layernorm.weight",))
    yield Piece("norm.weight", ("norm.weight",))
    if not form.tie_embeddings:
        yield Piece("head.weight", ("lm_head.weight",), head=True)


LLAMA = Architecture(
    model_type="llama",
    target=TransformerSchema._target_,
    with_head="LlamaForCausalLM",
    without_head="LlamaModel",
    prefix="model.",
    fixed={
        "hidden_act": ("silu",),
        "attention_bias": (False,),
        "mlp_bias": (False,),
        "rope_scaling": (None,),
        "rope_parameters.rope_type": ("default",),
        "rope_parameters.partial_rotary_factor": (None, 1.0),
        "partial_rotary_factor": (None, 1.0),
        "use_sliding_window": (False,),
    },
    needed={
        "position": ("rotary",),
        "norm": ("rmsnorm",),
        "norm_place": ("before",),
        "mlp": ("swiglu",),
        "bias": (False,),
        "qkv_bias": (None, False),
        "qk_norm": (False,),
    },
    ignored=(".rotary_emb.inv_freq",),
    read=read,
    write=write,
    pieces=pieces,
)
QWEN2 = replace(
    LLAMA, model_type="qwen2", with_head="Qwen2ForCausalLM", without_head="Qwen2Model", needed={**LLAMA.needed, "qkv_bias": (True,)}
)
QWEN3 = replace(
    LLAMA, model_type="qwen3", with_head="Qwen3ForCausalLM", without_head="Qwen3Model", needed={**LLAMA.needed, "qk_norm": (True,)}
)
