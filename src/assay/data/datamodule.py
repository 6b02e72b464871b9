"""Token files as training windows, for Lightning.

B sequences in a micro-batch, T context tokens.
"""

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from assay.data.order import keyed, permute
from assay.data.schema import DataSchema
from assay.data.tokens import Tokens
from assay.errors import DataError


class WindowBatches(Dataset[Tensor]):
    """Micro-batch i of a run: windows (B, T + 1) of the training split; the last token of one is the first target's context of none.

    Each epoch cuts the split into windows anew, from another offset, and takes each once, in another order.
    """

    def __init__(self, tokens: NDArray[Any], context_tokens: int, sequences: int, seed: int, microbatches: int) -> None:
        self.tokens = tokens
        self.context_tokens = context_tokens
        self.sequences = sequences
        self.seed = seed
        self.microbatches = microbatches
        # The offset may push the last window out, so an epoch has the windows that fit at any offset.
        self.windows = (len(tokens) - context_tokens) // context_tokens
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
        places = np.arange(self.sequences, dtype=np.int64) + microbatch * self.sequences
        starts = np.empty(self.sequences, dtype=np.int64)
        for epoch in np.unique(places // self.windows):
            mine = places // self.windows == epoch
            key = keyed(self.seed, "window order", int(epoch))
            order = permute((places[mine] % self.windows).astype(np.uint64), self.windows, key).astype(np.int64)
            starts[mine] = order * self.context_tokens + keyed(self.seed, "window offset", int(epoch)) % self.context_tokens
        return starts

    def __getitem__(self, microbatch: int) -> Tensor:
        reach = np.arange(self.context_tokens + 1)
        return torch.from_numpy(self.tokens[self.starts(microbatch)[:, None] + reach].astype(np.int64))


class TokenWindows(pl.LightningDataModule):
    """The prepared tokens of one corpus, from micro-batch `first` on."""

    def __init__(self, config: DataSchema, tokens: Tokens, sequences: int, seed: int, microbatches: int, first: int) -> None:
        super().__init__()
        self.config = config
        self.tokens = tokens
        self.first = first
        self.batches = WindowBatches(tokens.split("train").tokens, config.context_tokens, sequences, seed, microbatches)

    def train_dataloader(self) -> DataLoader[Tensor]:
        return DataLoader(self.batches, batch_size=None, sampler=range(self.first, len(self.batches)))
