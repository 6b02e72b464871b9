"""Which models have a name there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.errors import ConfigError
from assay.model.huggingface.folder import read_json
from assay.model.huggingface.writing import architecture_for, write_model
from assay.model.schema import EncoderSchema, NgramSchema, TransformerSchema

GPT2 = TransformerSchema(n_layer=1, n_head=2, d_model=8)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (replace(GPT2, position="rotary"), "not gpt2: position=rotary"),
        (replace(GPT2, n_kv_head=1), "not gpt2: n_kv_head=1"),
        (replace(GPT2, norm_place="after"), "norm_place=after"),
        (EncoderSchema(n_layer=1, n_head=2, d_model=8, mlp="swiglu"), "not bert: mlp=swiglu"),
        (NgramSchema(), r"\(Ngram\):\n  no names of tensors are known for it"),
    ],
)
def test_a_form_without_a_name_there_is_refused_with_what_keeps_it(form: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        architecture_for(form)


def test_generation_ends_where_a_document_does(tmp_path: Path, make: Callable[..., Any]) -> None:
    write_model(tmp_path, make(GPT2), end_of_document=7)
    config = read_json(tmp_path / "config.json")
    assert (config["eos_token_id"], config["pad_token_id"], config["vocab_size"], config["n_positions"]) == (7, None, 97, 24)
    assert read_json(tmp_path / "generation_config.json") == {"bos_token_id": 7, "eos_token_id": 7, "pad_token_id": 7}
