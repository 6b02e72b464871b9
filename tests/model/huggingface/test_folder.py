"""What is read of a folder, and what is not."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from assay.errors import ConfigError, DataError
from assay.files import is_folder_name, sha256_file
from assay.model.huggingface.folder import folder_of, read_json, read_tensors, weight_files, weights_sha256


@pytest.mark.parametrize("words", ["models/gpt2", "~/gpt2", "./gpt2", "/tmp/gpt2", "../a", "run/stepp_3", "a/b/step_3"])
def test_a_slash_makes_a_folder(words: str) -> None:
    assert is_folder_name(words)


@pytest.mark.parametrize("words", ["gpt2", "latest", "my run", "my run/step_12", "0a1b/step_000000006"])
def test_a_run_or_its_step_is_none(words: str) -> None:
    assert not is_folder_name(words)


def test_a_place_without_a_model_is_refused_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no config\.json \(looked for .*nothing/config\.json"):
        folder_of(str(tmp_path / "nothing"))


def test_several_files_are_read_by_their_index_and_hashed_together(tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "model-1.safetensors")
    save_file({"b": torch.zeros(2)}, tmp_path / "model-2.safetensors")
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert {name: tensor.tolist() for name, tensor in read_tensors(tmp_path).items()} == {"a": [1.0], "b": [0.0, 0.0]}
    before = weights_sha256(tmp_path)
    save_file({"b": torch.ones(2)}, tmp_path / "model-2.safetensors")
    assert weights_sha256(tmp_path) != before


@pytest.mark.parametrize("name", ["gone.safetensors", "../model.safetensors", "/etc/hostname"])
def test_an_index_names_only_files_of_its_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    save_file({"a": torch.ones(1)}, tmp_path / "model.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(DataError, match="there is no such file in the folder"):
        weight_files(folder)


def test_one_file_is_known_by_its_own_hash(tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "model.safetensors")
    assert weights_sha256(tmp_path) == sha256_file(tmp_path / "model.safetensors")


def test_a_pickle_is_refused_with_how_to_convert_it(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(DataError, match=r"pytorch_model\.bin, a pickle.*\n.*save_pretrained"):
        read_tensors(tmp_path)


def test_no_weights_and_cut_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="so it holds no weights"):
        weight_files(tmp_path)
    save_file({"a": torch.ones(100)}, tmp_path / "model.safetensors")
    whole = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[:-8])
    with pytest.raises(DataError, match="no whole safetensors file"):
        read_tensors(tmp_path)


@pytest.mark.parametrize(("content", "says"), [("{", "is not JSON"), ("[]", "holds no record, but list")])
def test_what_is_no_record_is_refused(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(DataError, match=says):
        read_json(tmp_path / "config.json")


def test_a_name_of_the_hub_is_told_how_to_become_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"hf download owner/model --local-dir models/model, then model\.path=models/model"):
        folder_of(str(tmp_path / "owner/model"), "model.path")  # as config/paths.py hands it on
