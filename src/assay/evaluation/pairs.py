"""Loss and accuracy of target texts given their sources, over a split.

B rows of a batch, S source tokens, T target tokens, V vocabulary.
"""

import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from assay.data.order import keyed
from assay.model.language_model import EncoderDecoder

SEED = 0
"""Seed of the masked spans. It must not depend on a run's seed: scores of two runs are of the same task."""
ROWS_AT_ONCE = 256
"""Whose draws come from one generator: not those of a batch, or a score would depend on evaluation.sequences_per_batch."""
UNCOUNTED = -1
"""In place of a target token that is padding."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Texts, and what is to be written for each."""

    source: Tensor
    """(B, S)"""
    visible: Tensor
    """(B, S): what is not padding of the source"""
    target: Tensor
    """(B, T), UNCOUNTED where it is padding"""
    hidden: Tensor
    """(B, T): the tokens of the target that the source does not show"""

    def decoder_input(self, begin: int) -> Tensor:
        """(B, T): `begin`, then all of the target but its last."""
        return F.pad(self.target[:, :-1], (1, 0), value=begin).clamp(min=0)

    def rows(self, start: int, end: int, device: torch.device) -> "Pairs":
        return Pairs(*(getattr(self, each.name)[start:end].to(device) for each in fields(self)))

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True)
class PairScore:
    """`loss` in nats per target token, `hidden_nats` over those that the source does not show. No bits per byte: what is told of a text is not in it.

    `floor_loss`, by the name `floor`: of a model that is told where the hidden tokens are, writes all others without fail, and guesses these
    by how often each occurs in the training split. To lie below it takes more than copying, since where a span ends is to be found too.
    """

    loss: float
    accuracy: float
    hidden_nats: float
    hidden_accuracy: float
    floor: str
    floor_loss: float
    tokens: int
    hidden_tokens: int

    def metrics(self, split: str) -> dict[str, float]:
        named = {name: getattr(self, name) for name in ("loss", "accuracy", "hidden_nats", "hidden_accuracy")}
        perplexity = math.exp(min(self.loss, 700.0))  # e^710 is no float64
        return {
            f"{split}/{name}": value for name, value in {**named, "perplexity": perplexity, f"{self.floor}_loss": self.floor_loss}.items()
        }

    def sizes(self) -> dict[str, Any]:
        return {"target_tokens": self.tokens, "hidden_tokens": self.hidden_tokens, "floor": self.floor}

    def said(self, split: str) -> str:
        return (
            f"{split}/loss {self.loss:.4f} nats per target token (by {self.floor} {self.floor_loss:.4f})  {split}/accuracy {self.accuracy:.4f}"
            f"  {split}/hidden_nats {self.hidden_nats:.4f}  {split}/hidden_accuracy {self.hidden_accuracy:.4f}"
        )


def rows_of(tokens: NDArray[Any], width: int, purpose: str) -> Iterable[tuple[Tensor, torch.Generator]]:
    """The split as texts (B, width) in its order, what is left as one (1, less), each with a generator for what is drawn for it."""
    for number, start in enumerate(range(0, len(tokens), width * ROWS_AT_ONCE)):
        part = tokens[start : start + width * ROWS_AT_ONCE].astype(np.int64)
        whole = len(part) // width * width
        for rows in (part[:whole].reshape(-1, width), part[None, whole:]):
            if rows.size:
                yield torch.from_numpy(rows), torch.Generator().manual_seed(keyed(SEED, purpose, number, rows.shape[1]) >> 1)


def score_pairs(
    model: EncoderDecoder,
    pairs: Iterable[Pairs],
    begin: int,
    sequences_per_batch: int,
    floor: str,
    unigram_nats: NDArray[np.float64],
    autocast: Callable[[], AbstractContextManager[Any]],
) -> PairScore:
    """Score all pairs. `unigram_nats` (V,) by token, for the baseline."""
    device = next(model.parameters()).device
    nats_of = torch.from_numpy(unigram_nats)
    sums = torch.zeros(7, dtype=torch.float64)
    was_training = model.training
    model.eval()
    with torch.inference_mode(), autocast():
        for each in pairs:
            for start in range(0, len(each), sequences_per_batch):
                batch = each.rows(start, start + sequences_per_batch, device)
                logits = model.decode(batch.decoder_input(begin), model.encode(batch.source, batch.visible), batch.visible).float()
                sums += _sums(logits, batch, nats_of)
    model.train(was_training)
    nats, right, count, hidden_nats, hidden_right, hidden, floor_nats = sums.tolist()
    few = max(hidden, 1.0)
    return PairScore(nats / count, right / count, hidden_nats / few, hidden_right / few, floor, floor_nats / count, int(count), int(hidden))


def _sums(logits: Tensor, batch: Pairs, nats_of: Tensor) -> Tensor:
    counted = batch.target != UNCOUNTED
    nats = F.cross_entropy(logits.flatten(0, 1), batch.target.flatten(), ignore_index=UNCOUNTED, reduction="none").double()
    nats = nats.view(batch.target.shape).cpu()
    right = (logits.argmax(dim=2) == batch.target).cpu()
    counted, hidden, target = counted.cpu(), batch.hidden.cpu(), batch.target.cpu()
    parts = (nats, right, counted, nats * hidden, right & hidden, hidden)
    return torch.stack([*(part.sum().double() for part in parts), nats_of[target[hidden]].sum()])
