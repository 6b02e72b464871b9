"""Decoders of transformers: what they see, and their own cache."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertLMHeadModel,
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    MambaConfig,
    MambaForCausalLM,
)

from assay.errors import ConfigError
from assay.model.huggingface.decoder import HuggingFaceDecoder
from assay.model.schema import HuggingFaceDecoderSchema

TINY = {"vocab_size": 7, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 8}
GEMMA = Gemma2Config(**TINY, num_key_value_heads=1, head_dim=4, sliding_window=4)  # type: ignore[arg-type]
DECODERS: dict[str, Callable[[], Any]] = {
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(n_layer=2, n_head=2, n_embd=8, n_positions=12, vocab_size=7)),
    "windows": lambda: Gemma2ForCausalLM(GEMMA),
    "state": lambda: MambaForCausalLM(MambaConfig(vocab_size=7, hidden_size=8, state_size=4, num_hidden_layers=2)),
}


def made(folder: Path, theirs: Any) -> HuggingFaceDecoder:
    theirs.save_pretrained(folder)
    model = HuggingFaceDecoder(HuggingFaceDecoderSchema(path=str(folder)), 7, 6)
    model.load_folder(folder)
    return model.eval()


@pytest.mark.parametrize("name", DECODERS)
def test_with_its_cache_it_says_what_it_says_without(name: str, tmp_path: Path, far: Callable[[Any], Any]) -> None:
    model = made(tmp_path, far(DECODERS[name]()))
    tokens = torch.randint(7, (1, 11))
    cache = model.empty_cache()
    assert (cache is None) == (name == "state")
    if cache is None:
        return
    assert cache.tokens == 0
    with torch.inference_mode():
        whole = model(tokens)
        model(tokens[:, :5], cache)
        assert cache.tokens == 5
        parts = [model(tokens[:, i : i + 1], cache) for i in range(5, 11)]
        torch.testing.assert_close(torch.cat(parts, dim=1), whole[:, 5:], atol=1e-5, rtol=0)


def test_a_model_that_sees_what_it_is_to_predict_is_no_decoder(tmp_path: Path) -> None:
    BertLMHeadModel(BertConfig(**TINY, is_decoder=False)).save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match=r"BertLMHeadModel .* sees the token that it is to predict"):
        HuggingFaceDecoder(HuggingFaceDecoderSchema(path=str(tmp_path)), 7, 6)
    made(tmp_path / "decoder", BertLMHeadModel(BertConfig(**TINY, is_decoder=True)))
