"""Writing a text again of which parts were taken away."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

MASK, END = 20, 19
Make = Callable[..., Any]


def texts(seed: int, rows: int, count: int) -> torch.Tensor:
    return torch.randint(0, END, (rows, count), generator=torch.Generator().manual_seed(seed))


def explains(source: list[int], text: list[int]) -> bool:
    """Whether the text is the source with any number of tokens in place of each mark."""
    reach = {0}
    for token in source:
        reach = (
            {there for here in reach for there in range(here, len(text) + 1)}
            if token == MASK
            else {here + 1 for here in reach if here < len(text) and text[here] == token}
        )
    return len(text) in reach


@settings(deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(1, 40), share=st.floats(0.01, 0.9), mean=st.floats(0.1, 9))
def test_the_source_is_the_text_with_marks_for_spans_and_no_longer(seed: int, count: int, share: float, mean: float, seq2seq: Make) -> None:
    module, tokens = seq2seq("denoising", hidden_fraction=share, mean_span_tokens=mean), texts(seed, 3, count)
    pairs = module.pairs(tokens, torch.Generator().manual_seed(seed))
    assert pairs.source.shape[1] <= count
    assert pairs.target.tolist() == [[*row, END] for row in tokens.tolist()]
    for source, visible, text, hidden in zip(pairs.source, pairs.visible, tokens, pairs.hidden, strict=True):
        shown = source[visible].tolist()
        assert explains(shown, text.tolist())
        assert [token for token in shown if token != MASK] == text[~hidden[:-1]].tolist()


@settings(deadline=None)
@given(seed=st.integers(0, 2**31))
def test_single_tokens_are_masked_or_deleted_besides(seed: int, seq2seq: Make) -> None:
    module, tokens = seq2seq("denoising", hidden_fraction=0, masked_fraction=0.3, deleted_fraction=0.2), texts(seed, 4, 300)
    pairs = module.pairs(tokens, torch.Generator().manual_seed(seed))
    shown = pairs.visible.sum().item() / tokens.numel()
    assert shown == pytest.approx(0.8, abs=0.06)
    assert (pairs.source[pairs.visible] == MASK).sum().item() / tokens.numel() == pytest.approx(0.3, abs=0.06)
    assert pairs.hidden.sum().item() / tokens.numel() == pytest.approx(0.5, abs=0.07)


def test_sentences_change_places_whole_and_the_target_keeps_their_order(seq2seq: Make) -> None:
    module = seq2seq("denoising", hidden_fraction=0, permute_sentences=True)  # 9 and the end are ends of a sentence
    tokens = torch.tensor([[1, 2, 9, 3, END, 4, 5, 6]]).expand(60, -1)
    pairs = module.pairs(tokens, torch.Generator().manual_seed(0))
    assert pairs.target[:, :-1].tolist() == tokens.tolist()
    assert not pairs.hidden.any()
    found = {tuple(row) for row in pairs.source.tolist()}
    assert found == {(*a, *b, *c) for a, b, c in orders((1, 2, 9), (3, END), (4, 5, 6))}


def orders(*parts: Any) -> list[Any]:
    from itertools import permutations

    return list(permutations(parts))


def test_what_is_hidden_is_told_where_it_was_and_not_where_it_is_shown(seq2seq: Make) -> None:
    module = seq2seq("denoising", hidden_fraction=0.4, permute_sentences=True)
    tokens = texts(3, 50, 30)
    pairs = module.pairs(tokens, torch.Generator().manual_seed(1))
    for source, visible, text, hidden in zip(pairs.source, pairs.visible, tokens, pairs.hidden, strict=True):
        shown = source[visible]
        assert sorted(shown[shown != MASK].tolist()) == sorted(text[~hidden[:-1]].tolist())


def test_a_vocabularys_own_mask_marks_what_is_hidden_and_no_id_is_added(seq2seq: Make) -> None:
    module, tokens = seq2seq("denoising", own_mask=7, hidden_fraction=0.4, masked_fraction=0.2), texts(2, 20, 30).clamp(min=8)
    shown = module.pairs(tokens, torch.Generator().manual_seed(0)).source
    assert int(shown.max()) <= END
    assert (shown == 7).sum(dim=1).min() > 0
    assert module.writer.vocab_size == MASK


def test_the_window_has_room_for_the_end(seq2seq: Make) -> None:
    assert seq2seq("denoising").text_tokens(32) == 31
