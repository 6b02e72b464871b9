"""A split of a corpus as it is scored, and what every score can say of itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.word_sets import WordSets
from assay.tokenizer.lost import NOTHING_LOST, Lost


@dataclass(frozen=True)
class SplitSources:
    """The source of each document of a split: `ends` (D,) of the documents in its tokens, `owners` (D,) places in `names`, `utf8_bytes` by name.
    `lost`: what each source lost when it was encoded; empty where nothing was."""

    names: list[str]
    owners: NDArray[np.int64]
    ends: NDArray[np.uint64]
    utf8_bytes: list[int]
    lost: Sequence[Lost] = ()

    def of_tokens(self, start: int, count: int) -> NDArray[np.int64]:
        """The owner of each of the tokens start..start+count-1: (count,)"""
        owners: NDArray[np.int64] = self.owners[np.searchsorted(self.ends, np.arange(start, start + count), side="right")]
        return owners


@dataclass(frozen=True, eq=False)
class SplitText:
    """`tokens` of the split in order, and how many at a time a model is shown. `training`: the tokens of the training split, for floors.

    `lost`: what of the split's text its tokens do not give back. `word_sets`: what vectors of words are held against; with one split only,
    since no split's text enters.
    """

    tokens: NDArray[Any]
    utf8_bytes: int
    context_tokens: int
    sequences_per_batch: int
    training: NDArray[Any]
    sources: SplitSources | None = None
    word_sets: WordSets = field(default_factory=WordSets)
    lost: Lost = NOTHING_LOST


class Score(Protocol):
    """Score of one split. `loss`, in nats, is the criterion of early stopping."""

    @property
    def loss(self) -> float: ...

    def metrics(self, split: str) -> dict[str, float]:
        """Metrics by the names that runs record."""

    def sizes(self) -> dict[str, Any]:
        """Sizes of what was scored: two scores compare only over the same."""

    def said(self, split: str) -> str:
        """A line for a person."""
