"""Weights of transformers' models as ours: which form they need, and into a model of that form."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assay.config.plain import from_plain
from assay.errors import ConfigError, DataError
from assay.model.block import feed_forward_width
from assay.model.checkpoint import weights_of
from assay.model.huggingface.architecture import Architecture, Form, Piece, to_ours
from assay.model.huggingface.bert import BERT
from assay.model.huggingface.esm import ESM
from assay.model.huggingface.folder import CONFIG, folder_of, read_json, read_tensors, weight_files
from assay.model.huggingface.gpt2 import GPT2
from assay.model.huggingface.llama import LLAMA, QWEN2, QWEN3
from assay.model.huggingface.t5 import T5
from assay.model.huggingface.xlnet import XLNET
from assay.model.language_model import LanguageModel
from assay.model.schema import BlockSchema, EncoderDecoderSchema, EncoderSchema, TransformerSchema, XLNetSchema

ARCHITECTURES = (GPT2, LLAMA, QWEN2, QWEN3, BERT, ESM, T5, XLNET)
SCHEMAS: tuple[type[Form], ...] = (TransformerSchema, EncoderSchema, EncoderDecoderSchema, XLNetSchema)
OWN_CLASS = {TransformerSchema._target_: "hf", EncoderSchema._target_: "hf_encoder", EncoderDecoderSchema._target_: "hf_seq2seq"}
"""The choice that computes a folder of such a form by transformers' own class."""
NOT_OF_THE_FORM = ("name", "dropout", "vocab_size")
"""Fields that weights of another value fit as well."""
OF_POSITIONS = {"learned": ("n_positions",), "rotary": ("rope_theta",), "relative": ("relative_buckets", "relative_distance")}
"""Fields that say nothing where positions are given in another way."""
COPIES = {
    "lm_head.weight": "embedding.weight",
    "lm_head.decoder.weight": "embedding.weight",
    "cls.predictions.decoder.weight": "embedding.weight",
    "cls.predictions.decoder.bias": "output_bias",
    "lm_loss.weight": "embedding.weight",
    "encoder.embed_tokens.weight": "embedding.weight",
    "decoder.embed_tokens.weight": "embedding.weight",
}
"""Ends of names of theirs -> the tensor of ours that they are a copy of where weights are tied."""
GROWING = ("embedding.weight", "head.weight", "output_bias")
"""One row for each id."""


def architecture_in(folder: Path) -> tuple[Architecture, dict[str, Any]]:
    """With its config.json. Raises DataError naming each field that our form does not have."""
    config = read_json(folder / CONFIG)
    found = next((each for each in ARCHITECTURES if each.model_type == config.get("model_type")), None)
    if found is None:
        read = ", ".join(each.model_type for each in ARCHITECTURES)
        raise DataError(
            f"{folder / CONFIG}: model_type is {config.get('model_type')!r}; read are {read}.\n"
            f"  transformers' own class of it can be trained here: model=hf model.path={shlex.quote(str(folder))}, or model=hf_encoder, model=hf_seq2seq"
        )
    others = []
    for name, allowed in found.fixed.items():
        value = _at(config, name)
        if value is not _ABSENT and value not in allowed:
            others.append(f"{name}: {value!r}; read is {' or '.join(repr(each) for each in allowed)}")
    if others:
        raise DataError(
            f"{folder / CONFIG} asks for what this project's models do not have:\n  "
            + "\n  ".join(others)
            + (
                f"\n  transformers' own class can be trained here: model={OWN_CLASS[found.target]} model.path={shlex.quote(str(folder))}"
                if found.target in OWN_CLASS
                else ""
            )
        )
    return found, config


_ABSENT = object()


def _at(config: Mapping[str, Any], name: str) -> Any:
    value: Any = config
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _ABSENT
        value = value[part]
    return value


def form_of(folder: Path) -> Form:
    """The form that the folder's weights need, every choice written out. Raises ConfigError for values out of range."""
    architecture, config = architecture_in(folder)
    try:
        values = {"_target_": architecture.target, **architecture.read(config), "vocab_size": config["vocab_size"]}
    except (KeyError, TypeError) as error:
        raise DataError(f"{folder / CONFIG} lacks {error}, or it is no number.") from None
    schema = next(each for each in SCHEMAS if each._target_ == architecture.target)
    form: Form = from_plain(values, schema, str(folder / CONFIG))
    if (form.d_head is None and form.d_model % form.n_head) or form.n_head % (getattr(form, "n_kv_head", None) or form.n_head):
        raise DataError(f"{folder / CONFIG}: the heads do not divide the width {form.d_model}.")
    return form


def written_out(form: Form) -> Form:
    """The same form without `null` where it means something."""
    form = replace(form, d_ff=feed_forward_width(form), d_head=form.head_width)
    if isinstance(form, BlockSchema):
        form = replace(form, n_kv_head=form.n_kv_head or form.n_head)
    if isinstance(form, EncoderDecoderSchema):
        return replace(form, n_decoder_layer=form.n_decoder_layer or form.n_layer)
    if isinstance(form, TransformerSchema) and form.qkv_bias is None:
        return replace(form, qkv_bias=form.bias)
    return form


