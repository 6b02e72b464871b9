"""Position encodings of a Transformer: vectors added to tokens, rotations of queries and keys, or biases added to scores.

B batch, T tokens, S tokens attended to, D model width, H heads, K width of one head.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assay.model.schema import BlockSchema

SINUSOID_BASE = 10_000.0  # Vaswani et al. 2017, section 3.5


@dataclass(frozen=True)
class Codes:
    """Position codes of tokens start..end-1, for the attention of every block; None for a form that does not use it."""

    rotation: tuple[Tensor, Tensor] | None = None
    """Cosines and sines (T, K)."""
    bias: Tensor | None = None
    """(H, T, S), added to the scores."""


def learned_table(config: BlockSchema, positions: int) -> nn.Embedding | None:
    return nn.Embedding(positions, config.d_model) if config.position == "learned" else None


def place(
    x: Tensor, start: int, config: BlockSchema, table: nn.Embedding | None, relative: "RelativePositions | None"
) -> tuple[Tensor, Codes]:
    """Embedded tokens (B, T, D), of which the first is token `start` -> the same with their positions, and the codes for attention."""
    end = start + x.shape[1]
    if table is not None:
        return x + table(torch.arange(start, end, device=x.device)), Codes()
    if config.position == "sinusoidal":
        return x + sinusoids(start, end, config.d_model, x.device), Codes()
    if relative is not None:
        return x, Codes(bias=relative(start, end))
    return x, Codes(rotation=rotary_tables(start, end, config.head_width, config.rope_theta, x.device))


def sinusoids(start: int, end: int, width: int, device: torch.device) -> Tensor:
    """(T, D): sines at even channels, cosines at odd ones, of wavelengths from 2 pi to 10,000 x 2 pi (Vaswani et al. 2017, section 3.5)."""
    frequencies = SINUSOID_BASE ** (-torch.arange(0, width, 2, dtype=torch.float32, device=device) / width)
    angles = torch.outer(torch.arange(start, end, dtype=torch.float32, device=device), frequencies)
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :width]


class RelativePositions(nn.Module):
    """A learned number for each head and bucket of distances, added to the scores of all blocks of a stack (Raffel et al. 2020, section 2.1)."""

    def __init__(self, config: BlockSchema, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.buckets, self.farthest = config.relative_buckets, config.relative_distance
        self.table = nn.Embedding(self.buckets, config.n_head)

    def forward(self, start: int, end: int) -> Tensor:
        """Return the biases of queries start..end-1 and keys 0..end-1: (H, T, S)."""
        places = torch.arange(end, device=self.table.weight.device)
        found = relative_buckets(places[None, :] - places[start:, None], self.buckets, self.farthest, self.causal)
        bias: Tensor = self.table(found).permute(2, 0, 1)
        return bias


def relative_buckets(distances: Tensor, buckets: int, farthest: int, causal: bool) -> Tensor:
    """Key's place minus query's -> bucket. Half of the buckets are of one distance each, the others grow with its logarithm up to
    `farthest`, and the last holds all beyond. Where both sides are seen, each has half of the buckets."""
    first = torch.zeros_like(distances)
    if causal:
        distances = (-distances).clamp(min=0)
    else:
        buckets //= 2
        first, distances = (distances > 0).long() * buckets, distances.abs()
    exact = buckets // 2
    grown = torch.log(distances.clamp(min=1).float() / exact) / math.log(farthest / exact) * (buckets - exact)
    far = (exact + grown.long()).clamp(max=buckets - 1)
    return first + torch.where(distances < exact, distances, far)


def rotary_tables(start: int, end: int, d_head: int, theta: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines (T, K) of the rotation of each position and pair of channels (Su et al. 2021, eq. 34; Llama's pairing i, i + K/2)."""
    frequencies = theta ** (-torch.arange(0, d_head, 2, dtype=torch.float32, device=device) / d_head)
    angles = torch.outer(torch.arange(start, end, dtype=torch.float32, device=device), frequencies)
    angles = torch.cat([angles, angles], dim=1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """x (B, H, T, K) turned by each position's angle."""
    left, right = x.chunk(2, dim=-1)
    return (x * cos + torch.cat([-right, left], dim=-1) * sin).to(x.dtype)
