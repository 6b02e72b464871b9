"""Measures each text of a batch in one compiled pass; rules.py decides on the numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.measures.chinese import chinese_words
from assay.data.measures.english import EnglishWords
from assay.data.measures.fields import MEASURES, NAMES
from assay.data.measures.words import ENGLISH_STOP_WORDS, WordRule, stop_table, tables

SHORT_LINE_CHARACTERS = 30
"""FineWeb (Penedo et al. 2024, section 3.6)."""


FIRST_WORDS = 1 << 14
"""Words of a text there is room for at first; doubled where a longer one comes."""


class Measurer:
    """Holds what a word rule keeps between batches, so that spaCy is seldom asked twice for a chunk. For one thread.

    `stop_words`: at most 60; bit i of the field stands for stop word i. `language` en or zh chooses the reference's tokenizer.
    """

    def __init__(
        self,
        words: WordRule = "fast",
        language: str = "en",
        stop_words: tuple[str, ...] = ENGLISH_STOP_WORDS,
        short_line_characters: int = SHORT_LINE_CHARACTERS,
    ) -> None:
        self._words = None if words == "fast" else chinese_words if language == "zh" else EnglishWords()
        self._stop_words = stop_words
        self._short = short_line_characters

    def __call__(self, batch: TextBatch, repeats: bool = True) -> NDArray[Any]:
        """(N,) of MEASURES, int64 each. Without `repeats` those of words are 0, for half the time."""
        from assay.data.measures.kernels.passes import measure_fast, measure_given, rooms

        rows = np.empty((len(batch), len(NAMES)), np.int64)
        given: tuple[Any, ...] = ()
        kernel: Any = measure_fast
        if self._words is not None:
            kernel, given = measure_given, self._words(batch)
        settings = (tables(), self._short, stop_table(self._stop_words), *given)
        words, entries, done = FIRST_WORDS, FIRST_WORDS, 0
        while True:
            done = kernel(batch.content, batch.offsets, done, *settings, rooms(words, entries), rows, repeats)
            if done == len(batch):
                return rows.view(MEASURES).reshape(-1)
            words, entries = 2 * words, 2 * entries


def measure(batch: TextBatch, words: WordRule = "fast", **settings: Any) -> NDArray[Any]:
    """(N,) of MEASURES for the texts of one batch. For many batches keep a Measurer."""
    return Measurer(words, **settings)(batch)
