"""How many tokens are hidden, and in how many spans."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.objective.span_sizes import span_sizes


def test_sizes_are_those_that_t5_has_at_512() -> None:
    """Its code: 15 % of 512 tokens are 77, in spans of 3 they are 26."""
    assert span_sizes(512, 0.15, 3.0) == (77, 26)


@pytest.mark.parametrize(("tokens", "sizes"), [(1, (0, 0)), (2, (0, 0)), (3, (1, 1)), (4, (1, 1)), (10, (2, 1))])
def test_a_short_text_has_few_spans_or_none(tokens: int, sizes: tuple[int, int]) -> None:
    assert span_sizes(tokens, 0.15, 3.0) == sizes


@settings(deadline=None)
@given(tokens=st.integers(3, 3000), share=st.floats(0.001, 0.9), mean=st.floats(1, 100))
def test_source_and_target_are_no_longer_than_the_text(tokens: int, share: float, mean: float) -> None:
    hidden, spans = span_sizes(tokens, share, mean)
    assert 1 <= spans <= hidden
    assert tokens - hidden + spans <= tokens
    assert hidden + spans + 1 <= tokens
    assert tokens - hidden > spans  # one that stays before each, and the first
