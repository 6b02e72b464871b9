"""A model of ours as transformers' files: config.json, model.safetensors, and where its generation stops."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from assay.errors import ConfigError
from assay.files import readable_json
from assay.model.checkpoint import weights_of
from assay.model.huggingface.architecture import Architecture, Form, to_theirs
from assay.model.huggingface.folder import CONFIG, GENERATION, WEIGHTS
from assay.model.huggingface.importing import ARCHITECTURES, written_out
from assay.model.schema import EncoderDecoderSchema, EncoderSchema

OF_ANY_WIDTH = ("llama", "qwen2", "qwen3", "t5")
"""Whose heads may be wider or narrower than their share."""


def architecture_for(form: Any) -> Architecture:
    """Raises ConfigError saying what keeps a form from being any of them."""
    kept = []
    for each in ARCHITECTURES:
        if each.target != form._target_:
            continue
        others = [f"{name}={_said(getattr(form, name))}" for name, allowed in each.needed.items() if getattr(form, name) not in allowed]
        if each.model_type not in ("llama", "qwen2", "qwen3") and getattr(form, "n_kv_head", None) not in (None, form.n_head):
            others.append(f"n_kv_head={form.n_kv_head}")
        if each.model_type not in OF_ANY_WIDTH and form.head_width * form.n_head != form.d_model:
            others.append(f"d_head={form.d_head}")
        if len({getattr(form, name) for name in each.alike}) > 1:
            others += [f"{name}={_said(getattr(form, name))}" for name in each.alike]
        if not others:
            return each
        kept.append(f"not {each.model_type}: {', '.join(others)}")
    raise ConfigError(
        f"no architecture of transformers that is written here computes this model ({form._target_.rpartition('.')[2]}):\n  "
        + "\n  ".join(kept or ["no names of tensors are known for it"])
    )


def _said(value: Any) -> str:
    return str(value).lower()


NEVER = -1e4
"""Added to the logit of padding, which no text has."""


def write_model(
    folder: Path,
    model: nn.Module,
    end_of_document: int | None = None,
    head: bool = True,
    mask: int | None = None,
    unused: int | None = None,
) -> Architecture:
    """Write them into `folder`. `end_of_document`: where generation stops. `head` false: without the output layer. `mask`: the id of [MASK].

    `unused`: the first id that means nothing; padding becomes that one where it needs one of its own, of a new row if there is none.
    """
    form: Form = written_out(model.config)  # type: ignore[arg-type]
    architecture = architecture_for(form)
    state = weights_of(model)
    if isinstance(form, EncoderSchema) and not form.segments:  # BERT has at least one row, which is added to each token
        form = replace(form, segments=1)
        state["segment.weight"] = torch.zeros(1, form.d_model)
    pad, rows = end_of_document, int(model.vocab_size)  # type: ignore[arg-type]
    if architecture.pads_apart:
        pad = rows if unused is None else unused
        if pad == rows:
            rows += 1
            state["embedding.weight"] = torch.cat([state["embedding.weight"], torch.zeros(1, form.d_model)])
            state["output_bias"] = torch.cat([state["output_bias"], torch.tensor([NEVER])])
    pieces = list(architecture.pieces(form))
    of_the_head = {name for piece in pieces if piece.head for name in piece.theirs}
    tensors = to_theirs(pieces, {name: tensor.float() for name, tensor in state.items()}, head)
    prefix = architecture.prefix if head else ""
    tensors |= architecture.blank(form)
    save_file(
        {name if name in of_the_head else prefix + name: tensor for name, tensor in tensors.items()},
        folder / WEIGHTS,
        metadata={"format": "pt"},
    )
    config = {
        "model_type": architecture.model_type,
        "architectures": [architecture.with_head if head else architecture.without_head],
        **architecture.write(form, form.d_ff or 0, int(model.context_tokens)),  # type: ignore[arg-type]
        "vocab_size": rows,
        "bos_token_id": end_of_document,
        "eos_token_id": end_of_document,
        # Not for a decoder: a row that is named so gets no gradient there, and this one is to be learned.
        "pad_token_id": pad if isinstance(form, EncoderSchema | EncoderDecoderSchema) else None,
        **({"decoder_start_token_id": end_of_document} if isinstance(form, EncoderDecoderSchema) else {}),
        **({"mask_token_id": mask} if architecture.pads_apart else {}),
        "dtype": "float32",
        "torch_dtype": "float32",
    }
    (folder / CONFIG).write_bytes(readable_json(config))
    if not isinstance(form, EncoderSchema):
        begins = ("decoder_start_token_id",) if isinstance(form, EncoderDecoderSchema) else ()
        generation = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id", *begins), end_of_document)
        (folder / GENERATION).write_bytes(readable_json(generation))
    return architecture
