"""Loss, perplexity, bits per byte and accuracy of a language model over the whole of a split.

B rows of a batch, T context tokens, V vocabulary.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from assay.evaluation.split import SplitSources
from assay.tokenizer.lost import NOTHING_LOST, Lost


@dataclass(frozen=True)
class SourceScore:
    """`loss` over all tokens of a source's documents, `bits_per_byte` over their text, as in SplitScore."""

    loss: float
    bits_per_byte: float | None
    tokens: int
    utf8_bytes: int
    lost: Lost = NOTHING_LOST


@dataclass(frozen=True)
class SplitScore:
    """`loss`, `perplexity` and `accuracy` are over all tokens, document ends included; `bits_per_byte` is over the text's tokens only,
    since its denominator is the text's bytes. So it compares across tokenizers, and the others do not.

    `bits_per_byte` is None where the tokens do not give every document back (`lost`): their loss is then no code length of the text, and
    the more is lost, the lower it gets.
    """

    loss: float
    perplexity: float
    bits_per_byte: float | None
    accuracy: float
    tokens: int
    document_end_tokens: int
    utf8_bytes: int
    by_source: dict[str, SourceScore] = field(default_factory=dict)
    """Scores of the sources with text in the split, of a corpus of several."""
    lost: Lost = NOTHING_LOST

    def metrics(self, split: str) -> dict[str, float]:
        found = {f"{split}/{name}": getattr(self, name) for name in ("loss", "perplexity", "bits_per_byte", "accuracy")}
        for source, score in self.by_source.items():
            found |= {f"{split}/{source}/{name}": getattr(score, name) for name in ("loss", "bits_per_byte")}
        return {name: value for name, value in found.items() if value is not None}

    def sizes(self) -> dict[str, Any]:
        sizes = {name: getattr(self, name) for name in ("tokens", "document_end_tokens", "utf8_bytes")}
        by_source = {
            name: {"tokens": each.tokens, "utf8_bytes": each.utf8_bytes, **each.lost.facts()} for name, each in self.by_source.items()
        }
        return {**sizes, **self.lost.facts(), **({"by_source": by_source} if by_source else {})}

    def said(self, split: str) -> str:
        bits = "" if self.bits_per_byte is None else f"  {split}/bits_per_byte {self.bits_per_byte:.4f}"
        return (
            f"{split}/loss {self.loss:.4f} nats per token  {split}/perplexity {self.perplexity:.6g}{bits}"
            f"  {split}/accuracy {self.accuracy:.4f}"
            + "".join(f"  {split}/{name}/loss {each.loss:.4f}" for name, each in self.by_source.items())
        )


def score_split(
    model: nn.Module,
    tokens: NDArray[Any],
    end_of_document: int,
    utf8_bytes: int,
    *,
    context_tokens: int,
    sequences_per_batch: int,
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
    sources: SplitSources | None = None,
    lost: Lost = NOTHING_LOST,
) -> SplitScore:
    """Predict every token of the split once: rows of T tokens in order, each row's first token from the token before it alone
    (the split's first from a document end)."""
    shared = _Shared(sources) if sources else None
    device = next((t.device for t in [*model.parameters(), *model.buffers()]), torch.device("cpu"))
    text_nats, end_nats, right = 0.0, 0.0, 0
    was_training = model.training
    model.eval()
    with torch.inference_mode(), autocast():
        for start in range(0, len(tokens), context_tokens * sequences_per_batch):
            inputs, targets = _rows(tokens, start, context_tokens, sequences_per_batch, end_of_document)
            targets = targets.to(device)
            logits = model(inputs.to(device)).float()
            nats = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none").double()
            is_end = targets.flatten() == end_of_document
            end_nats += float(nats[is_end].sum())
            text_nats += float(nats[~is_end].sum())
            right += int((logits.argmax(dim=2) == targets).sum())
            if shared:
                shared.add(start, nats.cpu().numpy(), is_end.cpu().numpy(), len(tokens))
    model.train(was_training)
    ends = int(np.count_nonzero(tokens == end_of_document))
    loss = (text_nats + end_nats) / len(tokens)
    return SplitScore(
        loss=loss,
        perplexity=math.exp(min(loss, 700.0)),  # e^710 is no float64
        bits_per_byte=_bits_per_byte(text_nats, utf8_bytes, lost),
        accuracy=right / len(tokens),
        tokens=len(tokens),
        document_end_tokens=ends,
        utf8_bytes=utf8_bytes,
        by_source=shared.scores() if shared else {},
        lost=lost,
    )


def _bits_per_byte(text_nats: float, utf8_bytes: int, lost: Lost) -> float | None:
    return None if lost else text_nats / math.log(2) / utf8_bytes


class _Shared:
    """Sums of the nats of a split by source. Summed outside of torch, where the order of a sum does not depend on the device."""

    def __init__(self, sources: SplitSources) -> None:
        self.sources = sources
        self.sums = np.zeros((3, len(sources.names)))  # nats of text, nats of document ends, tokens

    def add(self, start: int, nats: NDArray[np.float64], is_end: NDArray[np.bool_], tokens: int) -> None:
        """Add a batch whose first token is the split's `start`; what is past the split's last token is padding."""
        count = min(len(nats), tokens - start)
        owners, nats, is_end = self.sources.of_tokens(start, count), nats[:count], is_end[:count]
        for row, weights in zip(self.sums, (nats * ~is_end, nats * is_end, None), strict=True):
            row += np.bincount(owners, weights, minlength=len(row))

    def scores(self) -> dict[str, SourceScore]:
        sources = self.sources
        lost = sources.lost or [NOTHING_LOST] * len(sources.names)
        return {
            name: SourceScore((text + ends) / tokens, _bits_per_byte(text, size, gone), int(tokens), size, gone)
            for name, size, gone, (text, ends, tokens) in zip(sources.names, sources.utf8_bytes, lost, self.sums.T.tolist(), strict=True)
            if size
        }


def _rows(tokens: NDArray[Any], start: int, context_tokens: int, rows: int, end_of_document: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets (B, T) of the tokens from `start` on; past the end, targets are -1."""
    targets = tokens[start : start + context_tokens * rows].astype(np.int64)
    first = end_of_document if start == 0 else int(tokens[start - 1])
    inputs = np.concatenate([[first], targets[:-1]])
    rows = math.ceil(len(targets) / context_tokens)
    missing = rows * context_tokens - len(targets)
    inputs = np.pad(inputs, (0, missing), constant_values=end_of_document).reshape(rows, context_tokens)
    targets = np.pad(targets, (0, missing), constant_values=-1).reshape(rows, context_tokens)
    return torch.from_numpy(inputs), torch.from_numpy(targets)
