"""ESM-2's class (Lin et al. 2023): rotary positions, LayerNorm before each part and behind the embedding, GELU, biases.

It was made for proteins, and computes exactly what `bert_nano` and `bert_small` compute. ModernBERT does not: its MLP is gated, and its first
block has no norm before attention.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from assay.model.huggingface.architecture import Architecture, Piece
from assay.model.huggingface.bert import both
from assay.model.schema import EncoderSchema

THETA = 10_000.0


def read(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n_layer": config["num_hidden_layers"],
        "n_head": config["num_attention_heads"],
        "d_model": config["hidden_size"],
        "d_ff": config["intermediate_size"],
        "position": "rotary",
        "n_positions": config["max_position_embeddings"],
        "rope_theta": float(config.get("rope_theta") or THETA),
        "segments": 0,
        "norm": "layernorm",
        "norm_epsilon": config.get("layer_norm_eps", 1e-12),
        "norm_place": "before",
        "mlp": "gelu_exact",
        "bias": True,
    }


def write(form: EncoderSchema, d_ff: int, n_positions: int) -> dict[str, Any]:
    return {
        "num_hidden_layers": form.n_layer,
        "num_attention_heads": form.n_head,
        "hidden_size": form.d_model,
        "intermediate_size": d_ff,
        "max_position_embeddings": n_positions,
        "position_embedding_type": "rotary",
        "rope_theta": form.rope_theta,
        "layer_norm_eps": form.norm_epsilon,
        "emb_layer_norm_before": True,
        "token_dropout": False,
        "hidden_dropout_prob": form.dropout,
        "attention_probs_dropout_prob": form.dropout,
        "tie_word_embeddings": True,
    }


def pieces(form: EncoderSchema) -> Iterator[Piece]:
    """The norm before attention is in its module, the one before the MLP in the layer."""
    yield Piece("embedding.weight", ("embeddings.word_embeddings.weight",))
    yield from both("embedding_norm", "embeddings.layer_norm")
    for i in range(form.n_layer):
        at = f"encoder.layer.{i}."
        for part in ("weight", "bias"):
            theirs = tuple(f"{at}attention.self.{name}.{part}" for name in ("query", "key", "value"))
            yield Piece(f"blocks.{i}.attention.qkv.{part}", theirs, (form.d_model,) * 3)
        yield from both(f"blocks.{i}.attention.out", f"{at}attention.output.dense")
        yield from both(f"blocks.{i}.attention_norm", f"{at}attention.LayerNorm")
        yield from both(f"blocks.{i}.mlp.up", f"{at}intermediate.dense")
        yield from both(f"blocks.{i}.mlp.down", f"{at}output.dense")
        yield from both(f"blocks.{i}.mlp_norm", f"{at}LayerNorm")
    yield from both("norm", "encoder.emb_layer_norm_after")
    yield from both("transform", "lm_head.dense", head=True)
    yield from both("transform_norm", "lm_head.layer_norm", head=True)
    yield Piece("output_bias", ("lm_head.bias",), head=True)


def blank(form: EncoderSchema) -> dict[str, Tensor]:
    """Return tensors that transformers expects and our form lacks: of contacts in a protein, and what the rotation is computed from."""
    channels = torch.arange(0, form.head_width, 2, dtype=torch.float32)
    return {
        "contact_head.regression.weight": torch.zeros(1, form.n_layer * form.n_head),
        "contact_head.regression.bias": torch.zeros(1),
        "rotary_embeddings.inv_freq": 1.0 / form.rope_theta ** (channels / form.head_width),
    }


ESM = Architecture(
    model_type="esm",
    target=EncoderSchema._target_,
    with_head="EsmForMaskedLM",
    without_head="EsmModel",
    prefix="esm.",
    fixed={
        "position_embedding_type": ("rotary",),
        "emb_layer_norm_before": (True,),
        "token_dropout": (False,),
        "is_folding_model": (False,),
        "is_decoder": (False,),
        "add_cross_attention": (False,),
        "tie_word_embeddings": (True,),
    },
    needed={
        "position": ("rotary",),
        "norm": ("layernorm",),
        "norm_place": ("before",),
        "mlp": ("gelu_exact",),
        "bias": (True,),
        "segments": (0,),
    },
    ignored=(  # of contacts in a protein, a copy of a tied weight, and what the rotation is computed from
        *("pooler.dense.weight", "pooler.dense.bias", "contact_head.regression.weight", "contact_head.regression.bias"),
        *("lm_head.decoder.weight", "rotary_embeddings.inv_freq", "embeddings.position_ids"),
    ),
    read=read,
    write=write,
    pieces=pieces,
    blank=blank,
    pads_apart=True,
)
