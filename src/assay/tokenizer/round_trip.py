"""Which documents their tokens do not give back, byte by byte. Such tokens carry less than the text, so their loss is no code length of it."""

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.tokenizer.tokenizer import Tokenizer

BLANK = 32


class RoundTrip:
    """Compares texts with what their tokens decode to, without a Python object for each token."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        pieces = tokenizer.token_bytes
        self._sizes = np.array([len(piece) for piece in pieces], dtype=np.int64)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._content = np.frombuffer(b"".join(pieces), dtype=np.uint8)
        self._opening_blank = tokenizer.opening_blank
        self._unknown = tokenizer.unknown

    def check(
        self, tokens: NDArray[np.unsignedinteger], ends: NDArray[np.int64], texts: TextBatch
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Whether each of D texts is lost, and how many unknown tokens it has: (D,), (D,). Text i is tokens[ends[i - 1] : ends[i]].

        A text with an unknown token is lost whatever that token decodes to: others would have got the same.
        """
        unknown = np.zeros(len(ends), dtype=np.int64)
        if self._unknown is not None:
            places = np.flatnonzero(tokens == self._unknown)
            unknown += np.bincount(np.searchsorted(ends, places, side="right"), minlength=len(ends))
        lost = unknown > 0
        lost[self._decoded(tokens, ends).differing(texts)] = True
        return lost, unknown

    def _decoded(self, tokens: NDArray[np.unsignedinteger], ends: NDArray[np.int64]) -> TextBatch:
        sizes = self._sizes[tokens]
        stops = np.cumsum(sizes)
        places = np.arange(int(stops[-1]) if len(stops) else 0) + np.repeat(self._starts[tokens] - (stops - sizes), sizes)
        content = self._content[places]
        offsets = np.concatenate([[0], stops])[np.concatenate([[0], ends])]
        if self._opening_blank:
            filled = offsets[:-1] < offsets[1:]
            opens = np.zeros(len(ends), dtype=np.bool_)
            opens[filled] = content[offsets[:-1][filled]] == BLANK
            content = np.delete(content, offsets[:-1][opens])
            offsets = offsets - np.concatenate([[0], np.cumsum(opens)])
        return TextBatch(content, offsets)
