"""A folder becomes a choice of conf/model/, and begins a run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch.nn.functional as F
import yaml
from safetensors.torch import load_file, save_file

from assay.errors import ConfigError
from assay.files import sha256_file
from assay.inference import importing
from assay.inference.exporting import export_run
from assay.inference.importing import import_model
from assay.inference.schema import ExportConfig, ImportConfig


@pytest.fixture
def folder(several: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small Llama, and a conf/model/ of its own."""
    monkeypatch.setattr(importing, "CONF", tmp_path / "conf")
    export_run(several["modern"].folder, "modern", ExportConfig(output=str(tmp_path / "Tiny-Llama")))
    return tmp_path / "Tiny-Llama"


def test_the_form_is_written_and_the_next_command_said(folder: Path, several: dict[str, Any]) -> None:
    said = import_model(str(folder), ImportConfig())
    assert f"  python src/train.py model=tiny_llama tokenizer=pretrained tokenizer.path={folder} init={folder}" in said
    assert f"{several['modern'].result['parameters']:,} parameters" in said
    assert "logits differ by" in said
    values = yaml.safe_load((folder.parent / "conf/tiny_llama.yaml").read_text())
    assert (values["n_layer"], values["mlp"], values["bias"], values["n_positions"]) == (2, "swiglu", False, 32)
    assert "vocab_size" not in values  # it follows the tokenizer


def test_rows_that_no_text_uses_are_kept(folder: Path) -> None:
    """Vocabularies are padded for speed: 151,936 rows for the 151,665 tokens of Qwen2."""
    config = json.loads((folder / "config.json").read_bytes())
    rows = config["vocab_size"]
    tensors = load_file(folder / "model.safetensors")
    padded = {name: F.pad(tensor, (0, 0, 0, 3)) if tensor.shape[0] == rows else tensor for name, tensor in tensors.items()}
    save_file(padded, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": rows + 3}))
    import_model(str(folder), ImportConfig(name="padded"))
    assert yaml.safe_load((folder.parent / "conf/padded.yaml").read_text())["vocab_size"] == rows + 3


def test_a_choice_of_that_name_is_not_overwritten(folder: Path) -> None:
    import_model(str(folder), ImportConfig(name="mine"))
    import_model(str(folder), ImportConfig(name="mine"))  # the same again
    other = folder.parent / "conf/mine.yaml"
    other.write_text("n_layer: 3\n")
    with pytest.raises(ConfigError, match="is there already"):
        import_model(str(folder), ImportConfig(name="mine"))
    assert other.read_text() == "n_layer: 3\n"


def test_without_transformers_it_is_said_that_nothing_was_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "find_spec", lambda name: None)
    assert "not compared with transformers, of the extra [hf]" in import_model(str(folder), ImportConfig())


@pytest.mark.slow
def test_a_run_begins_with_the_folders_weights_and_is_replayed_with_them(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path], several: dict[str, Any]
) -> None:
    copy = project()
    tiny_text(copy)
    folder = copy / "models/tiny"
    export_run(several["same"].folder, "same", ExportConfig(output=str(folder)))
    assert run(copy, "src/import_model.py", "models/tiny").returncode == 0
    words = [word for word in several["same"].words if not word.startswith(("model", "tokenizer", "tracking"))]
    words += ["model=tiny", "tokenizer=pretrained", "tokenizer.path=models/tiny", "init=models/tiny"]
    refused = run(copy, "src/train.py", *words, "model.d_ff=64")
    assert (refused.returncode, "init=models/tiny needs model.d_ff=128; this run has d_ff 64" in refused.stderr) == (2, True)
    done = run(copy, "src/train.py", *words)
    assert done.returncode == 0, done.stderr
    begun = next(copy.glob("mlruns/*/*/artifacts"))
    losses = [json.loads(line)["metrics"] for line in (begun / "journal.jsonl").read_text().splitlines() if '"train/loss"' in line]
    assert losses[0]["train/loss"] < several["same"].values("train/loss")[0] - 0.1  # not as at the beginning
    inputs = json.loads((begun / "provenance.json").read_bytes())["inputs"]
    assert inputs["init"] == sha256_file(folder / "model.safetensors")
    assert "6 of 6 steps bit-identical" in run(copy, "src/replay.py", "latest").stdout
    (folder / "model.safetensors").write_bytes(b"")
    assert "are not those in models/tiny now" in run(copy, "src/replay.py", "latest").stderr
