"""The language of each text of a batch: by script, by the form of Chinese characters, by stop words; of short texts by CLD2. Offline.

A script decides most languages by itself. Chinese is simplified or traditional by the characters that only one of the forms has; Japanese by
its kana. Languages that share a script are told apart by the share of each in the stop words found. docs/decisions/ says what was compared.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.language.names import LANGUAGES
from assay.data.language.short_texts import SHORT_BYTES, is_asked, short_text_language
from assay.data.language.tables import tables

_ASKED = np.array([is_asked(name) for name in LANGUAGES])


def identify(batch: TextBatch) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """`codes` uint8 (N,), places in LANGUAGES, and `confidence` uint8 (N,), percent.

    Of a text over 2 KB four windows of 512 bytes are read. `unknown` is a text with too little to go by, or with two languages level; `other` one in
    a language or script that is not in LANGUAGES. Confidence is the lesser of two: the share of the script among the letters, and the lead over
    the second language; for a short text see short_texts.Found. It is no probability.
    """
    from assay.data.language.kernel import identify_texts

    codes, confidence = identify_texts(batch.content, batch.offsets, tables())
    sizes = np.diff(batch.offsets)
    for place in np.flatnonzero((sizes < SHORT_BYTES) & _ASKED[codes]).tolist():
        start, end = batch.offsets[place : place + 2]
        found = short_text_language(batch.content[start:end].tobytes(), LANGUAGES[codes[place]])
        if found is not None:
            codes[place], confidence[place] = LANGUAGES.index(found.name), found.percent
    return codes, confidence


def languages(texts: Iterable[str]) -> list[str]:
    """Names in place of codes, for a few texts."""
    return [LANGUAGES[code] for code in identify(TextBatch.of(texts))[0]]
