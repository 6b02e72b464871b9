"""Token files as training windows, for Lightning.

B sequences in a micro-batch, T context tokens.
"""

import ctypes
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

import numpy as np
import psutil
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from assay.data.mixing import MixedWindows, SourceText, Turns, is_mixed, shares
from assay.data.order import window_starts, windows_in
from assay.data.schema import DataSchema
from assay.data.tokens import Tokens
from assay.errors import DataError, MachineError

WORKER_SECONDS = 60.0  # a worker that gives nothing for so long hangs
ENDING_SECONDS = 5.0  # between the closing of a killed worker's sockets and its end
STARTS_AHEAD = 4096  # windows whose places are computed at once
PR_SET_PDEATHSIG = 1  # linux/prctl.h
GO_ON = (
    "The last checkpoint is whole; the same command goes on.\n"
    "  If it happens again: trainer.loader_workers=0   (the same windows, cut by the main process)"
)


class WindowBatches(Dataset[Tensor]):
    """Micro-batch i of a run: windows (B, T + 1) of the training split; the last token of one is the first target's context of none.

    Each epoch cuts the split into windows anew, from another offset, and takes each once, in another order.
    """

    def __init__(self, tokens: NDArray[Any], context_tokens: int, sequences: int, seed: int, microbatches: int) -> None:
        self.tokens = np.asarray(tokens)  # a view of the map: slicing a np.memmap costs five times as much
        self.context_tokens = context_tokens
        self.sequences = sequences
        self.seed = seed
        self.microbatches = microbatches
        self._block = max(1, STARTS_AHEAD // sequences)
        self._ahead: tuple[int, NDArray[np.int64]] | None = None
        self.windows = windows_in(len(tokens), context_tokens)
        if self.windows < 1:
            raise DataError(
                f"the training split has {len(tokens)} tokens; windows of data.context_tokens={context_tokens} need {2 * context_tokens}.\n"
                f"  Type: data.context_tokens={max(2, len(tokens) // 2)} or less, or add text."
            )

    def __len__(self) -> int:
        return self.microbatches

    def starts(self, microbatch: int) -> NDArray[np.int64]:
        """Where each window of a micro-batch begins in the split's tokens: (B,)"""
        if not 0 <= microbatch < self.microbatches:
            raise IndexError(microbatch)
        block, place = divmod(microbatch, self._block)
        if self._ahead is None or self._ahead[0] != block:
            self._ahead = block, self._starts(block * self._block, self._block)
        starts: NDArray[np.int64] = self._ahead[1][place]
        return starts

    def _starts(self, first: int, microbatches: int) -> NDArray[np.int64]:
        """(microbatches, B): those of several at once, since a permutation costs much the same for one place as for hundreds."""
        places = np.arange(microbatches * self.sequences, dtype=np.int64) + first * self.sequences
        return window_starts(places, self.windows, self.context_tokens, self.seed).reshape(microbatches, self.sequences)

    def documents(self, microbatch: int, ends: NDArray[np.uint64]) -> list[int]:
        """The numbers of the documents that its windows reach into, window by window; `ends` of the split's documents."""
        reach = [ends.searchsorted([start, start + self.context_tokens], side="right").tolist() for start in self.starts(microbatch)]
        return [number for first, last in reach for number in range(first, last + 1)]

    def __getitem__(self, microbatch: int) -> Tensor:
        windows = np.empty((self.sequences, self.context_tokens + 1), dtype=np.int64)
        for row, start in zip(windows, self.starts(microbatch).tolist(), strict=True):
            row[:] = self.tokens[start : start + self.context_tokens + 1]
        return torch.from_numpy(windows)


class MixedBatches(Dataset[Tensor]):
    """Micro-batch i of a run that reads its sources by weight: windows (B, T + 1), each of the text of one source."""

    def __init__(self, tokens: NDArray[Any], windows: MixedWindows, sequences: int, microbatches: int) -> None:
        self.tokens = np.asarray(tokens)
        self.windows = windows
        self.sequences = sequences
        self.microbatches = microbatches
        self._block = max(1, STARTS_AHEAD // sequences)
        self._ahead: tuple[int, NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return self.microbatches

    def chosen(self, microbatch: int) -> list[tuple[int, int]]:
        """The source of each window and where it begins in that source's text."""
        if not 0 <= microbatch < self.microbatches:
            raise IndexError(microbatch)
        block, place = divmod(microbatch, self._block)
        if self._ahead is None or self._ahead[0] != block:
            count = self._block * self.sequences
            self._ahead = block, self.windows.at(np.arange(count, dtype=np.int64) + block * count)
        chosen: list[tuple[int, int]] = self._ahead[1][place * self.sequences : (place + 1) * self.sequences].tolist()
        return chosen

    def __getitem__(self, microbatch: int) -> Tensor:
        count = self.windows.context_tokens + 1
        windows = np.empty((self.sequences, count), dtype=np.int64)
        for row, (source, start) in zip(windows, self.chosen(microbatch), strict=True):
            row[:] = self.tokens[self.windows.texts[source].places(start, count)]
        return torch.from_numpy(windows)

    def documents(self, microbatch: int, ends: NDArray[np.uint64]) -> list[int]:
        """The same as WindowBatches.documents; a source's text knows its own ends."""
        count = self.windows.context_tokens + 1
        texts = self.windows.texts
        return [number for source, start in self.chosen(microbatch) for number in texts[source].documents(start, count).tolist()]


class TokenWindows(pl.LightningDataModule):
    """The prepared tokens of one corpus, from micro-batch `first` on, in the same order for any number of worker processes.

    Its windows are cut across all text, or, where the config weighs its sources, from one source each.
    """

    def __init__(
        self, config: DataSchema, tokens: Tokens, sequences: int, seed: int, microbatches: int, first: int, workers: int = 0
    ) -> None:
        super().__init__()
        self.config = config
        self.tokens = tokens
        self.first = first
        self.workers = workers
        self.batches = self._batches(sequences, seed, microbatches)

    def _batches(self, sequences: int, seed: int, microbatches: int) -> WindowBatches | MixedBatches:
        part = self.tokens.split("train")
        if not is_mixed(self.config):
            return WindowBatches(part.tokens, self.config.context_tokens, sequences, seed, microbatches)
        owners = self.tokens.owners("train")
        texts = [SourceText(part.ends, np.flatnonzero(owners == number)) for number in range(len(self.tokens.source_names))]
        turns = Turns(shares(self.config, [len(text) for text in texts]))
        windows = MixedWindows(self.tokens.source_names, texts, turns, self.config.context_tokens, seed)
        return MixedBatches(part.tokens, windows, sequences, microbatches)

    def documents(self, microbatch: int) -> list[str]:
        """The ids of the documents that a micro-batch reads."""
        names = self.tokens.ids("train")
        return [names[number] for number in self.batches.documents(microbatch, self.tokens.split("train").ends)]

    def train_dataloader(self) -> "DataLoader[Tensor] | Watched":
        left = range(self.first, len(self.batches))
        if not self.workers:
            return DataLoader(self.batches, batch_size=None, sampler=left)
        return Watched(DataLoader(self.batches, batch_size=None, sampler=left, num_workers=self.workers, worker_init_fn=begin_worker))


def begin_worker(number: int) -> None:
    """A worker leaves stopping to the process it works for, and ends with it: it holds that one's locks."""
    for stop in (signal.SIGHUP, signal.SIGINT):
        signal.signal(stop, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Watched:
    """A loader whose workers are killed when they give nothing for WORKER_SECONDS.

    Torch's own `timeout` waits for a message; a worker that stops after it sent one, with the tensor still to be fetched, holds it for ever.
    """

    def __init__(self, loader: DataLoader[Tensor]) -> None:
        self.loader = loader

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Tensor]:
        batches: Any = iter(self.loader)
        for _ in range(len(self)):
            states: list[str] = []
            limit = threading.Timer(WORKER_SECONDS, _kill, [batches._workers, states])
            limit.daemon = True
            limit.start()
            try:
                batch = next(batches)
            except (RuntimeError, EOFError, OSError):
                if states:
                    _wait_for_the_end(batches._workers)
                lost = states or _gone(batches._workers)
                if not lost:
                    raise
                raise MachineError(f"lost a loader worker: {', '.join(lost)}. {GO_ON}") from None
            finally:
                limit.cancel()
            yield batch


def _gone(workers: list[Any]) -> list[str]:
    """Say which workers have ended, waiting up to ENDING_SECONDS for the first.

    The system closes the files of a killed process, its sockets and the sentinel among them, before the process can be waited for: a reset
    connection is seen while the worker still counts as alive. Torch's handler of SIGCHLD raises RuntimeError here when the worker ends.
    """
    ended: list[Any] = []
    with suppress(RuntimeError):
        ended = wait([worker.sentinel for worker in workers], timeout=ENDING_SECONDS)
    for worker in workers:
        if worker.sentinel in ended:
            with suppress(RuntimeError):
                worker.join(ENDING_SECONDS)
    return [f"process {worker.pid} is gone" for worker in workers if not worker.is_alive()]


def _wait_for_the_end(workers: list[Any]) -> None:
    """Wait for all that were killed: torch raises once more for each that dies, wherever this process is by then."""
    for worker in workers:
        while worker.is_alive():
            with suppress(RuntimeError):
                worker.join()


def _kill(workers: list[Any], states: list[str]) -> None:
    states += [f"process {worker.pid} gave nothing for {WORKER_SECONDS:g} s ({psutil.Process(worker.pid).status()})" for worker in workers]
    for worker in workers:
        worker.kill()
