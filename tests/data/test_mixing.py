"""Shares of sources, whose turn it is, and windows of one source's text."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.mixing import MixedWindows, SourceText, Turns, chosen_shares, is_mixed, mix, shares
from assay.data.schema import DataSchema, SourceSchema
from assay.errors import DataError

SHARES = st.lists(st.floats(0.001, 1000), min_size=1, max_size=6).map(lambda found: [share / sum(found) for share in found])


def data(*weights: float | None, **fields: Any) -> DataSchema:
    sources = [SourceSchema(folder=f"part{place}", weight=weight) for place, weight in enumerate(weights)]
    return DataSchema(language="en", licence="none", sources=sources, **{"context_tokens": 4, **fields})


def texts(lengths: list[int], owners: list[int]) -> list[SourceText]:
    """Of each source, for documents of these lengths, one after the other in a split."""
    ends = np.cumsum(lengths).astype(np.uint64)
    return [SourceText(ends, np.flatnonzero(np.array(owners) == owner)) for owner in range(max(owners) + 1)]


# --- shares ---


def test_weights_are_ratios() -> None:
    assert shares(data(1, 3), [10, 10_000]) == [0.25, 0.75]
    assert chosen_shares(data(1, 3)) == chosen_shares(data(20, 60)) != chosen_shares(data(1, 2))


def test_a_temperature_draws_shares_together_as_in_multilingual_bert() -> None:
    """Devlin et al. raise to 0.7 and normalise."""
    tokens = [1_000_000, 1_000]
    powers = [count**0.7 for count in tokens]
    assert shares(data(None, None, temperature=1 / 0.7), tokens) == pytest.approx([power / sum(powers) for power in powers])
    assert shares(data(None, None, temperature=1e6), tokens) == pytest.approx([0.5, 0.5], abs=1e-5)
    assert shares(data(None, None, temperature=1e-6), tokens) == [1.0, 0.0]
    assert shares(data(None, None, temperature=2), [9, 0]) == [1.0, 0.0]


@pytest.mark.parametrize("plain", [data(None, None), data(None, None, temperature=1), data(5, 1, temperature=1)])
def test_without_weights_or_at_temperature_one_text_is_read_as_there_is_of_it(plain: DataSchema) -> None:
    assert not is_mixed(plain)
    assert chosen_shares(plain) == {}
    assert shares(plain, [300, 100]) == pytest.approx([0.75, 0.25])


def test_a_temperature_stands_in_place_of_the_weights() -> None:
    assert shares(data(1, 9, temperature=2), [400, 100]) == pytest.approx([2 / 3, 1 / 3])
    assert chosen_shares(data(1, 9, temperature=2)) == chosen_shares(data(None, None, temperature=2))


# --- turns ---


@settings(max_examples=60, deadline=None)
@given(wanted=SHARES, start=st.integers(0, 2**55))
def test_at_any_place_of_a_run_each_source_has_its_share(wanted: list[float], start: int) -> None:
    turns, places = Turns(wanted), np.arange(start, start + 50)
    counts = turns.counts(places)
    assert counts.sum(axis=0).tolist() == places.tolist()
    for part, row in zip(turns.parts, counts.tolist(), strict=True):
        assert all(
            abs(count - place * part / 2**32) <= len(wanted) / 2 + start * 1e-15 for count, place in zip(row, places.tolist(), strict=True)
        )
    assert sum(turns.parts) == 2**32


@settings(max_examples=40, deadline=None)
@given(wanted=SHARES)
def test_each_turn_is_of_one_source_and_counts_on_from_its_last(wanted: list[float]) -> None:
    owners, ranks = Turns(wanted).at(np.arange(200))
    for owner in range(len(wanted)):
        assert ranks[owners == owner].tolist() == list(range(int((owners == owner).sum())))


def test_a_rare_source_has_its_turns_too() -> None:
    owners, _ = Turns([1 - 1e-4, 1e-4]).at(np.arange(30_000))
    assert owners.sum() == 3
    assert min(Turns([1.0, 0.0, 1e-12]).parts) == 1


# --- texts of one source ---


@settings(max_examples=60, deadline=None)
@given(documents=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=20), window=st.integers(1, 12))
def test_a_sources_text_is_its_documents_end_to_end(documents: list[tuple[int, int]], window: int) -> None:
    lengths, owners = map(list, zip(*documents, strict=True))
    owner_of = np.repeat(np.arange(len(lengths)), lengths)  # of each token its document
    for owner, text in enumerate(texts(lengths, owners)):
        mine = np.flatnonzero(np.repeat(owners, lengths) == owner)
        assert len(text) == len(mine)
        for start in range(len(mine) - window + 1):
            assert text.places(start, window).tolist() == mine[start : start + window].tolist()
            expected = list(dict.fromkeys(owner_of[mine[start : start + window]].tolist()))
            assert text.documents(start, window).tolist() == expected


def test_windows_are_of_one_source_and_an_epoch_of_it_shows_each_once() -> None:
    parts = texts([7, 30, 13, 60, 5], [0, 1, 0, 1, 0])
    windows = MixedWindows(["a", "b"], parts, Turns([0.75, 0.25]), context_tokens=4, seed=1)
    found = windows.at(np.arange(400))
    for owner, size in enumerate(windows.windows):
        starts = found[found[:, 0] == owner, 1]
        for epoch in range(len(starts) // size):
            assert len(set(starts[epoch * size : (epoch + 1) * size].tolist())) == size
        assert starts.max() + 4 + 1 <= len(parts[owner])
    assert (found[:, 0] == 0).sum() == 300
    assert found.tolist() != MixedWindows(["a", "b"], parts, Turns([0.75, 0.25]), 4, seed=2).at(np.arange(400)).tolist()


def test_a_source_too_short_for_a_window_is_named_with_what_to_type() -> None:
    with pytest.raises(DataError, match=r"(?s)source tiny has 7 tokens.*need 8.*data\.context_tokens=3 or less"):
        MixedWindows(["large", "tiny"], texts([50, 7], [0, 1]), Turns([0.5, 0.5]), context_tokens=4, seed=1)


# --- what is told of it ---


def test_what_is_told_of_a_run_is_what_it_reads() -> None:
    lengths, owners = [41, 21], [0, 1]  # 9 and 4 windows of 4 an epoch
    windows = MixedWindows(["a", "b"], texts(lengths, owners), Turns([0.5, 0.5]), context_tokens=4, seed=1)
    read = windows.at(np.arange(101))[:, 0]
    told = mix(data(2, 2), lengths, 101)
    assert [each.windows for each in told] == [int((read == 0).sum()), int((read == 1).sum())]
    assert [each.epochs for each in told] == pytest.approx([told[0].windows / 9, told[1].windows / 4])
    assert [(each.name, each.tokens, each.share) for each in told] == [("part0", 41, 0.5), ("part1", 21, 0.5)]


def test_unweighed_sources_are_repeated_alike() -> None:
    told = mix(data(None, None), [300, 100], 198)
    assert [each.epochs for each in told] == [2.0, 2.0]
    assert [each.share for each in told] == pytest.approx([0.75, 0.25])
