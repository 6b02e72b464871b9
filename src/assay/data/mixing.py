"""The share of training that each source of a corpus gets, and the source of each window: computed from its place, never stored."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.order import window_starts, windows_in
from assay.data.places import source_names
from assay.data.schema import DataSchema
from assay.errors import DataError

WHOLE = 2**32
"""Shares are whole numbers of this, so that whose turn it is never hangs on rounding."""
Ints = NDArray[np.int64]


def is_mixed(data: DataSchema) -> bool:
    """Whether the corpus is read in other proportions than there is text of each source."""
    if data.temperature is not None:
        return data.temperature != 1
    return any(source.weight is not None for source in data.sources)


def chosen_shares(data: DataSchema) -> dict[str, Any]:
    """Return the proportions in the config, the same however they are written; empty where there are none."""
    if not is_mixed(data):
        return {}
    if data.temperature is not None:
        return {"temperature": data.temperature}
    weights = [source.weight or 0.0 for source in data.sources]
    return {"shares": [weight / sum(weights) for weight in weights]}


def shares(data: DataSchema, tokens: list[int]) -> list[float]:
    """Return the shares of the training windows, for sources with so many training tokens: by weight, or n^(1/T), the exponential smoothing of multilingual
    BERT (Devlin et al. 2018; Conneau et al. 2020 write alpha for 1/T), or n."""
    if data.temperature is None and is_mixed(data):
        wanted: list[float] = chosen_shares(data)["shares"]
        return wanted
    powers = [math.log(count) / (data.temperature or 1.0) if count else -math.inf for count in tokens]
    sizes = [math.exp(power - max(powers)) for power in powers]
    return [size / sum(sizes) for size in sizes]


class Turns:
    """Whose turn it is: of the first n windows of a run each source has its share, give or take a window for each split of the list in two.

    The first source against the rest, the second against what is left, and so on, each by rounding a line (Bresenham 1965), in whole numbers.
    """

    def __init__(self, wanted: list[float]) -> None:
        parts = [max(1, int(share * WHOLE)) for share in wanted]
        parts[parts.index(max(parts))] += WHOLE - sum(parts)
        self.parts = parts

    def counts(self, places: Ints) -> Ints:
        """Count how many of the windows 0..place-1 are of each source: (S, N)."""
        rest, whole = places.astype(np.uint64), WHOLE
        counts = np.empty((len(self.parts), len(places)), dtype=np.int64)
        for number, part in enumerate(self.parts[:-1]):
            periods, place = np.divmod(rest, np.uint64(whole))
            taken = periods * np.uint64(part) + (place * np.uint64(part) + np.uint64(whole // 2)) // np.uint64(whole)
            counts[number] = taken
            rest, whole = rest - taken, whole - part
        counts[-1] = rest
        return counts

    def at(self, places: Ints) -> tuple[Ints, Ints]:
        """The source of each window, and how many of that source came before it: (N,), (N,)"""
        before = self.counts(places)
        owners = np.argmax(self.counts(places + 1) - before, axis=0)
        return owners, before[owners, np.arange(len(places))]


class SourceText:
    """The tokens of one source's documents, end to end, as places in the split that they lie in.

    `ends` (D + 1,): 0, and where each document ends in this text. `shifts` (D,): from there to the split. `numbers` (D,): of the documents in it.
    """

    def __init__(self, ends: NDArray[np.uint64], numbers: Ints) -> None:
        last = ends.astype(np.int64)
        lengths = np.diff(last, prepend=0)[numbers]
        self.numbers = numbers
        self.ends = np.concatenate([[0], np.cumsum(lengths)])
        self.shifts = last[numbers] - self.ends[1:]

    def __len__(self) -> int:
        return int(self.ends[-1])

    def places(self, start: int, count: int) -> Ints:
        """Where the tokens start..start+count-1 of this text lie in the split: (count,)"""
        first, last = self._within(start, count)
        edges = np.clip(self.ends[first : last + 1], start, start + count)
        places: Ints = np.arange(start, start + count) + np.repeat(self.shifts[first:last], np.diff(edges))
        return places

    def documents(self, start: int, count: int) -> Ints:
        """The documents that these tokens are of, as numbers in the split."""
        first, last = self._within(start, count)
        numbers: Ints = self.numbers[first:last]
        return numbers

    def _within(self, start: int, count: int) -> tuple[int, int]:
        first, last = np.searchsorted(self.ends, [start, start + count - 1], side="right")
        return int(first) - 1, int(last)


class MixedWindows:
    """The windows of a run over several sources, by their place in it: each of one source, its epochs counted for itself."""

    def __init__(self, names: list[str], texts: list[SourceText], turns: Turns, context_tokens: int, seed: int) -> None:
        self.texts, self.turns = texts, turns
        self.context_tokens, self.seed = context_tokens, seed
        self.windows = [windows_in(len(text), context_tokens) for text in texts]
        for name, text, windows in zip(names, texts, self.windows, strict=True):
            if windows < 1:
                raise DataError(
                    f"source {name} has {len(text):,} tokens of training text; windows of data.context_tokens={context_tokens} need "
                    f"{2 * context_tokens:,}, and it is to be read by weight.\n"
                    f"  Type: data.context_tokens={max(2, len(text) // 2)} or less, or data.temperature=1, or add text to it."
                )

    def at(self, places: Ints) -> NDArray[np.int64]:
        """The source of each window and where it begins in that source's text: (N, 2)"""
        owners, ranks = self.turns.at(places)
        found = np.stack([owners, np.empty_like(owners)], axis=1)
        for owner in np.unique(owners):
            mine = owners == owner
            found[mine, 1] = window_starts(ranks[mine], self.windows[owner], self.context_tokens, self.seed, int(owner))
        return found


@dataclass(frozen=True)
class SourceShare:
    """The part of a run that is read from a source: `windows` of its text, which hold its `tokens` training tokens `epochs` times."""

    name: str
    tokens: int
    share: float
    windows: int
    epochs: float


def mix(data: DataSchema, tokens: list[int], windows: int) -> list[SourceShare]:
    """Return the shares of a run of so many windows over sources with so many training tokens each.

    Where nothing weighs the sources, windows are cut across documents of all, and shares and epochs are those of the whole text.
    """
    names, wanted = source_names(data.sources), shares(data, tokens)
    if not is_mixed(data):
        counts = [round(windows * share) for share in wanted]
        epochs = [windows / max(1, windows_in(sum(tokens), data.context_tokens))] * len(tokens)
    else:
        turns = Turns(wanted)
        counts = turns.counts(np.array([windows], dtype=np.int64))[:, 0].tolist()
        epochs = [count / max(1, windows_in(size, data.context_tokens)) for count, size in zip(counts, tokens, strict=True)]
    return [SourceShare(*each) for each in zip(names, tokens, wanted, counts, epochs, strict=True)]
