"""The measure itself: it must see what differs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.errors import CheckFailed
from assay.model.huggingface import parity
from assay.model.huggingface.writing import write_model
from assay.model.schema import TransformerSchema


def test_the_same_weights_agree_and_others_do_not(tmp_path: Path, make: Callable[..., Any]) -> None:
    model = make(TransformerSchema(n_layer=1, n_head=2, d_model=8))
    write_model(tmp_path, model)
    found = parity.measure(tmp_path, model)
    assert found["largest_difference"] < 1e-5 < 0.1 < found["largest_value"]
    assert (found["class"], found["compared"], found["tokens"]) == ("GPT2LMHeadModel", "logits", 4 * 24)
    with torch.no_grad():
        model.embedding.weight[96] += 0.01  # one row of one table
    with pytest.raises(CheckFailed, match=r"the logits in transformers .* differ by .*, more than 0\.0001"):
        parity.measure(tmp_path, model)


def test_weights_that_are_no_numbers_do_not_agree(tmp_path: Path, make: Callable[..., Any]) -> None:
    model = make(TransformerSchema(n_layer=1, n_head=2, d_model=8))
    with torch.no_grad():
        model.norm.weight[0] = float("nan")
    write_model(tmp_path, model)
    with pytest.raises(CheckFailed, match="differ by nan"):
        parity.measure(tmp_path, model)
