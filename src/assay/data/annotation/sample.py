"""A sample of a corpus for people to label: documents that the recipe keeps, drawn by (seed, purpose, id)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.measured import Measured
from assay.data.order import keyed

TEXT_CHARACTERS = 5000
"""Characters shown of a document in a sample: a person judges by its beginning, and a cell of a spreadsheet holds 32,767."""


@dataclass(frozen=True)
class Sampled:
    """A document to be labelled. `more_characters`: how many follow those of `text`."""

    id: str
    text_hash: str
    source: str
    path: str
    record: str
    text: str
    more_characters: int


def draw(measured: Measured, candidates: NDArray[np.int64], count: int, balance: Literal["none", "source"], seed: int) -> NDArray[np.int64]:
    """Rows, in the order in which they are to be labelled: whoever stops early has labelled a sample too.

    `source`: as many of each source as there are of the smallest that has enough, the rest from the larger ones.
    """
    high, low = (measured.numbers(name)[candidates].tolist() for name in ("id_high", "id_low"))
    drawn = np.array([keyed(seed, "sample to label", *halves) for halves in zip(high, low, strict=True)], dtype=np.uint64)
    order = candidates[np.argsort(drawn, kind="stable")]
    if balance == "source":
        sources = measured.sources[order]
        turns = np.empty(len(order), dtype=np.int64)
        for source in np.unique(sources):
            mine = np.flatnonzero(sources == source)
            turns[mine] = np.arange(len(mine))
        order = order[np.argsort(turns, kind="stable")]
    return order[:count]


def sampled(measured: Measured, rows: NDArray[np.int64]) -> list[Sampled]:
    return [
        Sampled(
            *(document.id, digest, document.source, document.path, document.record),
            text=document.text[:TEXT_CHARACTERS],
            more_characters=max(0, len(document.text) - TEXT_CHARACTERS),
        )
        for document, digest in zip(measured.documents(rows), text_hashes(measured, rows), strict=True)
    ]


def text_hashes(measured: Measured, rows: NDArray[np.int64]) -> list[str]:
    high, low = (measured.numbers(name)[rows].tolist() for name in ("text_high", "text_low"))
    return [f"{first:016x}{second:016x}" for first, second in zip(high, low, strict=True)]


def rows_of(measured: Measured, ids: Iterable[str]) -> dict[str, int]:
    """Id -> row, of those that the corpus has. An id is 32 hexadecimal digits; anything else is none."""
    wanted = {each for each in ids if len(each) == 32 and not set(each) - set("0123456789abcdef")}
    firsts = np.array(sorted({int(each[:16], 16) for each in wanted}), dtype=np.uint64)
    rows = np.flatnonzero(np.isin(measured.numbers("id_high"), firsts))
    high, low = (measured.numbers(name)[rows].tolist() for name in ("id_high", "id_low"))
    found = {f"{first:016x}{second:016x}": row for first, second, row in zip(high, low, rows.tolist(), strict=True)}
    return {each: found[each] for each in wanted if each in found}
