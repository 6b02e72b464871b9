"""C4's rules: they keep, drop or change a text line by line, then ask for enough sentences."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.cleaning.schema import C4Rules
from assay.data.measures.classes import classes
from assay.data.measures.measure import Measurer

REASONS = ("lorem_ipsum", "curly_bracket", "too_few_sentences")
LINE_COUNTS = ("lines", "too_long_word", "no_terminal_punctuation", "too_few_words", "javascript", "policy", "kept")
NO_LIMIT = 2**60


@dataclass(frozen=True, eq=False)
class Edited:
    """`batch`: the texts without the lines that went; a dropped one is what was left, or empty. `codes` (N,): 0, or 1 + the place in REASONS.

    `line_counts` (N, 7): LINE_COUNTS of each text, as far as it was read. `measures` (N,): of the edited texts, but for repeats of words.
    """

    batch: TextBatch
    codes: NDArray[np.int64]
    line_counts: NDArray[np.int64]
    measures: NDArray[Any]


def c4_lines(batch: TextBatch, rules: C4Rules, measurer: Measurer) -> Edited:
    """Apply C4's rules in their order; sentences are counted by the measurer's word rule."""
    from assay.data.measures.kernels.c4 import edit_lines, phrases

    limits = (
        int(rules.terminal_punctuation), rules.min_words_a_line or 0, rules.max_word_characters or NO_LIMIT, int(rules.lorem_ipsum),
        int(rules.javascript), int(rules.curly_brackets), int(rules.policies), int(rules.citations),
    )  # fmt: skip
    start = int(batch.offsets[0])
    out = np.empty(int(batch.offsets[-1]) - start + 1, np.uint8)
    offsets, codes, counts = (
        np.zeros(len(batch) + 1, np.int64),
        np.zeros(len(batch), np.int64),
        np.zeros((len(batch), len(LINE_COUNTS)), np.int64),
    )
    edit_lines(batch.content, batch.offsets, limits, classes(), phrases(), out, offsets, codes, counts)
    edited = TextBatch(out[: offsets[-1]], offsets)
    measures = measurer(edited, repeats=False)
    if rules.min_sentences is not None:
        codes[(codes == 0) & (measures["sentences"] < rules.min_sentences)] = 1 + REASONS.index("too_few_sentences")
    return Edited(edited, codes, counts, measures)
