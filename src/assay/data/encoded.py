"""The tokens that the texts of a corpus were given last, so that a text that stays as it was is not encoded again.

data/cache/encoded/<fingerprint>/, one for each corpus, tokenizer and code that encodes, holds the token files of that time, as links where the
file system has them, and beside them the hashes of their texts in ascending order, with the number of the document of each.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.fingerprint import fingerprint, library, stage_inputs
from assay.data.maps import give_back, map_file
from assay.data.split import SPLITS
from assay.errors import DataError
from assay.files import MANIFEST, draft_folder, lock, verify_manifest, write_manifest

UNKNOWN = -1
"""In place of a document's number: no text like it was encoded."""
HIGH_FILE, LOW_FILE, NUMBER_FILE = "texts.high", "texts.low", "texts.number"
"""uint64, uint64, uint32, little endian: halves of a text's hash, ordered by both, and which document of the token files has it."""


def encoded_folder(corpus: str, tokenizer_sha256: str, root: Path) -> Path:
    """Another for whatever could give a text other tokens."""
    inputs = stage_inputs("encoded", "assay.data.encode", {"corpus": corpus}, tokenizer_sha256, tokenizers=library("tokenizers"))
    return root / "data" / "cache" / "encoded" / fingerprint(inputs)[:16]


@dataclass(frozen=True, eq=False)
class Encoded:
    """`tokens` and `ends` of each split, mapped into memory; their documents are numbered through. `high`, `low`, `numbers`: see NUMBER_FILE."""

    tokens: list[NDArray[Any]]
    ends: list[NDArray[np.int64]]
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    numbers: NDArray[np.uint32]

    @classmethod
    def open(cls, folder: Path, dtype: "np.dtype[Any]", say: Callable[[str], None]) -> "Encoded":
        """Nothing, where nothing is stored or a byte of it was altered."""
        with lock(folder.with_suffix(".lock")):  # until all is mapped: a folder put in its place meanwhile is not mixed in
            if (folder / MANIFEST).exists():
                try:
                    verify_manifest(folder, "")
                    return cls._mapped(folder, dtype)
                except (DataError, OSError, ValueError) as error:
                    say(f"stored tokens can't be used, so all is encoded again: {str(error).splitlines()[0]}")
        return cls.nothing(dtype)

    @classmethod
    def nothing(cls, dtype: "np.dtype[Any]") -> "Encoded":
        none = np.empty(0, dtype=np.uint64)
        return cls([np.empty(0, dtype)], [np.empty(0, dtype=np.int64)], none, none, none.astype(np.uint32))

    @classmethod
    def _mapped(cls, folder: Path, dtype: "np.dtype[Any]") -> "Encoded":
        def mapped(name: str, kind: Any) -> NDArray[Any]:
            return np.frombuffer(map_file(folder / name), dtype=kind)

        tokens = [mapped(f"{split}.bin", dtype) for split in SPLITS]
        ends = [mapped(f"{split}.ends", "<i8") for split in SPLITS]
        return cls(tokens, ends, mapped(HIGH_FILE, "<u8"), mapped(LOW_FILE, "<u8"), mapped(NUMBER_FILE, "<u4"))

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For texts by the halves of their hashes (N, 2), the number of a document that has the text, or UNKNOWN: (N,)"""
        found = np.full(len(hashes), UNKNOWN, dtype=np.int64)
        if len(self.high):
            places = np.minimum(np.searchsorted(self.high, hashes[:, 0]), len(self.high) - 1)
            known = (self.high[places] == hashes[:, 0]) & (self.low[places] == hashes[:, 1])
            found[known] = self.numbers[places[known]]
            for array in (self.high, self.low, self.numbers):
                give_back(array)
        return found

    def joined(self, numbers: NDArray[np.int64], tokens: NDArray[Any], ends: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """(tokens, ends) of documents in a row: of those with a number as they are stored, of the others, in their order, as given."""
        new = numbers == UNKNOWN
        if new.all():
            return tokens, ends
        firsts = np.cumsum([0, *map(len, self.ends)])
        numbers = np.where(new, firsts[-1] + np.cumsum(new) - 1, numbers)  # the given documents are numbered on
        all_tokens, all_ends = [*self.tokens, tokens], [*self.ends, ends]
        owners = np.searchsorted(firsts, numbers, side="right") - 1
        starts, stops = np.empty_like(numbers), np.empty_like(numbers)
        for owner in np.unique(owners):
            mine = owners == owner
            places = numbers[mine] - firsts[owner]
            stops[mine] = all_ends[owner][places]
            starts[mine] = np.where(places > 0, all_ends[owner][places - 1], 0)
        breaks = np.flatnonzero((np.diff(owners) != 0) | (starts[1:] != stops[:-1]))  # documents that lie side by side are copied at once
        pieces = [
            all_tokens[owners[first]][starts[first] : stops[last]]
            for first, last in zip([0, *(breaks + 1).tolist()], [*breaks.tolist(), len(numbers) - 1], strict=True)
        ]
        found = np.concatenate(pieces)
        for array in (*self.tokens, *self.ends):
            give_back(array)
        return found, np.cumsum(stops - starts)


def keep(folder: Path, tokens_folder: Path, hashes: NDArray[np.uint64], **facts: Any) -> None:
    """Store token files with the hashes (N, 2) of their texts, split after split, in place of what is stored in `folder`."""
    with lock(folder.with_suffix(".lock")), draft_folder(folder) as draft:
        for split in SPLITS:
            for suffix in ("bin", "ends"):
                _link_or_copy(tokens_folder / f"{split}.{suffix}", draft)
        order = np.lexsort((hashes[:, 1], hashes[:, 0]))
        hashes[order, 0].astype("<u8").tofile(draft / HIGH_FILE)
        hashes[order, 1].astype("<u8").tofile(draft / LOW_FILE)
        order.astype("<u4").tofile(draft / NUMBER_FILE)
        write_manifest(draft, "xxh3_128", **facts)


def _link_or_copy(file: Path, folder: Path) -> None:
    with suppress(OSError):  # another file system, or one without links
        os.link(file, folder / file.name)
        return
    shutil.copyfile(file, folder / file.name)
