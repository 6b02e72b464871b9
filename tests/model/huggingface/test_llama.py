"""Llama, Qwen2 and Qwen3 both ways; the other side is transformers' own class."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

from assay.model.huggingface.folder import read_json
from assay.model.huggingface.importing import form_of, load_folder
from assay.model.huggingface.llama import read
from assay.model.schema import TransformerSchema
from assay.model.transformer import Transformer

SHAPE = {
    **{"vocab_size": 97, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4},
    **{"num_key_value_heads": 2, "max_position_embeddings": 24, "rms_norm_eps": 1e-3},
}
MODERN: dict[str, Any] = {
    **{"n_layer": 2, "n_head": 4, "n_kv_head": 2, "d_model": 32, "position": "rotary", "norm": "rmsnorm"},
    **{"norm_epsilon": 1e-3, "mlp": "swiglu", "bias": False},
}


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3"])
def test_theirs_gives_its_logits_here(kind: str, tied: bool, tmp_path: Path, far: Callable[..., Any], tokens: torch.Tensor) -> None:
    config, model_of = {
        "llama": (LlamaConfig, LlamaForCausalLM),
        "qwen2": (Qwen2Config, Qwen2ForCausalLM),
        "qwen3": (Qwen3Config, Qwen3ForCausalLM),
    }[kind]
    wide = {"head_dim": 12} if kind == "qwen3" else {}
    rotary = {"rope_theta": 500.0, "rope_type": "default"}
    theirs = far(model_of(config(**SHAPE, **wide, tie_word_embeddings=tied, rope_parameters=rotary)))  # type: ignore[arg-type]
    theirs.save_pretrained(tmp_path)
    model = Transformer(form_of(tmp_path), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(tmp_path, model) == []
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens), theirs(tokens).logits, atol=1e-4, rtol=0)


def test_weights_in_several_files_give_its_logits_here(tmp_path: Path, far: Callable[..., Any], tokens: torch.Tensor) -> None:
    theirs = far(LlamaForCausalLM(LlamaConfig(**SHAPE)))
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    model = Transformer(form_of(tmp_path), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(tmp_path, model) == []
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens), theirs(tokens).logits, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"qkv_bias": True},
        {"n_kv_head": None, "tie_embeddings": False, "rope_theta": 500.0},
        {"qk_norm": True, "d_head": 12},
        {"d_head": 6},
    ],
)
def test_ours_gives_its_logits_there(own: Any, make: Callable[..., Any], in_transformers: Callable[..., Any], tokens: torch.Tensor) -> None:
    model = make(TransformerSchema(**{**MODERN, **own}))
    theirs = in_transformers(model, "AutoModelForCausalLM")
    assert type(theirs).__name__ == (
        "Qwen2ForCausalLM" if own.get("qkv_bias") else "Qwen3ForCausalLM" if own.get("qk_norm") else "LlamaForCausalLM"
    )
    with torch.inference_mode():
        torch.testing.assert_close(theirs(tokens).logits, model(tokens), atol=1e-4, rtol=0)


def test_the_base_of_the_rotation_is_read_where_versions_before_5_put_it(
    make: Callable[..., Any], in_transformers: Any, tmp_path: Path
) -> None:
    in_transformers(make(TransformerSchema(**MODERN, rope_theta=500.0)), "AutoModelForCausalLM")
    config = read_json(tmp_path / "config.json")
    del config["rope_parameters"]
    assert read(config)["rope_theta"] == 500.0
    del config["rope_theta"]
    assert read(config)["rope_theta"] == 10_000.0
