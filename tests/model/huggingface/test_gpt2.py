"""GPT-2 both ways; the other side is transformers' own class."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Model

from assay.model.huggingface.gpt2 import activation_name
from assay.model.huggingface.importing import form_of, load_folder
from assay.model.schema import TransformerSchema
from assay.model.transformer import Transformer

SHAPE = {"vocab_size": 97, "n_positions": 24, "n_embd": 32, "n_layer": 2, "n_head": 4}


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"activation_function": "gelu", "n_inner": 48, "layer_norm_epsilon": 1e-3},
        {"activation_function": "relu", "tie_word_embeddings": False},
    ],
    ids=["as_published", "other_width", "untied"],
)
def test_theirs_gives_its_logits_here(own: dict[str, Any], tmp_path: Path, far: Callable[..., Any], tokens: torch.Tensor) -> None:
    theirs = far(GPT2LMHeadModel(GPT2Config(**SHAPE, **own)))
    theirs.save_pretrained(tmp_path)
    model = Transformer(form_of(tmp_path), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(tmp_path, model) == []
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens), theirs(tokens).logits, atol=1e-4, rtol=0)


@pytest.mark.parametrize("own", [{}, {"mlp": "gelu_exact", "d_ff": 48}, {"mlp": "relu", "tie_embeddings": False}])
def test_ours_gives_its_logits_there(own: Any, make: Callable[..., Any], in_transformers: Callable[..., Any], tokens: torch.Tensor) -> None:
    model = make(TransformerSchema(n_layer=2, n_head=4, d_model=32, norm_epsilon=1e-3, **own))
    with torch.inference_mode():
        torch.testing.assert_close(in_transformers(model, "AutoModelForCausalLM")(tokens).logits, model(tokens), atol=1e-4, rtol=0)


def test_a_file_without_prefix_and_with_stored_masks_is_read(tmp_path: Path, far: Callable[..., Any], tokens: torch.Tensor) -> None:
    """As the weights of OpenAI's release lie on the Hub."""
    theirs = far(GPT2Model(GPT2Config(**SHAPE)))
    theirs.save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    weights["h.0.attn.bias"] = torch.ones(1, 1, 24, 24)
    assert "wte.weight" in weights
    save_file(weights, tmp_path / "model.safetensors")
    model = Transformer(form_of(tmp_path), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(tmp_path, model) == []
    with torch.inference_mode():
        expected = theirs(tokens).last_hidden_state @ theirs.wte.weight.T
        torch.testing.assert_close(model(tokens), expected, atol=1e-4, rtol=0)


def test_both_gelus_keep_their_names() -> None:
    assert [activation_name(ours) for ours in ("gelu", "gelu_exact", "relu")] == ["gelu_new", "gelu", "relu"]
