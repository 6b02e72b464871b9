"""Where words begin in tokens of Chinese, which has no blanks: jieba cuts the text of the tokens (Cui et al. 2021, section 3.1).

B sequences, T tokens.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.linguistics.words import needed

BROKEN = re.compile("[\udc80-\udcff]")
"""Bytes of a character whose others are not there, as `surrogateescape` gives them."""


class ChineseWords:
    """Words of Chinese text, found by the bytes that each token adds to it. English is cut too: at its blanks and marks."""

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        """Raises MachineError where jieba's Rust form is not installed."""
        self._cut = needed("rjieba", "rjieba>=0.2", "objective.whole_words=chinese").cut
        self._spelled = [each or b"\n" for each in token_bytes]  # a document's end stands between two words

    def begin(self, tokens: NDArray[Any]) -> NDArray[np.bool_]:
        """tokens (B, T) -> whether each begins a word; the first of a sequence does. What begins within a word goes on with it, however far it reaches."""
        rows, columns = tokens.shape
        spelled = [self._spelled[token] if token < len(self._spelled) else b"\n" for token in tokens.ravel().tolist()]
        for number in range(columns - 1, len(spelled), columns):
            spelled[number] += b"\n"  # no word goes on in the next sequence
        lengths = np.fromiter(map(len, spelled), dtype=np.int64, count=len(spelled))
        ends = self._word_ends(b"".join(spelled))
        begins = np.zeros(lengths.sum() + 1, dtype=np.bool_)
        begins[0] = True
        begins[ends] = True
        found: NDArray[np.bool_] = begins[lengths.cumsum() - lengths].reshape(rows, columns)
        return found

    def _word_ends(self, spelled: bytes) -> NDArray[np.int64]:
        """In bytes. A broken character is cut like a blank: a word of its own."""
        text = spelled.decode("utf-8", "surrogateescape")
        words = self._cut(BROKEN.sub(" ", text))
        characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        widths = 1 + (characters >= 0x80).astype(np.int64) + (characters >= 0x800) + (characters >= 0x10000)
        widths[(characters >= 0xDC80) & (characters <= 0xDCFF)] = 1
        counts = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
        ends: NDArray[np.int64] = widths.cumsum()[counts.cumsum() - 1]
        return ends
