"""Which spans of a text are to be hidden, and packing what is left.

B sequences, T tokens of each, N spans, M pieces, S of them kept.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def poisson_spans(tokens: Tensor, hidden: int, mean: float, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """Spans with lengths from a Poisson distribution (Lewis et al. 2020, section 2.2), `hidden` tokens of (B, T) in all: starts, lengths (B, N).

    No two begin at one place. A span that is not used starts behind the text's end, at T + 1. One of no length stands before its start,
    or at T; of these there are no more than others have tokens beyond their first, so a mark for each span makes no text longer.
    """
    rows, count = tokens.shape
    slots = count - hidden + 1  # before each token that stays, and the end
    spans = min(slots, int(2 * hidden / mean) + 8)
    lengths = torch.poisson(torch.full((rows, spans), mean, device=tokens.device), generator=generator).long()
    before = lengths.cumsum(dim=1) - lengths
    lengths = torch.minimum(lengths, (hidden - before).clamp(min=0))  # the last one is cut
    allowed = (lengths - 1).clamp(min=0).sum(dim=1, keepdim=True)
    empty = lengths == 0
    used = (before < hidden) & (~empty | (empty.cumsum(dim=1) <= allowed))
    slot = torch.rand((rows, slots), generator=generator, device=tokens.device).argsort(dim=1)[:, :spans]
    slot, order = torch.where(used, slot, count + 1).sort(dim=1)
    lengths = lengths.gather(1, order)
    starts = (slot + lengths.cumsum(dim=1) - lengths).clamp(max=count + 1)
    return torch.where(slot > count, count + 1, starts), torch.where(slot > count, 0, lengths)


def covered(starts: Tensor, lengths: Tensor, count: int) -> Tensor:
    """Starts and lengths (B, N) -> which of the tokens 0..count-1 lie in a span: (B, T)"""
    edges = torch.zeros(len(starts), count + 2, dtype=torch.long, device=starts.device)
    edges.scatter_add_(1, starts, (lengths > 0).long())
    edges.scatter_add_(1, starts + lengths, -(lengths > 0).long())
    return edges.cumsum(dim=1)[:, :count] > 0


def compositions(rows: int, total: int, parts: int, generator: torch.Generator | None, device: torch.device) -> Tensor:
    """Whole numbers (rows, parts), each at least 1, of which each row has the sum `total`: all such rows are equally likely."""
    cuts = torch.rand((rows, total - 1), generator=generator, device=device).argsort(dim=1)[:, : parts - 1].sort(dim=1).values + 1
    return torch.diff(F.pad(F.pad(cuts, (1, 0), value=0), (0, 1), value=total), dim=1)


def packed(pieces: Tensor, kept: Tensor, width: int | None, padding: int) -> tuple[Tensor, Tensor]:
    """Those of the pieces (B, M) that are kept, one after the other, and which places they fill: (B, S). `width`: S; None: of the longest."""
    counts = kept.sum(dim=1, keepdim=True)
    width = int(counts.max()) if width is None else width
    order = (~kept).long().sort(dim=1, stable=True).indices[:, :width]
    visible = torch.arange(width, device=pieces.device) < counts
    return torch.where(visible, pieces.gather(1, order), padding), visible
