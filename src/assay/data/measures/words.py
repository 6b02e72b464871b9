"""Word rules: what counts as a word. `fast` is a state machine over bytes; `reference` is the tokenizer that datatrove measures with."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.measures.classes import classes
from assay.errors import MachineError

WordRule = Literal["fast", "reference"]
ENGLISH_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Gopher's (Rae et al. 2021, appendix A1)."""
CHINESE_STOP_WORDS = ("的", "了", "是", "在", "我", "不", "有", "和", "也", "就", "这", "很", "人", "一", "都", "说", "他", "你")
"""Frequent in any modern prose; single characters, so that every word rule finds them."""
STOP_WORDS = {"en": ENGLISH_STOP_WORDS, "zh": CHINESE_STOP_WORDS}
SHORT_FORMS = [
    "Mr.",
    "Mrs.",
    "Ms.",
    "Dr.",
    "St.",
    "Jr.",
    "Sr.",
    "Prof.",
    "Gen.",
    "Sen.",
    "Rep.",
    "Gov.",
    "Col.",
    "Lt.",
    "Capt.",
    "Sgt.",
    "Rev.",
    "Adm.",
    "Messrs.",
    "Inc.",
    "Ltd.",
    "Co.",
    "Corp.",
    "Bros.",
    "Mt.",
    "vs.",
    "v.",
    "v.s.",
    "e.g.",
    "i.e.",
    "a.m.",
    "p.m.",
    "Ph.D.",
    "c.",
    "Jan.",
    "Feb.",
    "Mar.",
    "Apr.",
    "Jun.",
    "Jul.",
    "Aug.",
    "Sep.",
    "Sept.",
    "Oct.",
    "Nov.",
    "Dec.",
    "Ariz.",
    "Ark.",
    "Calif.",
    "Colo.",
    "Conn.",
    "Del.",
    "Fla.",
    "Ga.",
    "Ill.",
    "Ind.",
    "Kan.",
    "Ky.",
    "La.",
    "Mass.",
    "Mich.",
    "Minn.",
    "Miss.",
    "Mont.",
    "Neb.",
    "Nev.",
    "Okla.",
    "Ore.",
    "Pa.",
    "Tenn.",
    "Va.",
    "Wash.",
    "Wis.",
]
"""Words of English whose full stop ends no sentence, as spaCy keeps them. "No." is a word of its own more often than a short form."""
STOP_WORDS_LIMIT = 60
FIRST_CHUNKS = 1 << 16
CHUNKS_AT_ONCE = 1 << 14


@cache
def tables() -> tuple[Any, ...]:
    """(classes, counters of bytes, steps of a search, kinds of bytes, short forms), made once a process."""
    from assay.data.measures.kernels.lines import counters
    from assay.data.measures.kernels.marks import all_steps
    from assay.data.measures.kernels.words import kinds

    return classes(), counters(classes()), all_steps(), kinds(), hash_table(SHORT_FORMS)


@cache
def stop_table(words: tuple[str, ...]) -> tuple[Any, Any, int]:
    """(hashes, bits, shift) as kernels look stop words up: word i has bit i, at the place that its hash, shifted, gives."""
    from assay.data.measures.kernels.text import hash_of
    from assay.data.measures.kernels.words import STOP_SLOTS

    if len(words) > STOP_WORDS_LIMIT:
        raise ValueError(f"{len(words)} stop words; a bit set holds {STOP_WORDS_LIMIT}")
    contents = [np.frombuffer(word.encode(), np.uint8) for word in dict.fromkeys(words)]
    hashes = np.array([hash_of(content, 0, len(content)) for content in contents], np.uint64)
    for shift in range(64 - STOP_SLOTS.bit_length()):
        slots = (hashes >> np.uint64(shift)) % np.uint64(STOP_SLOTS)
        if len(np.unique(slots)) == len(slots):
            keys, bits = np.zeros(STOP_SLOTS, np.uint64), np.zeros(STOP_SLOTS, np.int64)
            keys[slots] = hashes
            bits[slots] = 1 << np.arange(len(hashes))
            return keys, bits, shift
    raise ValueError(f"no place for these {len(hashes)} stop words in a table of {STOP_SLOTS}")


