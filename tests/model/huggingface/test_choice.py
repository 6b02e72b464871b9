"""Which folders can be a model here, and what is left out of their config.json."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, GPT2Config, GPT2LMHeadModel, T5Config

from assay.errors import ConfigError, DataError
from assay.model.huggingface.choice import as_settled, files_of, pretrained_ids_fit, said_by, settled, theirs_config
from assay.model.schema import HuggingFaceDecoderSchema, HuggingFaceEncoderSchema, NgramSchema


@pytest.fixture
def gpt2(tmp_path: Path) -> Path:
    """A folder of the smallest GPT-2."""
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=1, n_embd=4, n_positions=8, vocab_size=7)).save_pretrained(tmp_path / "gpt2")
    return tmp_path / "gpt2"


def changed(folder: Path, **fields: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **fields}))
    return folder


def decoder(folder: Path, **settings: Any) -> HuggingFaceDecoderSchema:
    return HuggingFaceDecoderSchema(path=str(folder), **settings)


def test_what_the_folder_says_is_kept_and_its_files_are_known_again(gpt2: Path) -> None:
    found = settled(decoder(gpt2), 8)
    assert said_by(found)["n_embd"] == 4
    assert settled(found, 8) is found
    assert files_of(found) == gpt2
    moved = gpt2.rename(gpt2.with_name("moved"))
    assert settled(decoder(moved), 8).files_sha256 == found.files_sha256
    assert settled(NgramSchema(), 8) == NgramSchema()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_changed_file_makes_another_folder_and_ends_a_replay(name: str, gpt2: Path) -> None:
    before = settled(decoder(gpt2), 8)
    content = bytearray((gpt2 / name).read_bytes())
    content[-3:-3] = b" " if name == "config.json" else b""
    content[-1] ^= name != "config.json"
    (gpt2 / name).write_bytes(bytes(content))
    assert settled(decoder(gpt2), 8).files_sha256 != before.files_sha256
    with pytest.raises(DataError, match="are not those that the run began with"):
        files_of(before)


def test_fresh_weights_need_the_form_alone(gpt2: Path) -> None:
    (gpt2 / "model.safetensors").unlink()
    assert settled(decoder(gpt2, pretrained=False), 8).files_sha256
    with pytest.raises(DataError, match=r"neither model\.safetensors nor"):
        settled(decoder(gpt2), 8)


def test_the_same_folder_typed_again_is_no_other_setting(gpt2: Path) -> None:
    stored = settled(decoder(gpt2), 8)
    assert as_settled(decoder(gpt2), stored) == stored
    assert as_settled(decoder(gpt2, pretrained=False), stored) != stored
    assert as_settled(HuggingFaceEncoderSchema(path=str(gpt2)), stored).architecture is None


def test_a_missing_folder_is_said_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no config\.json .*\n  model\.path=FOLDER takes"):
        settled(decoder(tmp_path / "none"), 8)


def test_pickles_are_not_read(gpt2: Path) -> None:
    (gpt2 / "model.safetensors").rename(gpt2 / "pytorch_model.bin")
    with pytest.raises(DataError, match="a pickle, which may run any code"):
        settled(decoder(gpt2), 8)


def test_code_of_the_folder_is_not_run(gpt2: Path) -> None:
    (gpt2 / "modeling.py").write_text("raise SystemExit('run')")
    changed(gpt2, model_type="mine", auto_map={"AutoModelForCausalLM": "modeling.Mine"})
    with pytest.raises(DataError, match="has no class for, and asks for code of its own folder, which is never run here"):
        settled(decoder(gpt2), 8)


def test_a_known_architecture_is_computed_by_the_library_whatever_code_lies_beside_it(gpt2: Path) -> None:
    changed(gpt2, auto_map={"AutoConfig": "modeling.Mine"}, attn_implementation="somebody/kernel", _attn_implementation_internal="a/b")
    found = theirs_config(said_by(settled(decoder(gpt2), 8)))
    assert type(found) is GPT2Config
    assert not hasattr(found, "auto_map")
    assert found._attn_implementation_internal is None


def test_quantized_weights_are_refused(gpt2: Path) -> None:
    with pytest.raises(DataError, match="quantized"):
        settled(decoder(changed(gpt2, quantization_config={"quant_method": "bitsandbytes"})), 8)


def test_nonsense_in_a_config_is_said(gpt2: Path) -> None:
    with pytest.raises(DataError, match=r"config\.json is refused by transformers"):
        settled(decoder(changed(gpt2, n_layer="many")), 8)


def test_more_tokens_than_the_folder_has_positions_are_refused(gpt2: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.context_tokens=9: .* reads 8 tokens at most\.\n  Type: data\.context_tokens=8"):
        settled(decoder(gpt2), 9)


@pytest.mark.parametrize(
    ("schema", "config", "says"),
    [
        (HuggingFaceDecoderSchema, BertConfig(), "no AutoModelForCausalLM that model=hf can be.\n  Type: model=hf_encoder"),
        (HuggingFaceEncoderSchema, GPT2Config(), "no AutoModelForMaskedLM that model=hf_encoder can be.\n  Type: model=hf"),
        (HuggingFaceDecoderSchema, T5Config(), "no AutoModelForCausalLM that model=hf can be.\n  Type: model=hf_seq2seq"),
    ],
)
def test_a_folder_of_another_form_is_refused_with_the_choice_for_it(schema: Any, config: Any, says: str, tmp_path: Path) -> None:
    config.save_pretrained(tmp_path)
    with pytest.raises(ConfigError) as caught:
        settled(schema(path=str(tmp_path), pretrained=False), 8)
    assert says in str(caught.value)


def test_an_encoder_made_a_decoder_by_its_config_is_one(tmp_path: Path) -> None:
    BertConfig(is_decoder=True).save_pretrained(tmp_path)
    assert settled(decoder(tmp_path, pretrained=False), 8).architecture


def test_a_tokenizer_with_more_ids_than_the_model_has_rows_is_of_another_model(gpt2: Path) -> None:
    config = settled(decoder(gpt2), 8)
    pretrained_ids_fit(config, {"a": 6})
    with pytest.raises(DataError, match=r"7 rows in it, and 1 ids of its tokenizer\.json lie beyond them \('b' is 7\)"):
        pretrained_ids_fit(config, {"a": 6, "b": 7})
