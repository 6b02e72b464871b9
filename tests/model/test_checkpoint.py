"""Checkpoints: whole or refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.errors import DataError
from assay.files import sha256_file
from assay.model.checkpoint import keep_newest_and_best, load_weights, name_of, newest, save_checkpoint, weights_of
from assay.model.language_model import LanguageModel
from assay.model.ngram import Ngram
from assay.model.schema import NgramSchema, TransformerSchema
from assay.model.transformer import Transformer

GPT2 = TransformerSchema(n_layer=2, n_head=2, d_model=8)
LLAMA = TransformerSchema(n_layer=2, n_head=2, n_kv_head=1, d_model=8, position="rotary", norm="rmsnorm", mlp="swiglu", bias=False)
UNTIED = TransformerSchema(n_layer=1, n_head=2, d_model=8, tie_embeddings=False)
FORMS = {"gpt2": GPT2, "llama": LLAMA, "untied": UNTIED, "ngram": NgramSchema(order=3)}
TOKENS = torch.tensor([[1, 2, 3, 4, 1, 2, 5]])


def make(form: str, seed: int = 0) -> LanguageModel:
    torch.manual_seed(seed)
    schema = FORMS[form]
    return Ngram(schema, 11, 16) if isinstance(schema, NgramSchema) else Transformer(schema, 11, 16)


def taught(form: str) -> LanguageModel:
    model = make(form)
    if isinstance(model, Ngram):
        model.observe(TOKENS)
        model.count()
    return model


@pytest.mark.parametrize("form", FORMS)
def test_every_form_comes_back_with_the_same_logits(form: str, tmp_path: Path) -> None:
    model = taught(form)
    sha256 = save_checkpoint(tmp_path, 7, model, None, {"val_loss": 1.5})
    folder = tmp_path / "step_000000007"
    assert sha256 == sha256_file(folder / "weights.safetensors")
    assert json.loads((folder / "state.json").read_text()) == {"val_loss": 1.5, "step": 7}
    other = make(form, seed=1)
    load_weights(folder, other)
    with torch.inference_mode():
        assert torch.equal(other(TOKENS), model(TOKENS))


def test_equal_weights_are_equal_bytes(tmp_path: Path) -> None:
    hashes = {save_checkpoint(tmp_path / str(turn), 1, make("gpt2"), None, {}) for turn in range(2)}
    assert len(hashes) == 1
    assert save_checkpoint(tmp_path / "other", 1, make("gpt2", seed=1), None, {}) not in hashes


def test_a_shared_tensor_is_kept_once() -> None:
    assert "head.weight" not in weights_of(make("gpt2"))
    assert "head.weight" in weights_of(make("untied"))


def test_the_optimizers_state_is_kept_as_tensors_and_plain_values(tmp_path: Path) -> None:
    model = make("gpt2")
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.25)
    model(TOKENS).sum().backward()
    optimizer.step()
    save_checkpoint(tmp_path, 1, model, optimizer, {})
    from safetensors.torch import load_file

    tensors = load_file(tmp_path / name_of(1) / "optimizer.safetensors")
    first = next(iter(model.parameters()))
    assert torch.equal(tensors["0.exp_avg"], optimizer.state[first]["exp_avg"])
    assert json.loads((tmp_path / name_of(1) / "state.json").read_text())["optimizer"]["param_groups"][0]["lr"] == 0.25


@pytest.mark.parametrize("name", ["weights.safetensors", "state.json"])
def test_a_flipped_byte_is_refused_by_the_name_of_its_file(name: str, tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, make("gpt2"), None, {})
    path = tmp_path / name_of(1) / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"{name} was altered"):
        load_weights(path.parent, make("gpt2"))


def test_another_models_checkpoint_is_refused_with_what_differs(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, make("gpt2"), None, {})
    with pytest.raises(DataError, match=r"belongs to another model: one of the two has no .*attention\.out\.bias"):
        load_weights(tmp_path / name_of(1), make("llama"))
    wider = Transformer(TransformerSchema(n_layer=2, n_head=2, d_model=8), 12, 16)
    before = wider.embedding.weight.clone()
    with pytest.raises(DataError, match=r"another model: embedding.weight has shape \[11, 8\] there, \[12, 8\] in this one"):
        load_weights(tmp_path / name_of(1), wider)
    assert torch.equal(wider.embedding.weight, before)


def test_an_unfinished_checkpoint_and_a_strange_format_are_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, make("gpt2"), None, {})
    manifest = tmp_path / name_of(1) / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"format": 1', '"format": 99'))
    with pytest.raises(DataError, match="checkpoint format 99; this version reads 1"):
        load_weights(manifest.parent, make("gpt2"))
    manifest.unlink()
    with pytest.raises(DataError, match="never finished"):
        load_weights(manifest.parent, make("gpt2"))


def test_the_newest_is_the_highest_number_whenever_it_was_written(tmp_path: Path) -> None:
    for step in (1000, 9, 20):
        (tmp_path / name_of(step)).mkdir()
    (tmp_path / ".step_000002000.draft-1").mkdir()
    (tmp_path / "step_old").mkdir()
    assert newest(tmp_path).name == "step_000001000"
    with pytest.raises(DataError, match="holds no checkpoint"):
        newest(tmp_path / "empty")


def test_the_newest_two_and_the_best_are_kept(tmp_path: Path) -> None:
    for step in (2, 4, 6, 8, 10):
        (tmp_path / name_of(step)).mkdir()
    keep_newest_and_best(tmp_path, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name_of(step) for step in (4, 8, 10)]
    keep_newest_and_best(tmp_path, 10)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name_of(step) for step in (8, 10)]


def test_a_counting_models_tables_have_the_size_of_what_it_saw(tmp_path: Path) -> None:
    model = taught("ngram")
    save_checkpoint(tmp_path, 1, model, None, {})
    other = make("ngram")
    load_weights(tmp_path / name_of(1), other)
    np.testing.assert_array_equal(other.state_dict()["grams_3"].numpy(), model.state_dict()["grams_3"].numpy())
    assert other.count_parameters() == model.count_parameters() > 0
