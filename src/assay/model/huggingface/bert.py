"""BERT (Devlin et al. 2019): learned positions, a norm after each sum, biases; the output layer shares the embedding."""

from collections.abc import Iterator, Mapping
from typing import Any

from assay.model.huggingface.architecture import Architecture, Piece
from assay.model.huggingface.gpt2 import ACTIVATIONS, activation_name
from assay.model.schema import EncoderSchema


def read(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n_layer": config["num_hidden_layers"],
        "n_head": config["num_attention_heads"],
        "d_model": config["hidden_size"],
        "d_ff": config["intermediate_size"],
        "position": "learned",
        "n_positions": config["max_position_embeddings"],
        "segments": config.get("type_vocab_size", 2),
        "norm": "layernorm",
        "norm_epsilon": config.get("layer_norm_eps", 1e-12),
        "norm_place": "after",
        "mlp": ACTIVATIONS[config.get("hidden_act", "gelu")],
        "bias": True,
    }


def write(form: EncoderSchema, d_ff: int, n_positions: int) -> dict[str, Any]:
    return {
        "num_hidden_layers": form.n_layer,
        "num_attention_heads": form.n_head,
        "hidden_size": form.d_model,
        "intermediate_size": d_ff,
        "max_position_embeddings": n_positions,
        "type_vocab_size": form.segments,
        "layer_norm_eps": form.norm_epsilon,
        "hidden_act": activation_name(form.mlp),
        "position_embedding_type": "absolute",
        "hidden_dropout_prob": form.dropout,
        "attention_probs_dropout_prob": form.dropout,
        "tie_word_embeddings": True,
    }


def pieces(form: EncoderSchema) -> Iterator[Piece]:
    tables = {"embedding": "word_embeddings", "position": "position_embeddings"}
    if form.segments:
        tables["segment"] = "token_type_embeddings"
    for ours, table in tables.items():
        yield Piece(f"{ours}.weight", (f"embeddings.{table}.weight",))
    yield from both("embedding_norm", "embeddings.LayerNorm")
    for i in range(form.n_layer):
        at = f"encoder.layer.{i}."
        for part in ("weight", "bias"):
            theirs = tuple(f"{at}attention.self.{name}.{part}" for name in ("query", "key", "value"))
            yield Piece(f"blocks.{i}.attention.qkv.{part}", theirs, (form.d_model,) * 3)
        yield from both(f"blocks.{i}.attention.out", f"{at}attention.output.dense")
        yield from both(f"blocks.{i}.attention_norm", f"{at}attention.output.LayerNorm")
        yield from both(f"blocks.{i}.mlp.up", f"{at}intermediate.dense")
        yield from both(f"blocks.{i}.mlp.down", f"{at}output.dense")
        yield from both(f"blocks.{i}.mlp_norm", f"{at}output.LayerNorm")
    yield from both("transform", "cls.predictions.transform.dense", head=True)
    yield from both("transform_norm", "cls.predictions.transform.LayerNorm", head=True)
    yield Piece("output_bias", ("cls.predictions.bias",), head=True)


def both(ours: str, theirs: str, head: bool = False) -> Iterator[Piece]:
    for part in ("weight", "bias"):
        yield Piece(f"{ours}.{part}", (f"{theirs}.{part}",), head=head)


BERT = Architecture(
    model_type="bert",
    target=EncoderSchema._target_,
    with_head="BertForMaskedLM",
    without_head="BertModel",
    prefix="bert.",
    fixed={
        "hidden_act": tuple(ACTIVATIONS),
        "position_embedding_type": ("absolute",),
        "is_decoder": (False,),
        "add_cross_attention": (False,),
        "tie_word_embeddings": (True,),
    },
    needed={
        "position": ("learned",),
        "norm": ("layernorm",),
        "norm_place": ("after",),
        "mlp": ("gelu", "gelu_exact", "relu"),
        "bias": (True,),
    },
    ignored=(  # of the sentence that follows, or a copy of a tied weight
        *("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"),
        *("cls.seq_relationship.weight", "cls.seq_relationship.bias"),
        *("cls.predictions.decoder.weight", "cls.predictions.decoder.bias"),
    ),
    read=read,
    write=write,
    pieces=pieces,
)
