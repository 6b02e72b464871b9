"""The parts of Transformers."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from assay.model.block import INIT_STD, Block, feed_forward_width, initialise
from assay.model.schema import EncoderSchema, TransformerSchema

SHAPE = {"n_layer": 2, "n_head": 2, "d_model": 64}


@pytest.mark.parametrize(("mlp", "width"), [("gelu", 256), ("gelu_exact", 256), ("relu", 256), ("swiglu", 192), ("geglu", 192)])
def test_the_inner_width_keeps_the_number_of_weights(mlp: str, width: int) -> None:
    assert feed_forward_width(TransformerSchema(**SHAPE, mlp=mlp)) == width


def test_only_what_writes_to_a_residual_stream_begins_smaller_with_depth() -> None:
    for form, shrinks in ((TransformerSchema(**SHAPE), True), (EncoderSchema(**SHAPE), False)):
        torch.manual_seed(0)
        block = Block(form, causal=True)
        initialise(block, 50)
        assert block.mlp.up.weight.std().item() == pytest.approx(INIT_STD, rel=0.05)
        expected = INIT_STD / math.sqrt(100) if shrinks else INIT_STD
        assert block.mlp.down.weight.std().item() == pytest.approx(expected, rel=0.05)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), heads=st.sampled_from([1, 2, 4]), causal=st.booleans())
def test_attention_is_the_softmax_of_scaled_products(seed: int, heads: int, causal: bool) -> None:
    """Vaswani et al. 2017, eq. 1, written out."""
    torch.manual_seed(seed)
    attention = Block(TransformerSchema(n_layer=1, n_head=heads, d_model=16), causal).attention
    x = torch.randn(2, 5, 16)
    found, _ = attention(x, None)
    q, k, v = (part.view(2, 5, heads, 16 // heads).transpose(1, 2) for part in attention.qkv(x).chunk(3, dim=2))
    scores = q @ k.transpose(2, 3) / math.sqrt(16 // heads)
    if causal:
        scores = scores.masked_fill(torch.ones(5, 5, dtype=torch.bool).triu(1), -math.inf)
    expected = attention.out((scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(2, 5, 16))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_the_original_form_is_that_of_torch() -> None:
    """Norms after each sum, ReLU: nn.TransformerEncoderLayer, Vaswani et al. 2017's encoder."""
    torch.manual_seed(0)
    theirs = nn.TransformerEncoderLayer(64, 2, 256, dropout=0.0, activation="relu", batch_first=True, norm_first=False)
    ours = Block(EncoderSchema(**SHAPE, mlp="relu", norm_epsilon=1e-5), causal=False)
    state = {
        "attention.qkv.weight": theirs.self_attn.in_proj_weight, "attention.qkv.bias": theirs.self_attn.in_proj_bias,
        "attention.out.weight": theirs.self_attn.out_proj.weight, "attention.out.bias": theirs.self_attn.out_proj.bias,
        "attention_norm.weight": theirs.norm1.weight, "attention_norm.bias": theirs.norm1.bias,
        "mlp.up.weight": theirs.linear1.weight, "mlp.up.bias": theirs.linear1.bias,
        "mlp.down.weight": theirs.linear2.weight, "mlp.down.bias": theirs.linear2.bias,
        "mlp_norm.weight": theirs.norm2.weight, "mlp_norm.bias": theirs.norm2.bias,
    }  # fmt: skip
    ours.load_state_dict(state)
    x = torch.randn(3, 7, 64)
    torch.testing.assert_close(ours(x, None)[0], theirs(x), atol=1e-5, rtol=1e-5)