class ReferenceWords:
    """spaCy's blank English tokenizer, asked once for each different chunk between blanks; what it said is kept.

    Memory grows with the number of different chunks, about 60 bytes each. Use one object for many batches, from one thread.
    """

    def __init__(self) -> None:
        from assay.data.measures.kernels.chunks import empty_table

        self._tokenizer, exceptions = english_tokenizer()
        self._exceptions = hash_table(exceptions)
        self._table = empty_table(FIRST_CHUNKS)
        self._firsts = np.zeros(FIRST_CHUNKS, np.int64)
        self._hashes, self._lengths, self._bits = (np.zeros(FIRST_CHUNKS, kind) for kind in (np.uint64, np.int32, np.uint8))
        self.chunks = self._words = 0

    def known(self, batch: TextBatch) -> tuple[Any, ...]:
        """The table, each chunk's first word, and hashes, lengths and bits of the words, with every chunk of `batch` in it."""
        from assay.data.measures.kernels.chunks import entries, larger, unknown_chunks

        spans, at = np.empty((CHUNKS_AT_ONCE, 2), np.int64), np.zeros(2, np.int64)
        kind = tables()[3]
        while at[0] < len(batch):
            while entries(self._table) < self.chunks + len(spans):
                self._table = larger(self._table)
            added = unknown_chunks(batch.content, batch.offsets, at, kind, classes(), self._table, self.chunks, spans)
            if added:
                self._learn(batch.content, spans[:added])
        return self._table, self._firsts, self._hashes, self._lengths, self._bits

    def _learn(self, content: NDArray[np.uint8], spans: NDArray[np.int64]) -> None:
        from assay.data.measures.kernels.chunks import hard_chunks, learn

        kind = tables()[3]
        text = np.empty(int((spans[:, 1] - spans[:, 0] + 1).sum()), np.uint8)
        text = text[: hard_chunks(content, spans, kind, self._exceptions, text)]
        starts, sizes = self._tokenizer(text[:-1].tobytes().decode())
        self._make_room(len(spans), len(starts) + 3 * len(spans))
        rest = slice(self._words, None)
        arrays = (self._hashes[rest], self._lengths[rest], self._bits[rest])
        firsts = np.empty(len(spans), np.int64)
        found = learn(content, spans, kind, self._exceptions, text, starts, sizes, classes(), *arrays, firsts)
        if found < 0:
            raise MachineError("spaCy's words do not make up the text they were cut from; expected spacy>=3.8,<3.9")
        self._firsts[self.chunks : self.chunks + len(spans)] = firsts + self._words
        self.chunks += len(spans)
        self._words += found
        self._firsts[self.chunks] = self._words

    def _make_room(self, chunks: int, words: int) -> None:
        if self.chunks + chunks + 1 > len(self._firsts):
            self._firsts = np.concatenate([self._firsts, np.zeros_like(self._firsts)])
        while self._words + words > len(self._hashes):
            self._hashes, self._lengths, self._bits = (
                np.concatenate([each, np.zeros_like(each)]) for each in (self._hashes, self._lengths, self._bits)
            )


def hash_table(words: Sequence[str]) -> NDArray[np.uint64]:
    """Of the words' hashes, as kernels look chunks up."""
    from assay.data.measures.kernels.chunks import GENERATION, empty_table
    from assay.data.measures.kernels.text import find_or_add, hash_of

    table: NDArray[np.uint64] = empty_table(len(words))
    for word in words:
        content = np.frombuffer(word.encode(), np.uint8)
        find_or_add(table, len(table) // 2 - 1, GENERATION, np.uint64(hash_of(content, 0, len(content))), 0)
    return table


def english_tokenizer() -> tuple[Any, Sequence[str]]:
    """spaCy's blank English tokenizer, as text -> (first character, characters) of each word; and the chunks it has exceptions for."""
    try:
        import spacy
        from spacy.attrs import IDX, LENGTH
    except ImportError:
        raise MachineError(
            "words=reference asks spaCy, which is not installed.\n  Run: pip install 'spacy>=3.8,<3.9', or use words=fast"
        ) from None
    language: Any = spacy.blank("en")

    def tokenize(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        with language.memory_zone():
            found = language.tokenizer(text).to_array([IDX, LENGTH]).astype(np.int64)
        return np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])

    return tokenize, [word for word in language.tokenizer.rules if word]


def chinese_words(texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(sizes, places): the words of text i have sizes[places[i] : places[i + 1]] characters, by jieba as spaCy's zh asks it."""
    try:
        import jieba
    except ImportError:
        raise MachineError(
            "words=reference asks jieba for Chinese, which is not installed.\n  Run: pip install jieba, or use words=fast"
        ) from None
    jieba.setLogLevel("ERROR")
    sizes: list[int] = []
    places = [0]
    for text in texts:
        sizes.extend(map(len, jieba.cut(text)))
        places.append(len(sizes))
    return np.array(sizes, np.int32), np.array(places, np.int64)
