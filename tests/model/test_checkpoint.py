"""Checkpoints: whole or refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.errors import DataError
from assay.files import sha256_file, write_manifest
from assay.model.checkpoint import (
    drop_after,
    keep_newest_and_best,
    load_optimizer,
    load_weights,
    name_of,
    newest_verified,
    read_state,
    save_checkpoint,
    steps_in,
    verify,
    weights_of,
)
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


MAKERS = {
    "adamw": lambda model: torch.optim.AdamW(model.parameters(), lr=0.01),
    "momentum": lambda model: torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9),
    "plain": lambda model: torch.optim.SGD(model.parameters(), lr=0.01),
}


def step(model: LanguageModel, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    model(TOKENS).square().mean().backward()
    optimizer.step()


@pytest.mark.parametrize("kind", MAKERS)
def test_an_optimizer_goes_on_as_if_it_had_never_been_saved(kind: str, tmp_path: Path) -> None:
    model, other = make("gpt2"), make("gpt2", seed=1)
    optimizer, again = MAKERS[kind](model), MAKERS[kind](other)
    for _ in range(3):
        step(model, optimizer)
    optimizer.param_groups[0]["lr"] = 0.01 + 0.02
    optimizer.param_groups[0]["initial_lr"] = 0.5  # a schedule's, which begins again from it
    save_checkpoint(tmp_path, 3, model, optimizer, {})
    load_weights(tmp_path / name_of(3), other)
    load_optimizer(tmp_path / name_of(3), again)
    assert again.param_groups[0]["initial_lr"] == 0.5
    for _ in range(2):
        step(model, optimizer)
        step(other, again)
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(model.parameters(), other.parameters(), strict=True))


def test_another_optimizers_state_is_refused_and_nothing_is_taken_of_it(tmp_path: Path) -> None:
    model = make("gpt2")
    halves = list(model.parameters())
    optimizer = torch.optim.AdamW([{"params": halves[:3]}, {"params": halves[3:]}])
    save_checkpoint(tmp_path, 1, model, optimizer, {})
    whole = torch.optim.AdamW(model.parameters())
    with pytest.raises(DataError, match=rf"belongs to another optimizer: its groups do not hold \[{len(halves)}\] parameters"):
        load_optimizer(tmp_path / name_of(1), whole)
    assert whole.state_dict()["state"] == {}


def test_a_number_that_json_does_not_have_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        save_checkpoint(tmp_path, 1, make("gpt2"), None, {"best_loss": float("nan")})
    assert not (tmp_path / name_of(1)).exists()


def test_a_checkpoint_written_again_is_the_new_one(tmp_path: Path) -> None:
    """A run that goes on comes to the same steps again."""
    save_checkpoint(tmp_path, 1, make("gpt2"), None, {"evaluated": False})
    sha256 = save_checkpoint(tmp_path, 1, make("gpt2", seed=1), None, {"evaluated": True})
    assert verify(tmp_path / name_of(1))["files"]["weights.safetensors"]["sha256"] == sha256
    assert read_state(tmp_path / name_of(1)) == {"evaluated": True, "step": 1}
    assert [path.name for path in tmp_path.iterdir()] == [name_of(1)]


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


@pytest.mark.parametrize("name", ["weights.safetensors", "state.json"])
def test_a_folder_without_weights_or_state_is_no_checkpoint(name: str, tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 1, make("gpt2"), None, {})
    folder = tmp_path / name_of(1)
    (folder / name).unlink()
    (folder / "manifest.json").unlink()
    write_manifest(folder, format=1)
    with pytest.raises(DataError, match=f"has no {name}, so it is no checkpoint"):
        verify(folder)


def test_the_newest_verified_is_the_highest_whole_one_and_the_others_are_named(tmp_path: Path) -> None:
    for step_number in (2, 10, 4):
        save_checkpoint(tmp_path, step_number, make("gpt2"), None, {})
    assert newest_verified(tmp_path) == (tmp_path / name_of(10), [])
    (tmp_path / name_of(10) / "weights.safetensors").unlink()
    (tmp_path / name_of(12)).mkdir()
    found, passed = newest_verified(tmp_path)
    assert found == tmp_path / name_of(4)
    assert passed == [
        f"{tmp_path / name_of(12)} is missing, or was never finished.",
        f"{tmp_path / name_of(10)}/weights.safetensors is missing; manifest.json lists it.",
    ]
    assert newest_verified(tmp_path / "empty") == (None, [])


def test_later_checkpoints_are_dropped_and_no_other(tmp_path: Path) -> None:
    for step_number in (2, 4, 1000):
        (tmp_path / name_of(step_number)).mkdir()
    (tmp_path / "step_old").mkdir()
    drop_after(tmp_path, 4)
    assert steps_in(tmp_path) == [2, 4]
    assert (tmp_path / "step_old").exists()


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
