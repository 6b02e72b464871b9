"""Resolution of model=hf, model=hf_encoder and model=hf_seq2seq before anything is done: the folder's config.json and the hash of its files.

config.json is data from elsewhere. Fields by which transformers would fetch or run something are taken out of it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assay.errors import ConfigError, DataError
from assay.files import ROOT, canonical_json, sha256_bytes, sha256_file
from assay.model.huggingface.folder import CONFIG, folder_of, read_json, weight_files
from assay.model.huggingface.library import refuse_without_transformers, the_library
from assay.model.schema import HuggingFaceDecoderSchema, HuggingFaceEncoderSchema, HuggingFaceSchema, HuggingFaceSeq2SeqSchema

AUTO_CLASSES = {
    HuggingFaceDecoderSchema: "AutoModelForCausalLM",
    HuggingFaceEncoderSchema: "AutoModelForMaskedLM",
    HuggingFaceSeq2SeqSchema: "AutoModelForSeq2SeqLM",
}
CHOICES = {HuggingFaceDecoderSchema: "hf", HuggingFaceEncoderSchema: "hf_encoder", HuggingFaceSeq2SeqSchema: "hf_seq2seq"}
NOT_TAKEN = (
    *("auto_map", "custom_pipelines", "transformers_weights", "fusion_config", "kernel_config", "distributed_config"),
    *("attn_implementation", "_attn_implementation", "_attn_implementation_internal", "attn_implementation_internal"),
    *("experts_implementation", "_experts_implementation", "_experts_implementation_internal"),
    *("_name_or_path", "_commit_hash", "dtype", "torch_dtype", "base_model_tp_plan", "base_model_pp_plan", "device_map"),
)
"""Fields of a config.json: code of the folder, kernels of the hub, other files; and the type of its numbers, which is float32 here."""


def settled(config: Any, context_tokens: int) -> Any:
    """The model's config with what its folder says now; any other model's, and one that says it already, as it is.

    Raises ConfigError or DataError for a folder that can't be this model.
    """
    if not isinstance(config, HuggingFaceSchema) or config.architecture is not None:
        return config
    refuse_without_transformers()
    folder = folder_of(config.path, "model.path")
    values = read_json(folder / CONFIG)
    files = [folder / CONFIG, *(weight_files(folder) if config.pretrained else ())]
    made = replace(
        config,
        architecture=json.dumps(values, sort_keys=True),
        files_sha256=sha256_bytes(canonical_json({path.name: sha256_file(path) for path in files})),
    )
    _refuse_what_does_not_fit(made, context_tokens)
    return made


def as_settled(typed: Any, stored: Any) -> Any:
    """Return the typed config with what the stored run resolved: so that naming its folder again is no other setting."""
    if not isinstance(typed, HuggingFaceSchema) or type(typed) is not type(stored):
        return typed
    return replace(typed, architecture=stored.architecture, files_sha256=stored.files_sha256)


def files_of(config: HuggingFaceSchema) -> Any:
    """The folder, whose files must be those that the config settled on. Raises DataError where they are others by now."""
    folder = folder_of(config.path, "model.path")
    now = settled(replace(config, architecture=None, files_sha256=None), 1)
    if config.files_sha256 is not None and now.files_sha256 != config.files_sha256:
        raise DataError(f"the files in {config.path} are not those that the run began with (sha256 {config.files_sha256[:12]}...).")
    return folder


def said_by(config: HuggingFaceSchema) -> dict[str, Any]:
    """config.json's fields."""
    if config.architecture is None:
        return read_json(folder_of(config.path, "model.path") / CONFIG)
    found: dict[str, Any] = json.loads(config.architecture)
    return found


def theirs_config(said: Mapping[str, Any]) -> Any:
    """transformers' config of these fields. Raises DataError for an architecture that it has no class of."""
    kind = str(said.get("model_type"))
    if kind not in the_library().CONFIG_MAPPING:
        asks = ", and asks for code of its own folder, which is never run here" if "auto_map" in said else ""
        raise DataError(f"{CONFIG} says model_type {kind!r}, which this version of transformers has no class for{asks}.")
    if said.get("quantization_config"):
        raise DataError(
            f"{CONFIG} says that the weights are quantized, and quantized weights can't be trained here.\n  Save them in float32 or bfloat16."
        )
    try:
        return the_library().CONFIG_MAPPING[kind].from_dict(_without(said))
    except Exception as error:  # each architecture has its own checks, of its own kinds
        raise DataError(f"{CONFIG} is refused by transformers: {error}") from None


def _without(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _without(value) if isinstance(value, Mapping) else value for key, value in said.items() if key not in NOT_TAKEN}


def _refuse_what_does_not_fit(config: HuggingFaceSchema, context_tokens: int) -> None:
    found = theirs_config(said_by(config))
    auto = AUTO_CLASSES[type(config)]
    fits = [CHOICES[each] for each, name in AUTO_CLASSES.items() if _can(found, name)]
    mine = CHOICES[type(config)]
    if mine not in fits:
        other = f"\n  Type: model={fits[0]}" if fits else ""
        raise ConfigError(f"{config.path} is a {found.model_type}, of which transformers has no {auto} that model={mine} can be.{other}")
    if not isinstance(getattr(found, "vocab_size", None), int):
        raise ConfigError(
            f"{config.path} is a {found.model_type}, which reads more than text: its config.json has no vocab_size of its own."
        )
    most = getattr(found, "max_position_embeddings", None)
    if most is not None and most < context_tokens:
        raise ConfigError(
            f"data.context_tokens={context_tokens}: {config.path} reads {most} tokens at most.\n  Type: data.context_tokens={most}"
        )


def _can(found: Any, auto: str) -> bool:
    """Whether transformers has such a class of it. An encoder with a decoder's head would see what it is to predict."""
    mapping = getattr(the_library(), auto)._model_mapping
    if type(found) not in mapping or found.is_encoder_decoder != (auto == "AutoModelForSeq2SeqLM"):
        return False
    masked = type(found) in the_library().AutoModelForMaskedLM._model_mapping
    return auto != "AutoModelForCausalLM" or not masked or bool(getattr(found, "is_decoder", False))


def pretrained_ids_fit(config: HuggingFaceSchema, ids: Mapping[str, int]) -> None:
    """Raises DataError where the folder's tokenizer has ids that its model has no row for."""
    rows = int(theirs_config(said_by(config)).vocab_size)
    beyond = sorted((number, token) for token, number in ids.items() if number >= rows)
    if beyond:
        token, number = beyond[0][1], beyond[0][0]
        raise DataError(
            f"{ROOT / config.path} is not of one model: there are {rows:,} rows in it, and {len(beyond):,} ids of its tokenizer.json lie "
            f"beyond them ({token!r} is {number})."
        )
