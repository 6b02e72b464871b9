"""The CPU's route through attention is the textbook's."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.model.attention import attend


@settings(max_examples=25, deadline=None)
@given(queries=st.integers(1, 70), past=st.sampled_from([0, 1, 33]), precision=st.sampled_from([torch.float32, torch.bfloat16]))
def test_every_route_is_the_textbooks_attention(queries: int, past: int, precision: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(queries)
    q = torch.randn(2, 3, queries, 8, generator=generator)
    k, v = torch.randn(2, 2, 3, past + queries, 8, generator=generator)
    seen = torch.ones(queries, past + queries, dtype=torch.bool).tril(past)
    q, k, v = (t.to(precision) for t in (q, k, v))
    scores = (q.double() @ k.double().transpose(2, 3) / 8**0.5).masked_fill(~seen, float("-inf"))
    tolerance = 1e-5 if precision == torch.float32 else 3e-2
    torch.testing.assert_close(attend(q, k, v, dropout=0.0).double(), scores.softmax(-1) @ v.double(), atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_dropout_zeroes_attention_weights_and_keeps_their_mean(precision: torch.dtype) -> None:
    q = k = torch.zeros(1, 1, 64, 4, dtype=precision)
    v = torch.ones(1, 1, 64, 4, dtype=precision)
    torch.manual_seed(0)
    means = torch.stack([attend(q, k, v, dropout=0.5)[0, 0, -1, 0].float() for _ in range(200)])
    assert means.mean().item() == pytest.approx(1.0, abs=0.05)
    assert means.std().item() > 0.05
