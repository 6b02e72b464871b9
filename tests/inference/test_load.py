"""A finished run becomes a model again."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from assay.errors import ConfigError, DataError
from assay.inference import load
from assay.inference.load import load_generator, load_run
from assay.objective.schema import CausalLMSchema, MaskedLMSchema, PermutationLMSchema


@pytest.mark.parametrize("name", ["same", "counting", "modern"])
def test_a_run_gives_back_its_model_and_tokenizer(name: str, several: dict[str, Any]) -> None:
    trained = load_run(several[name].folder)
    assert not trained.model.training
    assert trained.model.count_parameters() == several[name].result["parameters"]
    assert trained.tokenizer.vocab_size == trained.model.vocab_size == 257
    assert trained.model.context_tokens == 32
    with torch.inference_mode():
        assert trained.model(torch.tensor([trained.tokenizer.encode("the old")])).isfinite().all()


def test_a_killed_or_spoilt_run_is_refused_with_what_it_lacks(trained: Any, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(trained.folder, copy)
    weights = copy / "checkpoints/step_000000006/weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(DataError, match=r"weights\.safetensors was altered"):
        load_run(copy)
    shutil.rmtree(copy / "checkpoints")
    with pytest.raises(DataError, match="has no checkpoint yet; it has: none"):
        load_run(copy)
    (copy / "tokenizer.json").unlink()
    with pytest.raises(DataError, match=r"tokenizer\.json is missing"):
        load_run(copy)


def test_a_stored_config_can_not_name_another_class(trained: Any, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(trained.folder, copy)
    text = (copy / "config.yaml").read_text().replace("assay.model.transformer.Transformer", "os.system")
    (copy / "config.yaml").write_text(text)
    with pytest.raises(ConfigError, match="_target_"):
        load_run(copy)


@pytest.mark.parametrize(("objective", "continues"), [(CausalLMSchema(), True), (PermutationLMSchema(), True), (MaskedLMSchema(), False)])
def test_what_tells_the_next_token_or_any_continues_a_text(objective: Any, continues: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = SimpleNamespace(config=SimpleNamespace(objective=objective))
    monkeypatch.setattr(load, "load_run", lambda folder, checkpoint: trained)
    if continues:
        assert load_generator(Path("run")) is trained
    else:
        with pytest.raises(DataError, match="hidden tokens, so it can't continue a text"):
            load_generator(Path("run"))
