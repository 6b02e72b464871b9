"""The reference's English words: spaCy's blank tokenizer, of which compiled code does what it can, and spaCy the rest."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.hidden import hidden
from assay.data.measures.classes import classes
from assay.data.measures.words import hash_table, tables
from assay.errors import MachineError

FIRST_CHUNKS = 1 << 16
CHUNKS_AT_ONCE = 1 << 14
PATTERNS = "da2cd49625ea3d40a6c1a415df9713021ef699c3ef6d632e5f712306200f334e"
"""sha256 of the patterns that kernels/english.py was written after: spaCy 3.8.18's. By others every chunk is spaCy's to cut."""


class ReferenceWords:
    """The words of each different chunk between blanks, cut once and kept.

    Memory grows with the number of different chunks, about 60 bytes each. Use one object for many batches, from one thread.
    """

    def __init__(self) -> None:
        from assay.data.measures.kernels.chunks import empty_table

        self._spacy = spacy_english()
        self._rules = compiled_rules(self._spacy.tokenizer)
        self._table = empty_table(FIRST_CHUNKS)
        self._firsts = np.zeros(FIRST_CHUNKS, np.int64)
        self._hashes, self._lengths, self._bits = (np.zeros(FIRST_CHUNKS, kind) for kind in (np.uint64, np.int32, np.uint8))
        self.chunks = self._words = 0

    def known(self, batch: TextBatch) -> tuple[Any, ...]:
        """Of the batch: numbers of its chunks, and where those of each text begin. Of every chunk: its first word, and the words' hashes,
        lengths and bits.
        """
        from assay.data.measures.kernels.chunks import entries, larger, number_chunks

        spans, at = np.empty((CHUNKS_AT_ONCE, 2), np.int64), np.zeros(3, np.int64)
        room = int(batch.offsets[-1] - batch.offsets[0]) // 2 + len(batch)  # between two chunks of a text is a byte at least
        numbers, places = np.empty(room, np.int32), np.empty(len(batch) + 1, np.int64)
        kind, places[0] = tables()[4], 0
        while at[0] < len(batch):
            while entries(self._table) < self.chunks + len(spans):
                self._table = larger(self._table)
            added = number_chunks(batch.content, batch.offsets, at, kind, classes(), self._table, self.chunks, spans, numbers, places)
            if added:
                self._learn(batch.content, spans[:added])
        return numbers, places, self._firsts, self._hashes, self._lengths, self._bits

    def _learn(self, content: NDArray[np.uint8], spans: NDArray[np.int64]) -> None:
        from assay.data.measures.kernels.chunks import asked_chunks, learn
        from assay.data.measures.kernels.english import cut_chunks

        room = int((spans[:, 1] - spans[:, 0] + 1).sum())
        ends, counts, text = np.empty(room, np.int64), np.zeros(len(spans), np.int64), np.empty(room, np.uint8)
        if self._rules:
            cut_chunks(content, spans, self._rules, ends, counts)
        text = text[: max(0, asked_chunks(content, spans, counts, text) - 1)]
        starts, sizes = self._ask(text.tobytes().decode())
        self._make_room(len(spans), int(counts.sum()) + len(starts))
        rest = slice(self._words, None)
        arrays = (self._hashes[rest], self._lengths[rest], self._bits[rest])
        firsts = np.empty(len(spans), np.int64)
        found = learn(content, spans, counts, ends, text, starts, sizes, classes(), *arrays, firsts)
        if found < 0:
            raise MachineError("spaCy's words do not make up the text they were cut from; expected spacy>=3.8,<3.9")
        self._firsts[self.chunks : self.chunks + len(spans)] = firsts + self._words
        self.chunks += len(spans)
        self._words += found
        self._firsts[self.chunks] = self._words

    def _ask(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(first character, characters) of each word."""
        from spacy.attrs import IDX, LENGTH

        with self._spacy.memory_zone():
            found = self._spacy.tokenizer(text).to_array([IDX, LENGTH]).astype(np.int64)
        return np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])

    def _make_room(self, chunks: int, words: int) -> None:
        if self.chunks + chunks + 1 > len(self._firsts):
            self._firsts = np.concatenate([self._firsts, np.zeros_like(self._firsts)])
        while self._words + words > len(self._hashes):
            self._hashes, self._lengths, self._bits = (
                np.concatenate([each, np.zeros_like(each)]) for each in (self._hashes, self._lengths, self._bits)
            )


def spacy_english() -> Any:
    try:
        with hidden("torch"):  # imported for more CPU and memory than all of spaCy takes; its tokenizer has no use for it
            import spacy
    except ImportError:
        raise MachineError(
            "words=reference asks spaCy, which is not installed.\n  Run: pip install 'spacy>=3.8,<3.9', or use words=fast"
        ) from None
    return spacy.blank("en")


def compiled_rules(tokenizer: Any) -> tuple[Any, ...]:
    """What cut_chunks reads; empty where the tokenizer's patterns are not those that it follows.

    Marks and units, then of exceptions: a table of all, the sizes of their words, and the longest. Then phrases, the exceptions that spaCy
    also looks for among words that are cut already: a table, and the sizes of the words that patterns alone cut them into. Sizes in bytes.
    """
    from assay.data.measures.kernels.affixes import UNITS, marks

    if patterns_of(tokenizer) != PATTERNS:
        return ()
    from spacy.symbols import ORTH

    rules = {text: [len(word[ORTH]) for word in words] for text, words in tokenizer.rules.items() if text.isascii() and not text.isspace()}
    phrases = [text for text in rules if tokenizer.find_prefix(text) or tokenizer.find_infix(text) or tokenizer.find_suffix(text)]
    every = [*phrases, *(text for text in rules if text not in set(phrases))]
    longest = max(map(len, every))
    fixed, none = (marks(), hash_table(UNITS)), hash_table([])
    parts = sizes_of_words(phrases, (*fixed, none, *ragged([]), 0, none, *ragged([])))
    return (*fixed, hash_table(every), *ragged([rules[text] for text in every]), longest, hash_table(phrases), *ragged(parts))


def sizes_of_words(chunks: Sequence[str], rules: tuple[Any, ...]) -> list[list[int]]:
    """By compiled code; none of a chunk that it leaves to spaCy."""
    from assay.data.measures.kernels.english import cut_chunks

    batch = TextBatch.of(chunks)
    spans = np.ascontiguousarray(np.stack([batch.offsets[:-1], batch.offsets[1:]], axis=1))
    ends, counts = np.empty(len(batch.content), np.int64), np.zeros(len(chunks), np.int64)
    cut_chunks(batch.content, spans, rules, ends, counts)
    places = iter(ends.tolist())
    cuts = [[start, *islice(places, count)] for start, count in zip(spans[:, 0].tolist(), counts.tolist(), strict=True)]
    return [[after - before for before, after in pairwise(cut)] for cut in cuts]


def ragged(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(firsts, values): row i is values[firsts[i] : firsts[i + 1]]."""
    return np.cumsum([0, *map(len, rows)]), np.array([value for row in rows for value in row], np.int64)


def patterns_of(tokenizer: Any) -> str:
    """A digest of all that decides how the tokenizer cuts, but for its exceptions."""
    found = (tokenizer.prefix_search, tokenizer.suffix_search, tokenizer.infix_finditer, tokenizer.url_match)
    texts = [repr((search.__self__.pattern, search.__self__.flags, search.__name__)) if search else "" for search in found]
    return sha256("\n".join([*texts, repr((tokenizer.token_match, tokenizer.faster_heuristics))]).encode()).hexdigest()
