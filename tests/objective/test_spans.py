"""Spans that are hidden, and packing."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.objective.spans import compositions, covered, packed, poisson_spans

CPU = torch.device("cpu")


def spans_of(seed: int, count: int, hidden: int, mean: float, rows: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    return poisson_spans(torch.zeros(rows, count), hidden, mean, torch.Generator().manual_seed(seed))


@settings(deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(1, 60), share=st.floats(0, 0.9), mean=st.floats(0.1, 20))
def test_spans_do_not_touch_and_marks_make_no_text_longer(seed: int, count: int, share: float, mean: float) -> None:
    hidden = round(share * count)
    for starts, lengths in zip(*spans_of(seed, count, hidden, mean), strict=True):
        used = [(start, length) for start, length in zip(starts.tolist(), lengths.tolist(), strict=True) if start <= count]
        assert used == sorted(used)
        assert len({start for start, _ in used}) == len(used)
        for (start, length), (after, _) in pairwise([*used, (count + 1, 0)]):
            assert start + length <= count
            assert start + length < after  # a token stays between them
        assert sum(length for _, length in used) <= hidden
        assert len(used) <= max(1, sum(length for _, length in used))


def test_lengths_are_poissons_and_their_sum_is_what_is_hidden() -> None:
    starts, lengths = spans_of(0, 400, 120, 3.0, rows=200)
    assert lengths.sum(dim=1).tolist() == [120] * 200
    used = lengths[(starts <= 400) & (lengths > 0)].float()
    assert used.mean().item() == pytest.approx(3 / (1 - 2.718**-3), rel=0.05)  # of Poisson(3) those that are not 0
    share = (used == 1).float().mean().item()
    assert share == pytest.approx(3 * 2.718**-3 / (1 - 2.718**-3), abs=0.02)
    empty = ((starts <= 400) & (lengths == 0)).sum().item() / (starts <= 400).sum().item()
    assert empty == pytest.approx(2.718**-3, abs=0.01)


def test_every_place_is_hidden_as_often_but_near_the_edges_which_fewer_spans_reach() -> None:
    starts, lengths = spans_of(0, 20, 6, 3.0, rows=20_000)
    share = covered(starts, lengths, 20).float().mean(dim=0)
    assert (share[3:-3] - 0.325).abs().max().item() < 0.01
    assert share.min().item() > 0.15


def test_covered_are_the_tokens_of_the_spans() -> None:
    starts, lengths = torch.tensor([[1, 4, 6, 6]]), torch.tensor([[2, 0, 0, 0]])
    assert covered(starts, lengths, 5).tolist() == [[False, True, True, False, False]]


@settings(deadline=None)
@given(seed=st.integers(0, 2**31), parts=st.integers(1, 12), more=st.integers(0, 12))
def test_compositions_have_their_sum_and_no_part_is_empty(seed: int, parts: int, more: int) -> None:
    found = compositions(5, parts + more, parts, torch.Generator().manual_seed(seed), CPU)
    assert found.shape == (5, parts)
    assert (found >= 1).all()
    assert (found.sum(dim=1) == parts + more).all()


def test_all_compositions_are_equally_likely() -> None:
    found = compositions(30_000, 5, 3, torch.Generator().manual_seed(0), CPU)
    kinds, counts = found.unique(dim=0, return_counts=True)
    assert len(kinds) == 6  # 4 places to cut, 2 cuts
    assert (counts / 30_000 - 1 / 6).abs().max().item() < 0.01


def test_what_is_kept_is_packed_in_its_order() -> None:
    pieces, kept = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([[True, False, True], [False, False, True]])
    source, visible = packed(pieces, kept, None, 9)
    assert source.tolist() == [[1, 3], [6, 9]]
    assert visible.tolist() == [[True, True], [True, False]]
    assert packed(pieces, kept, 3, 9)[0].tolist() == [[1, 3, 9], [6, 9, 9]]
