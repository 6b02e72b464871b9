"""The reference's English words: those of spaCy's blank tokenizer."""

import re
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.hidden import hidden
from assay.errors import MachineError

CHUNKS_KEPT = 1 << 19
"""About 150 bytes each."""
_PIECE = re.compile(r"\s+|\S+")


class EnglishWords:
    """Cuts texts as spaCy does. Use one object for many batches, from one thread: what a chunk is cut into is kept.

    spaCy cuts at blanks first and then each chunk by itself, but for one thing that is not done here: an exception of several words that
    reaches across a blank (":((" in "f(x): ((y") bars a shorter one inside of a chunk ("):").
    """

    def __init__(self) -> None:
        self._spacy = spacy_english()
        self._known = _Sizes(self._spacy.tokenizer)

    def __call__(self, batch: TextBatch) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """(sizes, places): those of the words of text i are sizes[places[i] : places[i + 1]], as kernels/given.py reads them."""
        found, places = [np.empty(0, np.int32)], np.zeros(len(batch) + 1, np.int64)
        with self._spacy.memory_zone():
            for number, text in enumerate(batch.texts(), 1):
                if len(self._known) > CHUNKS_KEPT:
                    self._known.clear()
                sizes = chain.from_iterable(map(self._known.__getitem__, _PIECE.findall(text)))
                found.append(np.fromiter(sizes, np.int32))
                places[number] = places[number - 1] + len(found[-1])
        return np.concatenate(found), places


class _Sizes(dict[str, tuple[int, ...]]):
    """The sizes of the words of a chunk, or of blanks: made when first asked for."""

    def __init__(self, tokenizer: Any) -> None:
        super().__init__()
        self._tokenizer = tokenizer

    def __missing__(self, piece: str) -> tuple[int, ...]:
        self[piece] = found = _sizes_of_blanks(piece) if piece.isspace() else tuple(map(len, self._tokenizer(piece)))
        return found


def _sizes_of_blanks(blanks: str) -> tuple[int, ...]:
    """To spaCy a space behind a word is part of the word; every other blank is a word."""
    return (-1 if blanks[0] == " " else 1, *(1 for _ in blanks[1:]))


def spacy_english() -> Any:
    try:
        with hidden("torch"):  # imported for more CPU and memory than all of spaCy takes; its tokenizer has no use for it
            import spacy
    except ImportError:
        raise MachineError(
            "words=reference asks spaCy, which is not installed.\n  Run: pip install 'spacy>=3.8,<3.9', or use words=fast"
        ) from None
    return spacy.blank("en")
