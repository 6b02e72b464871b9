"""Names and rows both ways."""

import pytest
import torch

from assay.model.huggingface.architecture import Piece, to_ours, to_theirs
from assay.model.huggingface.importing import ARCHITECTURES, written_out
from assay.model.huggingface.writing import architecture_for
from assay.model.schema import EncoderDecoderSchema, EncoderSchema, TransformerSchema, XLNetSchema

PIECES = [
    Piece("a", ("x", "y"), rows=(1, 2)),
    Piece("b", ("z",), transposed=True),
    Piece("c", ("head",), head=True),
    Piece("d", ("k", "v"), rows=(4, 4), transposed=True, shape=(3, 2, 2), flat=(3, 4)),
]


def test_what_goes_out_comes_back() -> None:
    ours = {"a": torch.arange(6.0).view(3, 2), "b": torch.arange(6.0).view(2, 3), "c": torch.ones(1), "d": torch.arange(24.0).view(8, 3)}
    theirs = to_theirs(PIECES, ours)
    assert {name: list(tensor.shape) for name, tensor in theirs.items()} == {
        **{"x": [1, 2], "y": [2, 2], "z": [3, 2], "head": [1]},
        **{"k": [3, 2, 2], "v": [3, 2, 2]},
    }
    again = to_ours(PIECES, theirs)
    assert all(torch.equal(again[name], ours[name]) for name in ours)


def test_a_head_may_be_missing_and_nothing_else() -> None:
    theirs = to_theirs(PIECES[:3], {"a": torch.ones(3, 2), "b": torch.ones(2, 3)}, head=False)
    assert set(to_ours(PIECES[:3], theirs)) == {"a", "b"}
    del theirs["z"]
    with pytest.raises(KeyError, match="z"):
        to_ours(PIECES[:3], theirs)


def test_half_precision_becomes_float32() -> None:
    assert to_ours(PIECES[1:2], {"z": torch.ones(2, 2, dtype=torch.bfloat16)})["b"].dtype == torch.float32


def test_no_tensor_is_named_twice_and_every_form_is_somebodys() -> None:
    modern = {"position": "rotary", "norm": "rmsnorm", "mlp": "swiglu", "bias": False}
    forms = [
        TransformerSchema(n_layer=2, n_head=2, d_model=8),
        TransformerSchema(n_layer=2, n_head=2, d_model=8, tie_embeddings=False, **modern),  # type: ignore[arg-type]
        TransformerSchema(n_layer=2, n_head=2, d_model=8, qkv_bias=True, **modern),  # type: ignore[arg-type]
        TransformerSchema(n_layer=2, n_head=2, d_model=8, d_head=6, qk_norm=True, **modern),  # type: ignore[arg-type]
        EncoderSchema(n_layer=2, n_head=2, d_model=8),
        EncoderSchema(n_layer=2, n_head=2, d_model=8, position="rotary", norm_place="before"),
        EncoderDecoderSchema(
            **{"n_layer": 2, "n_head": 2, "d_model": 8, "position": "relative", "norm": "rmsnorm", "norm_place": "before", "bias": False},  # type: ignore[arg-type]
            **{"scale_embeddings": False, "scale_scores": False, "scale_output": True},  # type: ignore[arg-type]
        ),
        XLNetSchema(n_layer=2, n_head=2, d_model=8),
    ]
    assert [architecture_for(form) for form in forms] == list(ARCHITECTURES)
    for form, each in zip(forms, ARCHITECTURES, strict=True):
        pieces = list(each.pieces(written_out(form)))
        theirs = [name for piece in pieces for name in piece.theirs]
        assert len(theirs) == len(set(theirs))
        assert len(pieces) == len({piece.ours for piece in pieces})
