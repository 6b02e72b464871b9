"""T5 (Raffel et al. 2020), and its version 1.1: relative positions, RMSNorm before each part, no biases, products of attention not scaled."""

from collections.abc import Iterator, Mapping
from typing import Any

from assay.model.huggingface.architecture import Architecture, Piece
from assay.model.schema import GATED, EncoderDecoderSchema

FEED_FORWARD = {"relu": "relu", "gated-gelu": "geglu", "gated-silu": "swiglu"}
"""transformers' name -> ours. Its gated-gelu is the tanh form."""


def read(config: Mapping[str, Any]) -> dict[str, Any]:
    """transformers 5 writes that all are tied, and whether the output is scaled; a model of version 1.1 is neither."""
    tied = config.get("scale_decoder_outputs", config.get("tie_word_embeddings", True))
    return {
        "n_layer": config["num_layers"],
        "n_decoder_layer": config.get("num_decoder_layers") or config["num_layers"],
        "n_head": config["num_heads"],
        "d_head": config["d_kv"],
        "d_model": config["d_model"],
        "d_ff": config["d_ff"],
        "position": "relative",
        "n_positions": config.get("n_positions", 512),
        "relative_buckets": config["relative_attention_num_buckets"],
        "relative_distance": config.get("relative_attention_max_distance", 128),
        "norm": "rmsnorm",
        "norm_epsilon": config.get("layer_norm_epsilon", 1e-6),
        "norm_place": "before",
        "mlp": FEED_FORWARD[config.get("feed_forward_proj", "relu")],
        "bias": False,
        "scale_embeddings": False,
        "scale_scores": False,
        "scale_output": tied,
        "tie_embeddings": tied,
    }


def write(form: EncoderDecoderSchema, d_ff: int, n_positions: int) -> dict[str, Any]:
    return {
        "num_layers": form.n_layer,
        "num_decoder_layers": form.n_decoder_layer or form.n_layer,
        "num_heads": form.n_head,
        "d_kv": form.head_width,
        "d_model": form.d_model,
        "d_ff": d_ff,
        "n_positions": n_positions,
        "relative_attention_num_buckets": form.relative_buckets,
        "relative_attention_max_distance": form.relative_distance,
        "layer_norm_epsilon": form.norm_epsilon,
        "feed_forward_proj": next(name for name, each in FEED_FORWARD.items() if each == form.mlp),
        "dropout_rate": form.dropout,
        "is_encoder_decoder": True,
        "tie_word_embeddings": form.tie_embeddings,
    }


def pieces(form: EncoderDecoderSchema) -> Iterator[Piece]:
    yield Piece("embedding.weight", ("shared.weight",))
    for side, layers in (("encoder", form.n_layer), ("decoder", form.n_decoder_layer or form.n_layer)):
        yield Piece(f"{side}.relative.table.weight", (f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight",))
        for i in range(layers):
            yield from _block(form, f"{side}.blocks.{i}.", f"{side}.block.{i}.layer.", side == "decoder")
        yield Piece(f"{side}.norm.weight", (f"{side}.final_layer_norm.weight",))
    if not form.tie_embeddings:
        yield Piece("head.weight", ("lm_head.weight",), head=True)


def _block(form: EncoderDecoderSchema, ours: str, theirs: str, decodes: bool) -> Iterator[Piece]:
    parts = [("attention", "SelfAttention"), *([("cross_attention", "EncDecAttention")] if decodes else [])]
    for number, (part, there) in enumerate(parts):
        names = tuple(f"{theirs}{number}.{there}.{each}.weight" for each in "qkv")
        yield Piece(f"{ours}{part}.qkv.weight", names, (form.n_head * form.head_width,) * 3)
        yield Piece(f"{ours}{part}.out.weight", (f"{theirs}{number}.{there}.o.weight",))
        norm = "attention_norm" if number == 0 else "cross_norm"
        yield Piece(f"{ours}{norm}.weight", (f"{theirs}{number}.layer_norm.weight",))
    last = f"{theirs}{len(parts)}."
    up = ("wi_0", "wi_1") if form.mlp in GATED else ("wi",)
    yield Piece(f"{ours}mlp.up.weight", tuple(f"{last}DenseReluDense.{each}.weight" for each in up), (form.d_ff or 0,) * len(up))
    yield Piece(f"{ours}mlp.down.weight", (f"{last}DenseReluDense.wo.weight",))
    yield Piece(f"{ours}mlp_norm.weight", (f"{last}layer_norm.weight",))


T5 = Architecture(
    model_type="t5",
    target=EncoderDecoderSchema._target_,
    with_head="T5ForConditionalGeneration",
    without_head="T5Model",
    prefix="",
    fixed={"feed_forward_proj": tuple(FEED_FORWARD), "is_encoder_decoder": (True,)},
    needed={
        "position": ("relative",),
        "norm": ("rmsnorm",),
        "norm_place": ("before",),
        "mlp": tuple(FEED_FORWARD.values()),
        "bias": (False,),
        "scale_embeddings": (False,),
        "scale_scores": (False,),
    },
    alike=("scale_output", "tie_embeddings"),
    ignored=(  # copies of a tied weight, and a table of the first files that T5 never used
        *("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"),
        "EncDecAttention.relative_attention_bias.weight",
    ),
    read=read,
    write=write,
    pieces=pieces,
)
