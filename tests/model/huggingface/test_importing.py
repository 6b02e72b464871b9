"""Which folders are taken, for which models, and what grows."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from assay.errors import ConfigError, DataError
from assay.model.encoder import Encoder
from assay.model.huggingface.importing import form_of, load_folder, refuse_another_form, written_out
from assay.model.huggingface.writing import write_model
from assay.model.schema import EncoderSchema, NgramSchema, TransformerSchema
from assay.model.transformer import Transformer

GPT2 = TransformerSchema(n_layer=1, n_head=2, d_model=8)
LLAMA = TransformerSchema(n_layer=1, n_head=2, d_model=8, position="rotary", norm="rmsnorm", mlp="swiglu", bias=False)
BERT = EncoderSchema(n_layer=1, n_head=2, d_model=8)


@pytest.fixture
def folder(tmp_path: Path, make: Callable[..., Any]) -> Callable[..., Path]:
    """folder(form, field=value): a model of that form, with fields of its config.json replaced."""

    def written(form: Any, **changed: Any) -> Path:
        write_model(tmp_path, make(form))
        path = tmp_path / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_bytes()), **changed}))
        return tmp_path

    return written


@pytest.mark.parametrize("form", [GPT2, LLAMA, BERT])
def test_a_form_that_went_out_comes_back(form: Any, folder: Callable[..., Path]) -> None:
    expected = replace(written_out(form), vocab_size=97, n_positions=24)
    if isinstance(expected, EncoderSchema):
        expected = replace(expected, segments=1)  # transformers has no BERT without
    assert written_out(form_of(folder(form))) == expected


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        (GPT2, "scale_attn_by_inverse_layer_idx", True),
        (GPT2, "activation_function", "silu"),
        (LLAMA, "rope_scaling", {"type": "linear", "factor": 2.0}),
        (LLAMA, "rope_parameters", {"rope_type": "llama3", "rope_theta": 5e5, "factor": 8.0}),
        (LLAMA, "partial_rotary_factor", 0.5),
        (LLAMA, "attention_bias", True),
        (replace(LLAMA, qkv_bias=True), "use_sliding_window", True),
        (BERT, "position_embedding_type", "relative_key"),
        (BERT, "is_decoder", True),
    ],
)
def test_what_our_form_lacks_is_refused_by_name(form: Any, field: str, value: Any, folder: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match=rf"(?s)asks for what.*\n  .*{field}.*read is"):
        form_of(folder(form, **{field: value}))


def test_an_unknown_architecture_is_refused_with_those_that_are_read(folder: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="model_type is 'mamba'; read are gpt2, llama, qwen2, qwen3, bert, esm, t5"):
        form_of(folder(GPT2, model_type="mamba"))


@pytest.mark.parametrize("value", [0, -3, "two", None, 10**9])
def test_a_config_out_of_range_is_refused(value: Any, folder: Callable[..., Path]) -> None:
    with pytest.raises((ConfigError, DataError), match=r"config\.json"):
        form_of(folder(GPT2, n_layer=value))


def test_tensors_too_many_or_too_few_are_named(folder: Callable[..., Path]) -> None:
    place = folder(LLAMA)
    whole = load_file(place / "model.safetensors")
    weights = {name: tensor for name, tensor in whole.items() if name != "model.norm.weight"}
    save_file({**weights, "model.layers.0.self_attn.q_norm.weight": torch.ones(4)}, place / "model.safetensors")
    with pytest.raises(DataError, match=r"has also layers\.0\.self_attn\.q_norm\.weight and lacks norm\.weight"):
        load_folder(place, Transformer(LLAMA, 97, 24))
    save_file({**whole, "model.layers.0.self_attn.q_norm.weight": torch.ones(4)}, place / "model.safetensors")
    with pytest.raises(DataError, match=r"it has also layers\.0\.self_attn\.q_norm\.weight\.$"):
        load_folder(place, Transformer(LLAMA, 97, 24))


def test_a_decoder_without_any_output_layer_is_refused(folder: Callable[..., Path]) -> None:
    form = replace(LLAMA, tie_embeddings=False)
    place = folder(form)
    weights = load_file(place / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, place / "model.safetensors")
    with pytest.raises(DataError, match="has no output layer"):
        load_folder(place, Transformer(form, 97, 24))


def test_a_config_without_its_vocabulary_is_refused(folder: Callable[..., Path]) -> None:
    place = folder(GPT2)
    config = json.loads((place / "config.json").read_bytes())
    del config["vocab_size"]
    (place / "config.json").write_text(json.dumps(config))
    with pytest.raises(DataError, match="lacks 'vocab_size'"):
        form_of(place)


def test_a_tensor_of_another_shape_is_named(folder: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match=r"position\.weight has shape \[24, 8\] there, \[16, 8\] in this model"):
        load_folder(folder(GPT2), Transformer(GPT2, 97, 16))
    with pytest.raises(DataError, match=r"embedding\.weight has shape \[97, 8\] there, \[90, 8\]"):
        load_folder(folder(GPT2), Transformer(GPT2, 90, 24))


def test_new_ids_begin_as_what_stands_for_them_there(folder: Callable[..., Path]) -> None:
    place, model = folder(BERT), Encoder(replace(BERT, segments=1), 100, 24)
    initial = model.embedding.weight[98].clone()
    load_folder(place, model, {97: 5, 99: 6, 3: 7, 98: 2000, 100: 5})
    theirs = load_file(place / "model.safetensors")
    rows = theirs["bert.embeddings.word_embeddings.weight"]
    assert torch.equal(model.embedding.weight[:97], rows)  # an id that is there is not copied over
    assert torch.equal(model.embedding.weight[[97, 99]], rows[[5, 6]])
    assert torch.equal(model.embedding.weight[98], initial)
    assert torch.equal(model.output_bias[[97, 99]], theirs["cls.predictions.bias"][[5, 6]])


@pytest.mark.parametrize(
    ("form", "context", "says"),
    [
        (replace(GPT2, d_model=16), 24, r"needs model\.d_model=8 model\.d_ff=32; this run has d_model 16, d_ff 64"),
        (GPT2, 32, r"needs model\.n_positions=24; this run has n_positions 32"),
        (replace(GPT2, mlp="relu", dropout=0.1), 24, r"needs model\.mlp=gelu; this run has mlp relu"),
        (LLAMA, 24, r"needs .*model\.position=learned"),
        (BERT, 24, r"is a Transformer, the model of this run another"),
        (NgramSchema(), 24, r"is a Transformer, the model of this run another"),
    ],
)
def test_a_run_of_another_form_is_told_what_to_type(form: Any, context: int, says: str, folder: Callable[..., Path]) -> None:
    place = str(folder(GPT2))
    with pytest.raises(ConfigError, match=says) as refused:
        refuse_another_form(place, form, context)
    assert f"python src/import_model.py {place}" in str(refused.value)


def test_a_run_of_the_same_form_may_leave_it_to_the_defaults(folder: Callable[..., Path]) -> None:
    refuse_another_form(str(folder(GPT2)), replace(GPT2, name="mine", dropout=0.1, n_kv_head=2, d_ff=32), 24)
    refuse_another_form(str(folder(LLAMA)), LLAMA, 4096)  # no weight depends on the length


@pytest.mark.parametrize(
    ("form", "copy", "original", "own_class"),
    [
        (GPT2, "lm_head.weight", "transformer.wte.weight", "model=hf "),
        (LLAMA, "lm_head.weight", "model.embed_tokens.weight", "model=hf "),
        (replace(BERT, segments=1), "cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight", "model=hf_encoder "),
        (replace(BERT, segments=1), "cls.predictions.decoder.bias", "cls.predictions.bias", "model=hf_encoder "),
    ],
)
def test_an_output_layer_of_its_own_beside_tied_weights_is_refused_and_a_copy_is_taken(
    form: Any, copy: str, original: str, own_class: str, folder: Callable[..., Path], make: Callable[..., Any]
) -> None:
    place = folder(form)
    weights = load_file(place / "model.safetensors")
    save_file({**weights, copy: weights[original].clone()}, place / "model.safetensors")
    load_folder(place, make(form))
    other = weights[original].clone()
    other[-1] += 0.5
    save_file({**weights, copy: other}, place / "model.safetensors")
    with pytest.raises(DataError, match=f"says by tie_word_embeddings that {copy} is") as refused:
        load_folder(place, make(form))
    assert own_class in str(refused.value)
    assert "set tie_word_embeddings to false in config.json" in str(refused.value)
