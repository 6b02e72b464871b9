"""Words by what they share: stems in place of inflected forms, and no words that stand in every text."""

from dataclasses import replace
from functools import cache
from typing import Any

from assay.data.cleaning.words import stop_words
from assay.data.linguistics.words import Line, Word, needed


def stemmed(lines: list[Line]) -> list[Line]:
    """Snowball's English stems (Porter 2001), in lower case, of words of ASCII letters, which in Chinese text are English too."""
    return [[_stemmed(word) for word in line] for line in lines]


def _stemmed(word: Word) -> Word:
    if not (word.text.isascii() and word.text.isalpha()):
        return word
    return replace(word, text=_stemmer().stemWord(word.text.lower()))


def without_stop_words(lines: list[Line], language: str) -> list[Line]:
    """The blank behind a word goes with it."""
    listed = stop_words(language)
    return [[word for word in line if word.text.lower() not in listed] for line in lines]


@cache
def _stemmer() -> Any:
    return needed("Stemmer", "pystemmer>=3.0").Stemmer("english")
