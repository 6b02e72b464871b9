"""The smallest models of transformers, each in a folder of the name of the choice that takes it: model=hf needs hf/, and so on."""

from pathlib import Path
from typing import Any


def write_folders(place: Path, vocab_size: int, n_positions: int) -> Path:
    import torch
    from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, T5Config, T5ForConditionalGeneration

    torch.manual_seed(0)
    shape: dict[str, Any] = {"vocab_size": vocab_size, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2}
    ends: dict[str, Any] = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
    GPT2LMHeadModel(GPT2Config(vocab_size=vocab_size, n_positions=n_positions, n_embd=8, n_layer=2, n_head=2, **ends)).save_pretrained(
        place / "hf"
    )
    bert = BertConfig(**shape, intermediate_size=8, max_position_embeddings=n_positions, **ends)
    BertForMaskedLM(bert).save_pretrained(place / "hf_encoder")
    t5 = T5Config(vocab_size=vocab_size, d_model=8, d_kv=4, num_heads=2, num_layers=2, d_ff=8, **{**ends, "pad_token_id": 0})
    T5ForConditionalGeneration(t5).save_pretrained(place / "hf_seq2seq")
    return place
