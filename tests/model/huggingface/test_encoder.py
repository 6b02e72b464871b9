"""Encoders of transformers, and their output layer apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM, BertConfig, DistilBertConfig, ElectraConfig, ModernBertConfig, RobertaConfig

from assay.model.huggingface.encoder import HuggingFaceEncoder
from assay.model.schema import HuggingFaceEncoderSchema

TINY: dict[str, Any] = {"vocab_size": 11, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 8}
NO_IDS = {"pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 0, "cls_token_id": 0, "sep_token_id": 0}
CONFIGS: dict[str, Any] = {
    "bert": BertConfig(**TINY),
    "roberta": RobertaConfig(**TINY),
    "modernbert": ModernBertConfig(**TINY, **NO_IDS),  # type: ignore[arg-type]
    "electra": ElectraConfig(**TINY, embedding_size=4),
    "distilbert": DistilBertConfig(vocab_size=11, dim=8, n_layers=2, n_heads=2, hidden_dim=8),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_chosen_places_have_the_logits_of_the_whole(name: str, tmp_path: Path, far: Callable[[Any], Any]) -> None:
    theirs = far(AutoModelForMaskedLM.from_config(CONFIGS[name]))
    theirs.save_pretrained(tmp_path)
    model = HuggingFaceEncoder(HuggingFaceEncoderSchema(path=str(tmp_path)), 11, 6)
    assert model.load_folder(tmp_path) == []
    model.eval()
    tokens = torch.randint(2, 11, (2, 6))
    chosen = torch.tensor([[True, False] * 3, [False, True] * 3])
    with torch.inference_mode():
        whole = theirs(tokens).logits
        assert torch.equal(model(tokens), whole)
        torch.testing.assert_close(model.logits(model.hidden(tokens)[chosen]), whole[chosen], atol=1e-5, rtol=0)
    assert len({id(each) for each in model.parameters()}) == len({id(each) for each in theirs.parameters()})
    model.save(tmp_path / "again", 0)
    again = AutoModelForMaskedLM.from_pretrained(tmp_path / "again").eval()
    with torch.inference_mode():
        assert torch.equal(again(tokens).logits, whole)
        assert torch.equal(model(tokens), whole)


def test_padding_is_not_seen(tmp_path: Path) -> None:
    AutoModelForMaskedLM.from_config(CONFIGS["bert"]).save_pretrained(tmp_path)
    model = HuggingFaceEncoder(HuggingFaceEncoderSchema(path=str(tmp_path)), 11, 6).eval()
    short, padded = torch.tensor([[3, 4]]), torch.tensor([[3, 4, 5, 5]])
    with torch.inference_mode():
        found = model.hidden(padded, visible=padded != 5)[:, :2]
        torch.testing.assert_close(found, model.hidden(short), atol=1e-5, rtol=0)
