"""The form of bert_nano both ways; the other side is ESM-2's class in transformers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.errors import DataError
from assay.model.encoder import Encoder
from assay.model.huggingface.folder import read_json
from assay.model.huggingface.importing import form_of, load_folder
from assay.model.huggingface.writing import architecture_for
from assay.model.schema import EncoderSchema

FORM = EncoderSchema(n_layer=2, n_head=4, d_model=32, position="rotary", norm_place="before", norm_epsilon=1e-3, rope_theta=500.0)


@pytest.mark.parametrize("choice", ["bert_nano", "bert_small"])
def test_the_shipped_encoders_go_out(choice: str) -> None:
    config = load("train", [f"model={choice}", "objective=masked_lm"], TrainConfig)
    assert architecture_for(config.model).with_head == "EsmForMaskedLM"


def test_ours_gives_its_logits_there_and_here_again(
    make: Callable[..., Any], in_transformers: Callable[..., Any], tmp_path: Path, tokens: torch.Tensor
) -> None:
    model = make(FORM)
    theirs = in_transformers(model, "AutoModelForMaskedLM")
    again = Encoder(form_of(tmp_path), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(tmp_path, again) == []
    with torch.inference_mode():
        found, expected = theirs(tokens).logits, model(tokens)
        torch.testing.assert_close(found[..., :97], expected, atol=1e-4, rtol=0)
        torch.testing.assert_close(again(tokens)[..., :97], expected, atol=1e-4, rtol=0)
    assert (found[..., 97] < -9_000).all()


def test_padding_is_a_row_of_its_own_and_changes_nothing(
    make: Callable[..., Any], in_transformers: Callable[..., Any], tmp_path: Path, tokens: torch.Tensor
) -> None:
    """Positions are counted without padding there: any id that a text has would do harm."""
    theirs = in_transformers(make(FORM), "AutoModelForMaskedLM")
    pad = read_json(tmp_path / "config.json")["pad_token_id"]
    assert pad == 97
    padded = torch.cat([tokens, torch.full_like(tokens, pad)], dim=1)
    with torch.inference_mode():
        seen = theirs(padded, attention_mask=(padded != pad).long()).logits[:, : tokens.shape[1]]
        torch.testing.assert_close(seen, theirs(tokens).logits, atol=1e-4, rtol=0)


def test_what_proteins_have_besides_is_not_read(make: Callable[..., Any], in_transformers: Callable[..., Any], tmp_path: Path) -> None:
    theirs = in_transformers(make(FORM), "AutoModelForMaskedLM")
    theirs.config.token_dropout = True
    theirs.config.save_pretrained(tmp_path)
    with pytest.raises(DataError, match=r"token_dropout: True; read is False\n.*model=hf_encoder model\.path="):
        form_of(tmp_path)
