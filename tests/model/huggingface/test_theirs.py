"""transformers' own models as models here: their weights, their sizes, and rows for new ids."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    RobertaConfig,
    RobertaForMaskedLM,
)

from assay.errors import DataError
from assay.model.checkpoint import load_weights, save_checkpoint
from assay.model.huggingface.choice import settled
from assay.model.huggingface.decoder import HuggingFaceDecoder
from assay.model.huggingface.encoder import HuggingFaceEncoder
from assay.model.schema import HuggingFaceDecoderSchema, HuggingFaceEncoderSchema

TINY = {"vocab_size": 7, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2}


def gpt2(**settings: Any) -> GPT2LMHeadModel:
    return GPT2LMHeadModel(GPT2Config(**{"n_layer": 2, "n_head": 2, "n_embd": 8, "n_positions": 12, "vocab_size": 7, **settings}))


def loaded(folder: Path, vocab_size: int = 7, copies: Any = None, **settings: Any) -> tuple[HuggingFaceDecoder, list[str]]:
    model = HuggingFaceDecoder(HuggingFaceDecoderSchema(path=str(folder), **settings), vocab_size, 6)
    return model, model.load_folder(folder, copies)


def test_the_folders_weights_give_its_logits(tmp_path: Path, far: Callable[[Any], Any]) -> None:
    theirs = far(gpt2())
    theirs.save_pretrained(tmp_path)
    model, missing = loaded(tmp_path)
    assert (missing, model.vocab_size, model.context_tokens) == ([], 7, 12)
    tokens = torch.randint(7, (2, 12))
    with torch.inference_mode():
        assert torch.equal(model.eval()(tokens), theirs(tokens).logits)


def test_it_is_trained_with_the_dropout_that_the_folder_asks_for(tmp_path: Path) -> None:
    gpt2().save_pretrained(tmp_path)
    assert all(module.training for module in loaded(tmp_path)[0].modules())


def test_a_new_id_begins_as_what_stood_for_it_and_the_others_stay(tmp_path: Path, far: Callable[[Any], Any]) -> None:
    theirs = far(gpt2())
    theirs.save_pretrained(tmp_path)
    model, _ = loaded(tmp_path, vocab_size=9, copies={7: 2, 8: 4})
    tokens = torch.tensor([[1, 2, 4]])
    with torch.inference_mode():
        expected, found = theirs(tokens).logits, model.eval()(tokens)
        assert found.shape == (1, 3, 9)
        assert torch.equal(found[..., :7], expected)
        assert torch.equal(found[..., 7:], expected[..., [2, 4]])
        assert torch.equal(model(torch.tensor([[1, 7, 8]])), found)


def test_fresh_weights_have_the_tokenizers_vocabulary(tmp_path: Path) -> None:
    gpt2(vocab_size=500).save_pretrained(tmp_path)
    model = HuggingFaceDecoder(HuggingFaceDecoderSchema(path=str(tmp_path), pretrained=False), 9, 6)
    assert (model.vocab_size, model(torch.tensor([[8]])).shape) == (9, (1, 1, 9))


def test_a_checkpoint_holds_all_once_the_run_has_begun(tmp_path: Path) -> None:
    gpt2().save_pretrained(tmp_path / "gone")
    config = settled(HuggingFaceDecoderSchema(path=str(tmp_path / "gone")), 6)
    first = HuggingFaceDecoder(config, 8, 6)
    first.load_folder(tmp_path / "gone")
    save_checkpoint(tmp_path / "run", 1, first, None, {})
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    again = HuggingFaceDecoder(config, 8, 6)
    load_weights(tmp_path / "run/step_000000001", again)
    tokens = torch.tensor([[1, 7, 3]])
    with torch.inference_mode():
        assert torch.equal(again.eval()(tokens), first.eval()(tokens))


def test_a_folder_without_its_layers_is_broken_and_one_without_a_head_begins_with_a_fresh_one(tmp_path: Path) -> None:
    gpt2().save_pretrained(tmp_path)
    whole = load_file(tmp_path / "model.safetensors")
    save_file({name: each for name, each in whole.items() if ".h.1." not in name}, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(DataError, match=r"is no GPT2LMHeadModel as its config\.json says: it lacks transformer\.h\.1\."):
        loaded(tmp_path)
    (tmp_path / "bert").mkdir()
    BertModel(BertConfig(**TINY)).save_pretrained(tmp_path / "bert")
    model = HuggingFaceEncoder(HuggingFaceEncoderSchema(path=str(tmp_path / "bert")), 7, 6)
    missing = model.load_folder(tmp_path / "bert")
    assert missing
    assert all(name.startswith("cls.") for name in missing)


def test_layers_that_its_config_does_not_name_are_not_cut_off_unsaid(tmp_path: Path) -> None:
    gpt2().save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_bytes())
    (tmp_path / "config.json").write_text(json.dumps({**config, "n_layer": 1}))
    with pytest.raises(DataError, match=r"has more layers than its config\.json says: transformer\.h\.1\."):
        loaded(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**config, "n_head": 3}))
    with pytest.raises(DataError, match=r"transformers builds no gpt2 of this config\.json"):
        loaded(tmp_path)


def test_weights_of_another_shape_are_said(tmp_path: Path) -> None:
    gpt2().save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_bytes())
    (tmp_path / "config.json").write_text(json.dumps({**config, "n_embd": 16}))
    with pytest.raises(DataError, match=r"its tensors are not those that its config\.json asks for"):
        loaded(tmp_path)


def test_rows_of_positions_that_padding_takes_are_not_read(tmp_path: Path) -> None:
    RobertaForMaskedLM(RobertaConfig(**TINY, max_position_embeddings=12, pad_token_id=1)).save_pretrained(tmp_path)
    model = HuggingFaceEncoder(HuggingFaceEncoderSchema(path=str(tmp_path)), 7, 6)
    assert model.context_tokens == 10
    assert model(torch.full((1, 10), 3)).shape == (1, 10, 7)


def test_operations_are_those_of_the_same_form_here(tmp_path: Path) -> None:
    """Both count products alike, tied embeddings or not."""
    from assay.model.huggingface.importing import form_of
    from assay.model.transformer import Transformer

    for name, theirs in {
        "gpt2": gpt2(),
        "llama": LlamaForCausalLM(LlamaConfig(**TINY, tie_word_embeddings=False)),
    }.items():
        theirs.save_pretrained(tmp_path / name)
        ours = Transformer(form_of(tmp_path / name), 7, 6)  # type: ignore[arg-type]
        model = HuggingFaceDecoder(HuggingFaceDecoderSchema(path=str(tmp_path / name)), 7, 6)
        assert (model.count_parameters(), model.flops_per_token(6)) == (ours.count_parameters(), ours.flops_per_token(6))


def test_operations_of_an_encoder_are_those_of_the_same_form_here(tmp_path: Path) -> None:
    from assay.model.encoder import Encoder
    from assay.model.huggingface.importing import form_of

    BertForMaskedLM(BertConfig(**TINY)).save_pretrained(tmp_path)
    ours = Encoder(form_of(tmp_path), 7, 6)  # type: ignore[arg-type]
    model = HuggingFaceEncoder(HuggingFaceEncoderSchema(path=str(tmp_path)), 7, 6)
    assert model.flops_per_token(6, 0.25) == ours.flops_per_token(6, 0.25)


def test_what_is_saved_is_what_was_trained(tmp_path: Path, far: Callable[[Any], Any]) -> None:
    gpt2().save_pretrained(tmp_path / "a")
    model = far(loaded(tmp_path / "a", vocab_size=8)[0])
    model.save(tmp_path / "b", 7)
    theirs = GPT2LMHeadModel.from_pretrained(tmp_path / "b").eval()
    tokens = torch.tensor([[1, 7, 3]])
    with torch.inference_mode():
        assert torch.equal(theirs(tokens).logits, model(tokens))
    assert (theirs.config.eos_token_id, theirs.generation_config.eos_token_id) == (7, 7)
