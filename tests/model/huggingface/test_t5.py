"""T5 both ways, of both versions; the other side is transformers' own class."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import T5Config, T5ForConditionalGeneration

from assay.errors import CheckFailed, ConfigError, DataError
from assay.model.encoder_decoder import TransformerEncoderDecoder
from assay.model.huggingface.importing import form_of, load_folder, refuse_another_form
from assay.model.huggingface.parity import measure
from assay.model.huggingface.writing import architecture_for, write_model
from assay.model.schema import EncoderDecoderSchema

SHAPE: dict[str, Any] = {
    **{"vocab_size": 97, "d_model": 32, "d_kv": 6, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4},
    **{"relative_attention_num_buckets": 8, "relative_attention_max_distance": 12},
}
FORM = EncoderDecoderSchema(
    **{"n_layer": 2, "n_decoder_layer": 3, "n_head": 4, "d_model": 32, "d_head": 6, "d_ff": 48, "position": "relative"},  # type: ignore[arg-type]
    **{"relative_buckets": 8, "relative_distance": 12, "norm": "rmsnorm", "norm_place": "before", "bias": False},  # type: ignore[arg-type]
    **{"scale_embeddings": False, "scale_scores": False, "scale_output": True, "norm_epsilon": 1e-3},  # type: ignore[arg-type]
)
UNTIED = replace(FORM, mlp="geglu", scale_output=False, tie_embeddings=False)
VERSIONS = pytest.mark.parametrize(
    "own",
    [
        {},
        {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
        {"feed_forward_proj": "gated-silu", "layer_norm_epsilon": 1e-3},
    ],
    ids=["as_published", "v1.1", "silu"],
)


@pytest.fixture
def folder(tmp_path: Path, far: Callable[..., Any]) -> Callable[..., tuple[Path, Any]]:
    """folder(**own): what transformers saves of a model of its own, and that model."""

    def saved(**own: Any) -> tuple[Path, Any]:
        theirs = T5ForConditionalGeneration(T5Config(**SHAPE, **own))
        if own.get("tie_word_embeddings") is False:
            theirs.lm_head.weight = torch.nn.Parameter(torch.randn(97, 32))
        far(theirs).save_pretrained(tmp_path)
        return tmp_path, theirs

    return saved


def loaded(place: Path) -> TransformerEncoderDecoder:
    model = TransformerEncoderDecoder(form_of(place), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(place, model) == []
    return model


@VERSIONS
def test_theirs_gives_its_logits_here(own: Any, folder: Callable[..., Any], tokens: torch.Tensor) -> None:
    place, theirs = folder(**own)
    model, visible, target = loaded(place), torch.ones(2, 24, dtype=torch.bool), tokens.flip(1)[:, :15]
    visible[1, 13:] = False
    with torch.inference_mode():
        expected = theirs(tokens, attention_mask=visible.long(), decoder_input_ids=target).logits
        torch.testing.assert_close(model(tokens, target, visible), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("form", [FORM, UNTIED], ids=["as_published", "v1.1"])
def test_ours_gives_its_logits_there(
    form: EncoderDecoderSchema, make: Callable[..., Any], in_transformers: Callable[..., Any], tokens: torch.Tensor
) -> None:
    model, target = make(form), tokens.flip(1)[:, :15]
    with torch.inference_mode():
        theirs = in_transformers(model, "AutoModelForSeq2SeqLM")(tokens, decoder_input_ids=target).logits
        torch.testing.assert_close(theirs, model(tokens, target), atol=1e-4, rtol=0)


def test_the_first_files_of_both_versions_are_read(folder: Callable[..., Any], tokens: torch.Tensor) -> None:
    """Copies of the embedding, a table of distances that cross-attention never used; and of version 1.1 that nothing is tied."""
    place, theirs = folder(feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    weights = load_file(place / "model.safetensors")
    copies = {f"{side}.embed_tokens.weight": weights["shared.weight"].clone() for side in ("encoder", "decoder")}
    unused = {"decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight": torch.randn(8, 4)}
    save_file({**weights, **copies, **unused}, place / "model.safetensors")
    config = json.loads((place / "config.json").read_bytes())
    del config["scale_decoder_outputs"]
    (place / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))
    with torch.inference_mode():
        expected = theirs(tokens, decoder_input_ids=tokens).logits
        torch.testing.assert_close(loaded(place)(tokens, tokens), expected, atol=1e-4, rtol=0)


def test_parity_is_measured_over_both_sides(folder: Callable[..., Any]) -> None:
    place, _ = folder()
    model = TransformerEncoderDecoder(form_of(place), 2, 2)  # type: ignore[arg-type]
    load_folder(place, model)
    found = measure(place, model)
    assert (found["class"], found["compared"], found["tokens"]) == ("T5ForConditionalGeneration", "logits", 4 * 256)
    with torch.no_grad():
        model.decoder.relative.table.weight[0] += 0.5  # type: ignore[union-attr]
    with pytest.raises(CheckFailed, match="differ by"):
        measure(place, model)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"scale_scores": True}, "not t5: scale_scores=true"),
        ({"position": "sinusoidal"}, "not t5: position=sinusoidal"),
        ({"n_kv_head": 2}, "not t5: n_kv_head=2"),
        ({"scale_output": False}, "not t5: scale_output=false, tie_embeddings=true"),
    ],
)
def test_a_form_that_is_not_t5s_is_refused_with_what_is_not(changed: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        architecture_for(replace(FORM, **changed))


def test_no_other_architecture_has_heads_of_their_own_width() -> None:
    from assay.model.schema import TransformerSchema

    with pytest.raises(ConfigError, match="not gpt2: d_head=6"):
        architecture_for(TransformerSchema(n_layer=1, n_head=4, d_model=32, d_head=6))


def test_what_our_form_lacks_is_refused_by_name(folder: Callable[..., Any]) -> None:
    place, _ = folder()
    config = json.loads((place / "config.json").read_bytes())
    (place / "config.json").write_text(json.dumps({**config, "feed_forward_proj": "gated-tanh"}))
    with pytest.raises(DataError, match="feed_forward_proj: 'gated-tanh'; read is 'relu' or 'gated-gelu' or 'gated-silu'"):
        form_of(place)


def test_a_run_of_the_same_form_may_begin_with_it_and_another_may_not(tmp_path: Path, make: Callable[..., Any]) -> None:
    write_model(tmp_path, make(FORM))
    refuse_another_form(str(tmp_path), replace(FORM, n_positions=9, rope_theta=5.0), 16)
    with pytest.raises(ConfigError, match=r"needs model\.relative_buckets=8; this run has relative_buckets 16"):
        refuse_another_form(str(tmp_path), replace(FORM, relative_buckets=16), 16)
