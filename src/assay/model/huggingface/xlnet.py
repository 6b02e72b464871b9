"""XLNet (Yang et al. 2019): two streams, relative positions, a norm after each sum, biases in the MLP; the output layer shares the embedding.

Its term for segments is left out on the way in, and zero on the way out: in a text of one segment it changes nothing.
B batch, T tokens, V vocabulary.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from assay.model.huggingface.architecture import Architecture, Piece
from assay.model.huggingface.gpt2 import ACTIVATIONS, activation_name
from assay.model.schema import XLNetSchema
from assay.model.xlnet import XLNet

HIDDEN_ONE_IN = 6


def read(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n_layer": config["n_layer"],
        "n_head": config["n_head"],
        "d_model": config["d_model"],
        "d_ff": config["d_inner"],
        "norm": "layernorm",
        "norm_epsilon": config.get("layer_norm_eps", 1e-12),
        "norm_place": "after",
        "mlp": ACTIVATIONS[config.get("ff_activation", "gelu")],
        "bias": True,
    }


def write(form: XLNetSchema, d_ff: int, n_positions: int) -> dict[str, Any]:
    return {
        "n_layer": form.n_layer,
        "n_head": form.n_head,
        "d_model": form.d_model,
        "d_head": form.head_width,
        "d_inner": d_ff,
        "layer_norm_eps": form.norm_epsilon,
        "ff_activation": activation_name(form.mlp),
        "dropout": form.dropout,
        "attn_type": "bi",
        "mem_len": None,
        "use_mems_eval": False,
        "tie_word_embeddings": True,
    }


def pieces(form: XLNetSchema) -> Iterator[Piece]:
    heads, width = (form.n_head, form.head_width), form.d_model
    inner = form.n_head * form.head_width
    yield Piece("embedding.weight", ("word_embedding.weight",))
    yield Piece("unknown", ("mask_emb",), shape=(1, 1, width))
    for i in range(form.n_layer):
        at, there = f"blocks.{i}.", f"layer.{i}."
        for ours, names in {"query": "q", "key_value": "kv", "distance": "r"}.items():
            theirs = tuple(f"{there}rel_attn.{name}" for name in names)
            yield Piece(f"{at}attention.{ours}.weight", theirs, (inner,) * len(names), True, shape=(width, *heads), flat=(width, inner))
        yield Piece(f"{at}attention.out.weight", (f"{there}rel_attn.o",), shape=(width, *heads), flat=(width, inner))
        yield Piece(f"{at}attention.content_bias", (f"{there}rel_attn.r_w_bias",), shape=heads)
        yield Piece(f"{at}attention.distance_bias", (f"{there}rel_attn.r_r_bias",), shape=heads)
        named = {"attention_norm": "rel_attn.layer_norm", "mlp.up": "ff.layer_1", "mlp.down": "ff.layer_2", "mlp_norm": "ff.layer_norm"}
        for part, name in named.items():
            for kind in ("weight", "bias"):
                yield Piece(f"{at}{part}.{kind}", (f"{there}{name}.{kind}",))
    yield Piece("output_bias", ("lm_loss.bias",), head=True)


def blank(form: XLNetSchema) -> dict[str, Tensor]:
    found = {}
    for i in range(form.n_layer):
        found[f"layer.{i}.rel_attn.seg_embed"] = torch.zeros(2, form.n_head, form.head_width)
        found[f"layer.{i}.rel_attn.r_s_bias"] = torch.zeros(form.n_head, form.head_width)
    return found


def both_streams(model: XLNet, theirs: Any, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (B, M, V) of ours and of theirs: of the content stream, which sees all, and of one place in six in a drawn order."""
    generator = torch.Generator().manual_seed(1)
    places = torch.rand(tokens.shape, generator=generator).argsort(dim=1)[:, -max(1, tokens.shape[1] // HIDDEN_ONE_IN) :]
    order = torch.zeros_like(tokens).scatter(1, places, torch.arange(1, places.shape[1] + 1).expand_as(places))
    later = (order[:, None, :] >= order[:, :, None]) & (order[:, None, :] > 0)
    found, expected = [model.logits(model.content(tokens))], [theirs(tokens).logits]
    if tokens.shape[1] > places.shape[1]:  # where nothing is seen, theirs sees everything (docs/log.md)
        found.append(model.logits(model.queries(tokens, order, places)))
        mapping = torch.nn.functional.one_hot(places, tokens.shape[1]).float()
        expected.append(theirs(tokens, perm_mask=later.float(), target_mapping=mapping).logits)
    return torch.cat(found, dim=1), torch.cat(expected, dim=1)


XLNET = Architecture(
    model_type="xlnet",
    target=XLNetSchema._target_,
    with_head="XLNetLMHeadModel",
    without_head="XLNetModel",
    prefix="transformer.",
    fixed={
        "ff_activation": tuple(ACTIVATIONS),
        "attn_type": ("bi",),
        "bi_data": (False,),
        "clamp_len": (-1,),
        "same_length": (False,),
        "tie_word_embeddings": (True,),
    },
    needed={
        "norm": ("layernorm",),
        "norm_place": ("after",),
        "mlp": ("gelu", "gelu_exact", "relu"),
        "bias": (True,),
    },
    ignored=("rel_attn.seg_embed", "rel_attn.r_s_bias", "lm_loss.weight"),
    read=read,
    write=write,
    pieces=pieces,
    blank=blank,
)
