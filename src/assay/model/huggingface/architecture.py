"""Descriptions of architectures of transformers: which of our forms each is, and the names of its tensors.

D model width.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.model.schema import EncoderDecoderSchema, EncoderSchema, TransformerSchema, XLNetSchema

Form = TransformerSchema | EncoderSchema | EncoderDecoderSchema | XLNetSchema


@dataclass(frozen=True)
class Piece:
    """One tensor of ours, and theirs: several are its rows, one after the other."""

    ours: str
    theirs: tuple[str, ...]
    rows: tuple[int, ...] = ()
    """Rows of each of their tensors, where there are several."""
    transposed: bool = False
    """GPT-2's Conv1D keeps its matrix as (in, out)."""
    head: bool = False
    """Whether the tensor belongs to the output layer, which a bare encoder or decoder lacks."""
    shape: tuple[int, ...] = ()
    """Shape of each of their tensors, where it has more dimensions than ours."""
    flat: tuple[int, ...] = (-1,)
    """The shape that it gets before it is transposed."""

    def from_theirs(self, part: Tensor) -> Tensor:
        part = part.float()
        part = part.reshape(self.flat) if self.shape else part
        return part.T if self.transposed else part

    def in_theirs(self, part: Tensor) -> Tensor:
        part = part.T if self.transposed else part
        return (part.reshape(self.shape) if self.shape else part).contiguous().clone()


@dataclass(frozen=True)
class Architecture:
    """`read`: the fields of our form from a config.json; `write`: the other way, with the model's rows and positions."""

    model_type: str
    target: str
    with_head: str
    without_head: str
    prefix: str
    """Before the names of all tensors but the head's, in a file with a head."""
    fixed: Mapping[str, tuple[Any, ...]]
    """Fields of config.json, and the values that our form computes; what is not said is taken to be one of them."""
    needed: Mapping[str, tuple[Any, ...]]
    """Fields of our form, and the values that this architecture computes."""
    ignored: tuple[str, ...]
    """Ends of names of tensors that hold nothing learned, or nothing of this model."""
    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    write: Callable[[Any, int, int], dict[str, Any]]
    pieces: Callable[[Any], Iterable[Piece]]
    blank: Callable[[Any], dict[str, Tensor]] = lambda form: {}
    """Tensors of theirs that hold nothing of ours."""
    pads_apart: bool = False
    """Whether padding needs an id that no text has: positions are counted without it."""
    alike: tuple[str, ...] = ()
    """Fields of our form that must have one value."""


def to_ours(pieces: Iterable[Piece], theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our tensors, in float32. A piece of the head that is not there is left out. Raises KeyError for any other."""
    found = {}
    for piece in pieces:
        if piece.head and piece.theirs[0] not in theirs:
            continue
        parts = [piece.from_theirs(theirs[name]) for name in piece.theirs]
        found[piece.ours] = (parts[0] if len(parts) == 1 else torch.cat(parts)).contiguous()
    return found


def to_theirs(pieces: Iterable[Piece], ours: Mapping[str, Tensor], head: bool = True) -> dict[str, Tensor]:
    """Their tensors, without the prefix."""
    found: dict[str, Tensor] = {}
    for piece in pieces:
        if piece.head and not head:
            continue
        whole = ours[piece.ours]
        parts = torch.split(whole, list(piece.rows)) if len(piece.theirs) > 1 else (whole,)
        found |= {name: piece.in_theirs(part) for name, part in zip(piece.theirs, parts, strict=True)}
    return found
