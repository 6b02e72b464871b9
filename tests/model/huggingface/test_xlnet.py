"""XLNet both ways; the other side is transformers' own class."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import XLNetConfig, XLNetLMHeadModel, XLNetModel

from assay.errors import CheckFailed, ConfigError, DataError
from assay.model.huggingface.importing import form_of, load_folder, refuse_another_form
from assay.model.huggingface.parity import measure
from assay.model.huggingface.writing import architecture_for, write_model
from assay.model.huggingface.xlnet import both_streams
from assay.model.schema import XLNetSchema
from assay.model.xlnet import XLNet

SHAPE: dict[str, Any] = {"vocab_size": 97, "d_model": 32, "n_layer": 3, "n_head": 4, "d_inner": 48, "dropout": 0.0}
FORM = XLNetSchema(n_layer=3, n_head=4, d_model=32, d_ff=48, norm_epsilon=1e-3)


@pytest.fixture
def folder(tmp_path: Path, far: Callable[..., Any]) -> Callable[..., tuple[Path, Any]]:
    """folder(kind, **own): what transformers saves of a model of its own, and that model. Its terms for segments are not zero."""

    def saved(kind: type[Any] = XLNetLMHeadModel, **own: Any) -> tuple[Path, Any]:
        theirs = far(kind(XLNetConfig(**SHAPE, **own)))
        theirs.save_pretrained(tmp_path)
        return tmp_path, theirs

    return saved


def loaded(place: Path, missing: list[str]) -> XLNet:
    model = XLNet(form_of(place), 2, 24).eval()  # type: ignore[arg-type]
    assert load_folder(place, model) == missing
    return model


@pytest.mark.parametrize("own", [{}, {"ff_activation": "gelu_new", "layer_norm_eps": 1e-3}, {"ff_activation": "relu"}])
def test_theirs_gives_its_logits_here_in_both_streams(own: Any, folder: Callable[..., Any], tokens: torch.Tensor) -> None:
    place, theirs = folder(**own)
    with torch.inference_mode():
        found, expected = both_streams(loaded(place, []), theirs, tokens)
    assert found.shape == (2, 24 + 4, 97)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("mlp", ["gelu_exact", "gelu", "relu"])
def test_ours_gives_its_logits_there(mlp: Any, make: Callable[..., Any], in_transformers: Callable[..., Any], tokens: torch.Tensor) -> None:
    model = make(replace(FORM, mlp=mlp))
    with torch.inference_mode():
        found, expected = both_streams(model, in_transformers(model, "AutoModelForCausalLM"), tokens)
    assert expected.abs().max() > 1
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_a_model_without_an_output_layer_lends_its_embedding_to_one(folder: Callable[..., Any], tokens: torch.Tensor) -> None:
    place, theirs = folder(XLNetModel)
    with torch.inference_mode():
        found = loaded(place, ["output_bias"]).content(tokens)
        torch.testing.assert_close(found, theirs(tokens).last_hidden_state, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", ["unknown", "blocks.2.attention.distance_bias", "blocks.0.attention.key_value.weight"])
def test_parity_is_measured_over_both_streams(name: str, folder: Callable[..., Any]) -> None:
    """What places are predicted from is in one of the two alone."""
    place, _ = folder()
    model = loaded(place, [])
    found = measure(place, model)
    assert (found["class"], found["compared"], found["tokens"]) == ("XLNetLMHeadModel", "logits", 4 * 24)
    with torch.no_grad():
        model.get_parameter(name).add_(0.1 * torch.randn_like(model.get_parameter(name)))
    with pytest.raises(CheckFailed, match="differ by"):
        measure(place, model)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"norm_place": "before"}, "not xlnet: norm_place=before"),
        ({"mlp": "swiglu", "bias": False}, "not xlnet: mlp=swiglu, bias=false"),
        ({"d_head": 6}, "not xlnet: d_head=6"),
    ],
)
def test_a_form_that_is_not_xlnets_is_refused_with_what_is_not(changed: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        architecture_for(replace(FORM, **changed))


@pytest.mark.parametrize(("field", "value"), [("attn_type", "uni"), ("clamp_len", 5), ("bi_data", True)])
def test_what_our_form_lacks_is_refused_by_name(field: str, value: Any, folder: Callable[..., Any]) -> None:
    place, _ = folder()
    config = json.loads((place / "config.json").read_bytes())
    (place / "config.json").write_text(json.dumps({**config, field: value}))
    with pytest.raises(DataError, match=f"{field}: {value!r}; read is"):
        form_of(place)


def test_a_run_of_the_same_form_may_begin_with_it_and_another_may_not(tmp_path: Path, make: Callable[..., Any]) -> None:
    write_model(tmp_path, make(FORM))
    refuse_another_form(str(tmp_path), replace(FORM, dropout=0.1), 16)
    with pytest.raises(ConfigError, match=r"needs model\.d_ff=48; this run has d_ff 128"):
        refuse_another_form(str(tmp_path), replace(FORM, d_ff=None), 16)
