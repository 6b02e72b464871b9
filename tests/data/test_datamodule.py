"""Training windows."""

import multiprocessing
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data import datamodule as module
from assay.data.datamodule import TokenWindows, Watched, WindowBatches
from assay.data.schema import DataSchema, SourceSchema
from assay.errors import DataError, MachineError

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


class Reset:
    """A loader of one batch whose worker has closed its sockets and ends half a second later, as a killed process does."""

    def __init__(self) -> None:
        self._workers = [multiprocessing.get_context("fork").Process(target=time.sleep, args=(0.5,), daemon=True)]
        self._workers[0].start()

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> "Reset":
        return self

    def __next__(self) -> torch.Tensor:
        raise ConnectionResetError


def test_a_connection_reset_before_its_worker_ends_is_a_lost_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENDING_SECONDS", 60.0)  # the machine may be busy
    with pytest.raises(MachineError, match=r"lost a loader worker: process \d+ is gone"):
        next(iter(Watched(Reset())))  # type: ignore[arg-type]


# --- sources by weight ---


class TwoSources:
    """Seven documents: of source 0 the tokens below 1,000, of source 1 those from there on."""

    source_names = ("small", "large")

    def __init__(self) -> None:
        lengths, owners = [20, 90, 11, 60, 9, 40, 30], [0, 1, 0, 1, 0, 1, 1]
        counts = [0, 1000]
        parts = []
        for length, owner in zip(lengths, owners, strict=True):
            parts.append(np.arange(counts[owner], counts[owner] + length, dtype=np.uint16))
            counts[owner] += length
        self._owners = np.array(owners)
        self._train = SimpleNamespace(tokens=np.concatenate(parts), ends=np.cumsum(lengths).astype(np.uint64))

    def split(self, name: str) -> SimpleNamespace:
        return self._train

    def owners(self, name: str) -> np.ndarray:  # type: ignore[type-arg]
        return self._owners

    def ids(self, name: str) -> list[str]:
        return list("abcdefg")


def mixed(sequences: int = 4, first: int = 0, workers: int = 0, seed: int = 1, **fields: float) -> TokenWindows:
    weights = (None, None) if "temperature" in fields else (3, 1)
    sources = [SourceSchema(folder=str(place), weight=weight) for place, weight in enumerate(weights)]
    config = DataSchema(language="en", licence="none", sources=sources, context_tokens=CONTEXT, **fields)  # type: ignore[arg-type]
    microbatches = 120 // sequences
    return TokenWindows(config, TwoSources(), sequences=sequences, seed=seed, microbatches=microbatches, first=first, workers=workers)  # type: ignore[arg-type]


def test_by_weight_each_window_is_running_text_of_one_source_in_the_given_ratio() -> None:
    windows = torch.cat(list(mixed().train_dataloader()))
    assert windows.shape == (120, CONTEXT + 1)
    assert (windows.diff(dim=1) == 1).all()
    assert int((windows[:, 0] < 1000).sum()) == 90


@pytest.mark.parametrize("first", [0, 7, 29])
def test_by_weight_a_run_that_goes_on_and_one_with_workers_read_what_an_unbroken_one_does(first: int) -> None:
    whole = list(mixed().train_dataloader())
    for workers in (0, 2) if first == 7 else (0,):
        given = list(mixed(first=first, workers=workers).train_dataloader())
        assert len(given) == 30 - first
        assert all(torch.equal(batch, expected) for batch, expected in zip(given, whole[first:], strict=True))


def test_by_weight_micro_batches_of_another_size_see_the_same_sequence_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many places are computed at once."""
    monkeypatch.setattr(module, "STARTS_AHEAD", 14)
    sizes = [torch.cat(list(mixed(sequences).train_dataloader())) for sequences in (2, 6)]
    assert torch.equal(*sizes)
    monkeypatch.undo()
    assert torch.equal(sizes[0], torch.cat(list(mixed().train_dataloader())))
    assert not torch.equal(sizes[0], torch.cat(list(mixed(seed=2).train_dataloader())))


def test_at_temperature_one_the_windows_are_those_of_a_corpus_without_weights() -> None:
    plain = WindowBatches(TwoSources().split("train").tokens, CONTEXT, 4, 1, 30)
    assert all(torch.equal(batch, plain[i]) for i, batch in enumerate(mixed(temperature=1.0).train_dataloader()))


def test_the_documents_of_a_micro_batch_are_those_that_its_windows_reach_into() -> None:
    for data in (mixed(), mixed(temperature=1.0)):
        tokens = TwoSources()
        for number in range(30):
            read = np.isin(tokens.split("train").tokens, data.batches[number].unique().numpy())
            owners = np.searchsorted(tokens.split("train").ends, np.flatnonzero(read), side="right")
            assert set(data.documents(number)) == {"abcdefg"[owner] for owner in owners}
