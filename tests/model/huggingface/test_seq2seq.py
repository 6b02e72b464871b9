"""Encoder-decoders of transformers: read once, written from left to right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForSeq2SeqLM, BartConfig, T5Config

from assay.model.huggingface.importing import form_of
from assay.model.huggingface.seq2seq import HuggingFaceSeq2Seq
from assay.model.schema import HuggingFaceSeq2SeqSchema

CONFIGS: dict[str, Any] = {
    "t5": T5Config(vocab_size=11, d_model=8, d_kv=3, num_heads=2, num_layers=2, d_ff=8),
    "bart": BartConfig(
        **{"vocab_size": 11, "d_model": 8, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 2},
        **{"decoder_attention_heads": 2, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "max_position_embeddings": 12},
        **{"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2},
    ),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_in_two_steps_and_with_its_cache_it_says_what_the_whole_says(name: str, tmp_path: Path, far: Callable[[Any], Any]) -> None:
    theirs = far(AutoModelForSeq2SeqLM.from_config(CONFIGS[name]))
    theirs.save_pretrained(tmp_path)
    model = HuggingFaceSeq2Seq(HuggingFaceSeq2SeqSchema(path=str(tmp_path)), 11, 12)
    assert model.load_folder(tmp_path) == []
    model.eval()
    source, target = torch.randint(3, 11, (2, 7)), torch.randint(3, 11, (2, 6))
    visible = torch.ones(2, 7, dtype=torch.bool)
    visible[1, 5:] = False
    with torch.inference_mode():
        whole = theirs(input_ids=source, attention_mask=visible.long(), decoder_input_ids=target).logits
        memory = model.encode(source, visible)
        torch.testing.assert_close(model.decode(target, memory, visible), whole, atol=1e-5, rtol=0)
        cache = model.empty_cache()
        parts = [model.decode(target[:, i : i + 1], memory, visible, cache) for i in range(6)]
        assert cache.tokens == 6
        torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-5, rtol=0)
    assert model.context_tokens == 12
    assert model.flops_per_token(12) > 6 * 8 * 11


@pytest.mark.parametrize("name", CONFIGS)
def test_the_work_of_a_pair_is_what_torch_counts(name: str, tmp_path: Path) -> None:
    """Three times that of the way forward, but for the half of the target's square that nobody sees: torch counts the whole."""
    AutoModelForSeq2SeqLM.from_config(CONFIGS[name]).save_pretrained(tmp_path)
    model = HuggingFaceSeq2Seq(HuggingFaceSeq2SeqSchema(path=str(tmp_path)), 11, 12)
    source, target = torch.randint(3, 11, (2, 7)), torch.randint(3, 11, (2, 6))
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(source, target)
    unseen = 12 * model.attention_width() * 2 * 6**2 / 2
    assert model.flops_per_pair(7, 6) * 2 == 3 * counter.get_total_flops() - 2 * unseen


def test_operations_are_those_of_the_same_form_here(tmp_path: Path) -> None:
    from assay.model.encoder_decoder import TransformerEncoderDecoder

    AutoModelForSeq2SeqLM.from_config(CONFIGS["t5"]).save_pretrained(tmp_path)
    ours = TransformerEncoderDecoder(form_of(tmp_path), 11, 12)  # type: ignore[arg-type]
    model = HuggingFaceSeq2Seq(HuggingFaceSeq2SeqSchema(path=str(tmp_path)), 11, 12)
    assert model.count_parameters() == ours.count_parameters()
    assert ours.flops_per_pair(12, 5) == model.flops_per_pair(12, 5)