def refuse_another_form(words: str, config: Any, context_tokens: int) -> None:
    """Raises ConfigError with the words to type where a run's model is not of the form of the folder init=WORDS."""
    folder = folder_of(words)
    weight_files(folder)
    wanted = written_out(form_of(folder))
    way = f"Type: python src/import_model.py {shlex.quote(words)} name=NAME   then model=NAME, which has the form of these weights."
    if config._target_ != wanted._target_:
        raise ConfigError(f"init={words} is a {wanted._target_.rpartition('.')[2]}, the model of this run another.\n  {way}")
    theirs, ours = asdict(wanted), asdict(written_out(config))
    if "n_positions" in ours:
        ours["n_positions"] = config.n_positions or context_tokens
    if all(form["d_head"] * form["n_head"] == form["d_model"] for form in (ours, theirs)):
        ours["d_head"] = theirs["d_head"]  # each follows from the others
    no_matter = {
        *NOT_OF_THE_FORM,
        *(name for position, names in OF_POSITIONS.items() if position != theirs.get("position") for name in names),
    }
    others = [name for name in ours if name not in no_matter and ours[name] != theirs[name]]
    if others:
        needed = " ".join(f"model.{name}={str(theirs[name]).lower()}" for name in others)
        found = ", ".join(f"{name} {ours[name]}" for name in others)
        raise ConfigError(f"init={words} needs {needed}; this run has {found}.\n  {way}")


def load_folder(folder: Path, model: LanguageModel, copies: Mapping[int, int] | None = None) -> list[str]:
    """Put the folder's weights into a model of its form. Returns the names of our tensors that the folder lacks: of an absent head.

    The model may have more rows than the folder has ids: `copies` says which of the folder's ids a new one begins as; others keep their
    initial values. Raises DataError naming tensors that are missing, left over, or of another shape.
    """
    architecture, _ = architecture_in(folder)
    theirs = {_plain(name, architecture): tensor for name, tensor in read_tensors(folder).items()}
    pieces = list(architecture.pieces(written_out(model.config)))  # type: ignore[arg-type]
    known = {name for piece in pieces for name in piece.theirs}
    left = [name for name in theirs if name not in known and not name.endswith(architecture.ignored) and not _tied(name, model.config)]
    missing = [name for piece in pieces if not piece.head for name in piece.theirs if name not in theirs]
    if left or missing:
        words = [f"{what} {', '.join(sorted(names)[:5])}" for what, names in (("has also", left), ("lacks", missing)) if names]
        raise DataError(f"{folder} is no {architecture.model_type} as its {CONFIG} says: it {' and '.join(words)}.")
    _refuse_other_copies(folder, architecture, pieces, theirs)
    ours = to_ours(pieces, theirs)
    state = weights_of(model)
    for name, tensor in ours.items():
        ours[name] = _grown(name, tensor, state[name], copies or {}, folder)
    absent = sorted(set(state) - set(ours))
    if absent and not isinstance(model.config, EncoderSchema | XLNetSchema):
        raise DataError(
            f"{folder} has no output layer, and this decoder's does not share the embedding's weights, so it can predict nothing."
        )
    model.load_state_dict(ours, strict=False)  # strict=False: a tied or absent head
    return absent


def _refuse_other_copies(folder: Path, architecture: Architecture, pieces: list[Piece], theirs: Mapping[str, Tensor]) -> None:
    """Raises DataError for a tensor that stands for a tied one and is another: transformers computes with it, our form has no place for it."""
    known = {name for piece in pieces for name in piece.theirs}
    for name in sorted(set(theirs) - known):
        ours = next((ours for end, ours in COPIES.items() if name == end or name.endswith(f".{end}")), None)
        original = next((piece.theirs[0] for piece in pieces if piece.ours == ours and piece.theirs[0] in theirs), None)
        if original is None or torch.equal(theirs[name].float(), theirs[original].float()):
            continue
        own = f"model={OWN_CLASS[architecture.target]} model.path={shlex.quote(str(folder))}" if architecture.target in OWN_CLASS else ""
        raise DataError(
            f"{folder / CONFIG} says by tie_word_embeddings that {name} is {original}, but the folder holds a {name} of its own with other values.\n"
            + (f"  transformers' own class, which uses it, can be trained here: {own}\n" if own else "")
            + f"  Or remove {name} from the weights, or, if it is the output layer, set tie_word_embeddings to false in {CONFIG}."
        )


def _plain(name: str, architecture: Architecture) -> str:
    """Without the prefix that files with a head have; LayerNorm's gamma and beta, as BERT's first files call them, by their names of now."""
    return name.removeprefix(architecture.prefix).replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")


def _tied(name: str, form: Any) -> bool:
    return name == "lm_head.weight" and bool(getattr(form, "tie_embeddings", False))


def _grown(name: str, found: Tensor, initial: Tensor, copies: Mapping[int, int], folder: Path) -> Tensor:
    rows, wanted = found.shape[0], initial.shape[0]
    if name in GROWING and rows < wanted and found.shape[1:] == initial.shape[1:]:
        grown = initial.clone()
        grown[:rows] = found
        for new, old in copies.items():
            if wanted > new >= rows > old:
                grown[new] = found[old]
        return grown
    if found.shape != initial.shape:
        raise DataError(f"{folder}: {name} has shape {list(found.shape)} there, {list(initial.shape)} in this model.")
    return found
