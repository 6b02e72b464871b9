"""Reads token files: memory-mapped, so that a corpus larger than memory trains as well."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.split import SPLITS
from assay.data.verified import verify_once
from assay.errors import DataError
from assay.tokenizer.lost import NOTHING_LOST, Lost

TokenArray = np.ndarray[tuple[int], np.dtype[np.unsignedinteger[Any]]]


@dataclass(frozen=True, eq=False)
class SplitTokens:
    """`tokens` uint16 or uint32, read-only; `ends` uint64: where each document ends, after its end-of-document token."""

    tokens: TokenArray
    ends: "np.ndarray[tuple[int], np.dtype[np.uint64]]"
    utf8_bytes: int
    text_tokens: int
    sha256: str
    lost: Lost = NOTHING_LOST


class Tokens:
    """A folder that `encode` wrote, as it was when it was opened: all is mapped then, so that a folder put in its place later is not mixed in."""

    def __init__(self, folder: Path, header: dict[str, Any]) -> None:
        self.folder = folder
        self.vocab_size: int = header["vocab_size"]
        self.end_of_document: int = header["end_of_document"]
        self.tokenizer_sha256: str = header["tokenizer_sha256"]
        self.source_names: list[str] = header.get("sources", [])
        self._dtype = np.dtype({"uint16": "<u2", "uint32": "<u4"}[header["dtype"]])
        self._splits: dict[str, dict[str, Any]] = header["splits"]
        self._maps = {
            name: (self._map(name, "bin", self._dtype), self._map(name, "ends", "<u8"), self._map(name, "ids", "u1")) for name in SPLITS
        }
        self._owners = {name: self._map(name, "sources", "<u2") for name in SPLITS} if self.source_names else {}

    def _map(self, split: str, suffix: str, dtype: Any) -> Any:
        try:
            return np.memmap(self.folder / f"{split}.{suffix}", dtype=dtype, mode="r")
        except ValueError:  # no whole number of them
            raise self._unfit(split) from None

    def _unfit(self, split: str) -> DataError:
        return DataError(
            f"{self.folder}: {split}.bin and {split}.ends do not fit header.json.\n  Remove the folder and run the command again."
        )

    @classmethod
    def open(cls, folder: Path, repair: str = "make data && dvc repro") -> "Tokens":
        """Check the files against the manifest as verify_once does, then map. Raises DataError naming the file that differs, and `repair`."""
        manifest = verify_once(folder, repair)
        try:
            header = json.loads((folder / "header.json").read_bytes())
            for split in SPLITS:
                if header["splits"][split]["sha256"] != manifest["files"][f"{split}.bin"]["sha256"]:
                    raise DataError(f"{folder}: header.json describes another {split}.bin than manifest.json does.\n  Run: {repair}")
            return cls(folder, header)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"{folder / 'header.json'} can't be used ({error!r}).\n  Run: {repair}") from None

    def split(self, name: str) -> SplitTokens:
        facts = self._splits[name]
        tokens, ends, _ = self._maps[name]
        if len(tokens) != facts["tokens"] or len(ends) != facts["documents"] or int(ends[-1]) != len(tokens):
            raise self._unfit(name)
        return SplitTokens(tokens, ends, facts["utf8_bytes"], facts["text_tokens"], facts["sha256"], Lost.of(facts))

    def counted(self, name: str, what: Literal["documents", "tokens", "utf8_bytes"]) -> list[int]:
        """Return the count of each source in a split; empty where the corpus has one source."""
        return [int(each[what]) for each in self._splits[name].get("by_source", [])]

    def lost_by_source(self, name: str) -> list[Lost]:
        """Return what each source lost of its text in a split; empty where the corpus has one source."""
        return [Lost.of(each) for each in self._splits[name].get("by_source", [])]

    def owners(self, name: str) -> NDArray[np.int64]:
        """The number of each document's source in `source_names`, (D,); of a corpus of one source all 0."""
        if not self.source_names:
            return np.zeros(self._splits[name]["documents"], dtype=np.int64)
        owners: NDArray[np.int64] = self._owners[name].astype(np.int64)
        return owners

    def ids(self, name: str) -> list[str]:
        """The document ids of a split, in the order of `ends`: document i holds the tokens up to ends[i]."""
        return bytes(self._maps[name][2]).decode("ascii").splitlines()

    def document_at(self, name: str, position: int) -> str:
        """The id of the document that holds the token at `position` of a split."""
        return self.ids(name)[int(np.searchsorted(self.split(name).ends, position, side="right"))]
