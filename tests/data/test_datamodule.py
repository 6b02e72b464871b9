"""Training windows."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.datamodule import TokenWindows, WindowBatches
from assay.data.schema import DataSchema
from assay.errors import DataError

CONTEXT = 5


def batches(tokens: int = 103, sequences: int = 4, seed: int = 1, microbatches: int = 1000) -> WindowBatches:
    return WindowBatches(np.arange(tokens, dtype=np.uint16), CONTEXT, sequences, seed, microbatches)


def test_a_window_is_context_and_one_more_token_in_the_order_of_the_text() -> None:
    batch = batches()[0]
    assert batch.shape == (4, CONTEXT + 1)
    assert batch.dtype == torch.int64
    assert (batch.diff(dim=1) == 1).all()


@settings(max_examples=25, deadline=None)
@given(tokens=st.integers(10, 200), sequences=st.integers(1, 7), seed=st.integers(0, 50))
def test_an_epoch_shows_each_window_once_and_overlaps_none(tokens: int, sequences: int, seed: int) -> None:
    data = batches(tokens, sequences, seed)
    starts = np.concatenate([data.starts(i) for i in range(-(-data.windows // sequences))])[: data.windows]
    assert len(set(starts.tolist())) == data.windows
    assert (np.diff(np.sort(starts)) == CONTEXT).all()
    assert starts.min() >= 0
    assert starts.max() + CONTEXT + 1 <= tokens


def test_the_next_epoch_is_cut_elsewhere_and_ordered_anew() -> None:
    data = batches(sequences=1)
    first, second = ([int(data.starts(e * data.windows + i)[0]) for i in range(data.windows)] for e in (0, 1))
    assert sorted(first) != sorted(second) or first != second
    assert {s % CONTEXT for s in first} != {s % CONTEXT for s in second}


def test_seeds_give_other_orders_and_the_same_seed_the_same() -> None:
    assert batches(seed=1).starts(3).tolist() == batches(seed=1).starts(3).tolist()
    assert batches(seed=1).starts(3).tolist() != batches(seed=2).starts(3).tolist()


def test_micro_batches_of_another_size_see_the_same_sequence_of_windows() -> None:
    """So that splitting a step into more micro-batches changes rounding only, never the data."""
    small, large = batches(sequences=2), batches(sequences=6)
    assert np.concatenate([small.starts(i) for i in range(3)]).tolist() == large.starts(0).tolist()


@pytest.mark.fault("D11", inject="a split shorter than one sequence")
def test_a_split_too_short_for_two_windows_is_refused_with_what_to_type() -> None:
    with pytest.raises(DataError, match=r"(?s)9 tokens.*data\.context_tokens=4 or less"):
        batches(tokens=9)


@pytest.mark.parametrize("first", [0, 3, 30, 31])
def test_a_run_that_goes_on_is_given_the_micro_batches_from_there_on(first: int) -> None:
    """31 of 4 windows, 20 an epoch: the data of an unbroken run, less what was done, over every edge of an epoch."""
    text = np.arange(103, dtype=np.uint16)
    tokens = SimpleNamespace(split={"train": SimpleNamespace(tokens=text)}.get)
    config = DataSchema(language="en", licence="none", sources=[], context_tokens=CONTEXT)
    data = TokenWindows(config, tokens, sequences=4, seed=1, microbatches=31, first=first)  # type: ignore[arg-type]
    given = list(data.train_dataloader())
    assert len(given) == 31 - first
    assert all(torch.equal(batch, batches(microbatches=31)[first + i]) for i, batch in enumerate(given))


def test_a_budget_without_an_end_has_micro_batches_enough() -> None:
    tokens = SimpleNamespace(split=lambda name: SimpleNamespace(tokens=np.arange(103, dtype=np.uint16)))
    config = DataSchema(language="en", licence="none", sources=[], context_tokens=CONTEXT)
    data = TokenWindows(config, tokens, sequences=4, seed=1, microbatches=2**40, first=7)  # type: ignore[arg-type]
    assert torch.equal(next(iter(data.train_dataloader())), batches()[7])


def test_worker_processes_give_the_same_micro_batches_in_the_same_order() -> None:
    tokens = SimpleNamespace(split=lambda name: SimpleNamespace(tokens=np.arange(103, dtype=np.uint16)))
    config = DataSchema(language="en", licence="none", sources=[], context_tokens=CONTEXT)
    data = TokenWindows(config, tokens, sequences=4, seed=1, microbatches=31, first=3, workers=2)  # type: ignore[arg-type]
    given = list(data.train_dataloader())
    assert len(given) == 28
    assert all(torch.equal(batch, batches(microbatches=31)[3 + i]) for i, batch in enumerate(given))
