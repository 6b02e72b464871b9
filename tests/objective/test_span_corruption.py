"""Writing what stood in the spans that were taken out."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.objective.span_sizes import span_sizes

SIZE = 20
Make = Callable[..., Any]


def put_back(source: list[int], target: list[int]) -> list[int]:
    """T5's own reading: each sentinel of the source stands for what follows it in the target."""
    spans: dict[int, list[int]] = {}
    for token in target:
        if token >= SIZE:
            here = spans.setdefault(token, [])
        else:
            here.append(token)
    return [each for token in source for each in (spans[token] if token >= SIZE else [token])]


@settings(deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(3, 60), share=st.floats(0.01, 0.9), mean=st.floats(1, 9))
def test_source_and_target_make_the_text_again(seed: int, count: int, share: float, mean: float, seq2seq: Make) -> None:
    tokens = torch.randint(0, SIZE, (3, count), generator=torch.Generator().manual_seed(seed))
    hidden, spans = span_sizes(count, share, mean)
    pairs = seq2seq("span_corruption", hidden_fraction=share, mean_span_tokens=mean).pairs(tokens, torch.Generator().manual_seed(seed))
    assert pairs.visible.all()
    assert pairs.source.shape[1] == count - hidden + spans <= count
    assert pairs.target.shape[1] == hidden + spans + 1 <= count
    for text, source, target, is_hidden in zip(
        tokens.tolist(), pairs.source.tolist(), pairs.target.tolist(), pairs.hidden.tolist(), strict=True
    ):
        assert put_back(source, target) == text
        assert [token for token in target if token >= SIZE] == list(range(SIZE, SIZE + spans + 1))
        assert [token for token in source if token >= SIZE] == list(range(SIZE, SIZE + spans))
        assert is_hidden == [token < SIZE for token in target]


@pytest.mark.parametrize(("tokens", "sizes"), [(1, (0, 0)), (2, (0, 0)), (3, (1, 1)), (4, (1, 1)), (10, (2, 1))])
def test_a_short_text_has_few_spans_or_none(tokens: int, sizes: tuple[int, int], seq2seq: Make) -> None:
    pairs = seq2seq("span_corruption").pairs(torch.arange(tokens).expand(2, -1))
    assert pairs.hidden.sum().item() == 2 * sizes[0]
    assert pairs.target[:, -1].tolist() == [SIZE + sizes[1]] * 2


def test_every_place_but_the_first_is_hidden(seq2seq: Make) -> None:
    tokens = torch.arange(10).expand(3000, -1)
    pairs = seq2seq("span_corruption", hidden_fraction=0.3, mean_span_tokens=1.5).pairs(tokens, torch.Generator().manual_seed(0))
    shares = pairs.target[pairs.hidden].bincount(minlength=10) / 3000
    assert shares[0] == 0
    assert shares[1:].min() > 0.1
    assert shares.max() < 0.5
