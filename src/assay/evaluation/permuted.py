"""Loss and accuracy of tokens predicted in a drawn order, over a split.

B rows of a batch, T context tokens, M tokens that are predicted together, V vocabulary.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from assay.data.order import keyed, permute
from assay.evaluation.split import SplitText
from assay.model.xlnet import XLNet

SEED = 0
"""The orders must not depend on a run's seed: scores of two runs are of the same task."""


@dataclass(frozen=True)
class PermutedScore:
    """`loss` in nats per token. Each row of T tokens has one keyed order, cut into `parts`; each token is predicted once: from all tokens of
    the row's other parts, and from those of its own part that come before it in the order.

    `bigram_loss`: of the same tokens, each from the token before it in the text, by interpolated Kneser-Ney bigrams of the training split.
    A floor, not an equal: the model sees most of a row, on both sides. No bits per byte, for the same reason.
    """

    loss: float
    accuracy: float
    bigram_loss: float
    tokens: int
    parts: int

    def metrics(self, split: str) -> dict[str, float]:
        perplexity = math.exp(min(self.loss, 700.0))  # e^710 is no float64
        named = {"loss": self.loss, "perplexity": perplexity, "accuracy": self.accuracy, "bigram_loss": self.bigram_loss}
        return {f"{split}/{name}": value for name, value in named.items()}

    def sizes(self) -> dict[str, Any]:
        return {"tokens": self.tokens, "predicted_in_parts": self.parts}

    def said(self, split: str) -> str:
        return f"{split}/loss {self.loss:.4f} nats per token in a drawn order (bigrams {self.bigram_loss:.4f})  {split}/accuracy {self.accuracy:.4f}"


def score_permuted(
    model: XLNet, split: SplitText, parts: int, floor: float, autocast: Callable[[], AbstractContextManager[Any]]
) -> PermutedScore:
    """Rows of T tokens in the split's order, the last may be shorter. `floor`: the bigrams' loss."""
    numbers = permute(np.arange(len(split.tokens), dtype=np.uint64), len(split.tokens), keyed(SEED, "order of a row"))
    device, batch = model.embedding.weight.device, split.context_tokens * split.sequences_per_batch
    nats, right = 0.0, 0
    was_training = model.training
    model.eval()
    with torch.inference_mode(), autocast():
        for start in range(0, len(split.tokens), batch):
            part = slice(start, min(start + batch, len(split.tokens)))
            for rows, row_numbers in zip(*(_rows(each[part], split.context_tokens) for each in (split.tokens, numbers)), strict=True):
                places = row_numbers.argsort(dim=1)
                for chosen in in_parts(places, parts):
                    found = _predicted(model, rows.to(device), chosen.to(device))
                    nats, right = nats + found[0], right + found[1]
    model.train(was_training)
    count = len(split.tokens)
    return PermutedScore(nats / count, right / count, floor, count, parts)


def _rows(values: NDArray[Any], context_tokens: int) -> list[Tensor]:
    """(B, T) of whole rows, and (1, less) of what is left."""
    whole = len(values) // context_tokens * context_tokens
    parts = [(values[:whole], context_tokens), (values[whole:], len(values) - whole)]
    return [torch.from_numpy(part.astype(np.int64)).view(-1, width) for part, width in parts if len(part)]


def in_parts(places: Tensor, parts: int) -> list[Tensor]:
    """places (B, T) in their order -> what is predicted together: at most `parts` of nearly the same size (B, M), each in that order."""
    edges = [round(places.shape[1] * number / parts) for number in range(parts + 1)]
    return [places[:, start:end] for start, end in pairwise(edges) if start < end]


def order_of(places: Tensor, tokens: int) -> Tensor:
    """places (B, M), in the order in which they are predicted -> (B, T): 1 .. M there, and 0 at all other places, which see each other."""
    numbers = torch.arange(1, places.shape[1] + 1, device=places.device).expand_as(places)
    return torch.zeros(len(places), tokens, dtype=torch.int64, device=places.device).scatter(1, places, numbers)


def _predicted(model: XLNet, tokens: Tensor, places: Tensor) -> tuple[float, int]:
    """(nats, right) of the tokens (B, T) at `places` (B, M)."""
    logits = model.logits(model.queries(tokens, order_of(places, tokens.shape[1]), places)).float()
    targets = tokens.gather(1, places)
    nats = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").double().sum()
    return float(nats), int((logits.argmax(dim=2) == targets).sum())


def guesses(model: XLNet, tokens: NDArray[Any], parts: int, allowed: int) -> dict[int, int]:
    """Fill in the places of one part of the order of tokens (T,), one after another: each sees the guesses before it, not the tokens.

    Place -> the likeliest of the first `allowed` ids.
    """
    numbers = permute(np.arange(len(tokens), dtype=np.uint64), len(tokens), keyed(SEED, "order of a row"))
    places = in_parts(torch.from_numpy(numbers.astype(np.int64)).argsort()[None], parts)[0].to(model.embedding.weight.device)
    row = torch.from_numpy(tokens.astype(np.int64))[None].to(places.device)
    order, found = order_of(places, len(tokens)), dict[int, int]()
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        for place in places.unbind(dim=1):
            logits = model.logits(model.queries(row, order, place[:, None]))[0, 0, :allowed]
            found[int(place)] = int(logits.argmax())
            row[0, place] = found[int(place)]
    model.train(was_training)
    return found
