"""Loss and accuracy of masked tokens over a split.

B rows of a batch, T context tokens, V vocabulary.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from assay.data.order import keyed, permute
from assay.evaluation.split import SplitText
from assay.model.language_model import EncoderOnly

SEED = 0
"""Which tokens are hidden together must not depend on a run's seed: scores of two runs are of the same task."""


@dataclass(frozen=True)
class HiddenScore:
    """`loss` in nats per token: each token of the split but document ends was hidden once, with one in `rounds` of the tokens around it.

    Document ends are shown and never predicted, as in training. `unigram_loss`: of guessing by how often each token occurs in the training
    split, the floor of this task. `tokens`: how many were predicted. No bits per byte: what is
    told from both sides is no code for the text, and does not compare with a language model's.
    """

    loss: float
    accuracy: float
    unigram_loss: float
    tokens: int
    rounds: int

    def metrics(self, split: str) -> dict[str, float]:
        perplexity = math.exp(min(self.loss, 700.0))  # e^710 is no float64
        named = {"loss": self.loss, "perplexity": perplexity, "accuracy": self.accuracy, "unigram_loss": self.unigram_loss}
        return {f"{split}/{name}": value for name, value in named.items()}

    def sizes(self) -> dict[str, Any]:
        return {"tokens": self.tokens, "hidden_in_rounds": self.rounds}

    def said(self, split: str) -> str:
        return f"{split}/loss {self.loss:.4f} nats per masked token (by frequency alone {self.unigram_loss:.4f})  {split}/accuracy {self.accuracy:.4f}"


def unigram_nats(tokens: NDArray[Any], vocab_size: int, never: int | None = None) -> NDArray[np.float64]:
    """-ln of each token's share of `tokens`, each counted once more than it occurs: (V,). The token `never` is left out, and has infinity."""
    counts = np.ones(vocab_size)
    for start in range(0, len(tokens), 2**24):  # of a map, without all of it in memory
        counts += np.bincount(tokens[start : start + 2**24], minlength=vocab_size)
    if never is not None:
        counts[never] = 0
    with np.errstate(divide="ignore"):
        nats: NDArray[np.float64] = -np.log(counts / counts.sum())
    return nats


def score_hidden(
    model: EncoderOnly,
    split: SplitText,
    mask: int,
    end_of_document: int,
    rounds: int,
    floor_nats: NDArray[np.float64],
    autocast: Callable[[], AbstractContextManager[Any]],
) -> HiddenScore:
    """Hide each token but document ends once: in round r those whose place in a keyed order leaves the rest r.

    Rows of T tokens, in the split's order.
    """
    turns = _turns(split.tokens, end_of_document, rounds)
    nats, right = 0.0, 0
    was_training = model.training
    model.eval()
    with torch.inference_mode(), autocast():
        for start in range(0, len(split.tokens), split.context_tokens * split.sequences_per_batch):
            end = min(start + split.context_tokens * split.sequences_per_batch, len(split.tokens))
            for rows, row_turns in _rows(split.tokens[start:end], turns[start:end], split.context_tokens):
                found = [_round(model, rows, row_turns == number, mask) for number in range(rounds)]
                nats, right = nats + sum(each[0] for each in found), right + sum(each[1] for each in found)
    model.train(was_training)
    count = int(np.count_nonzero(turns >= 0))
    parts = (slice(at, at + 2**24) for at in range(0, len(turns), 2**24))
    floor = sum(float(floor_nats[split.tokens[part][turns[part] >= 0]].sum()) for part in parts)
    return HiddenScore(nats / max(count, 1), right / max(count, 1), floor / max(count, 1), count, rounds)


def _turns(tokens: NDArray[Any], end_of_document: int, rounds: int) -> NDArray[np.int64]:
    """The round in which each of the tokens (N,) is hidden; -1 for a document's end, which never is."""
    places = permute(np.arange(len(tokens), dtype=np.uint64), len(tokens), keyed(SEED, "hidden tokens"))
    turns: NDArray[np.int64] = (places % np.uint64(rounds)).astype(np.int64)
    return np.where(tokens == end_of_document, -1, turns)


def _rows(tokens: NDArray[Any], turns: NDArray[np.int64], context_tokens: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """(B, T) of whole rows, and (1, less) of what is left."""
    whole = len(tokens) // context_tokens * context_tokens
    parts = [(slice(0, whole), context_tokens), (slice(whole, len(tokens)), max(1, len(tokens) - whole))]
    return [
        (torch.from_numpy(tokens[part].astype(np.int64)).view(-1, width), torch.from_numpy(turns[part]).view(-1, width))
        for part, width in parts
        if len(tokens[part])
    ]


def _round(model: EncoderOnly, tokens: torch.Tensor, hidden: torch.Tensor, mask: int) -> tuple[float, int]:
    """(nats, right) of the tokens (B, T) that are hidden together."""
    device = next(model.parameters()).device
    tokens, hidden = tokens.to(device), hidden.to(device)
    if not hidden.any():
        return 0.0, 0
    logits = model.logits(model.hidden(torch.where(hidden, mask, tokens))[hidden]).float()
    targets = tokens[hidden]
    nats = F.cross_entropy(logits, targets, reduction="none").double().sum()
    return float(nats), int((logits.argmax(dim=1) == targets).sum())


def guesses(
    model: EncoderOnly, tokens: NDArray[Any], mask: int, end_of_document: int, rounds: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which of the tokens (T,) are hidden first, and the likeliest for each place."""
    hidden = _turns(tokens, end_of_document, rounds) == 0
    shown = torch.from_numpy(np.where(hidden, mask, tokens.astype(np.int64))).unsqueeze(0).to(next(model.parameters()).device)
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        found: NDArray[np.int64] = model(shown)[0].argmax(dim=1).cpu().numpy()
    model.train(was_training)
    return hidden, found
