"""Replaces or drops whole words of a list: known misspellings of English, stop words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assay.data.language.identify import languages
from assay.errors import MachineError

_IN_A_NAME = b"/\\@#$%&=-_.~"
"""Beside one of these a word is part of a path, an address, an option or a name."""


@dataclass(frozen=True, eq=False)
class WordList:
    """Words in lower case, each with what stands for it; and their hashes as the kernel looks them up."""

    meanings: dict[str, str]
    keys: NDArray[np.uint64]

    @classmethod
    def of(cls, meanings: dict[str, str]) -> "WordList":
        usable = {word: meaning for word, meaning in meanings.items() if word.isalpha() and word == word.lower()}
        size = 1 << (2 * max(1, len(usable))).bit_length()
        keys = [0] * size
        for word in usable:
            key = word_key(word)
            place = key & (size - 1)
            while keys[place]:
                place = (place + 1) & (size - 1)
            keys[place] = key
        return cls(usable, np.array(keys, dtype=np.uint64))


def word_key(word: str) -> int:
    key = 0xCBF29CE484222325
    for byte in word.encode():
        key = ((key ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return key or 1


def replace_words(text: str, words: WordList, meaning: Callable[[bytes, str, bool], bytes | None]) -> str:
    """`meaning(found, listed, starts_sentence)` gives what stands for the found spelling, None to leave it."""
    from assay.data.cleaning.kernel_words import find_words

    content = text.encode()
    places = find_words(np.frombuffer(content, dtype=np.uint8), words.keys)
    parts, last = [], 0
    for start, end in zip(places[:, 0].tolist(), places[:, 1].tolist(), strict=True):  # not a list of each: collecting them is not linear
        found = content[start:end]
        listed = words.meanings.get(found.decode().lower())
        new = None if listed is None or _in_a_name(content, start, end) else meaning(found, listed, _starts_sentence(content, start))
        if new is not None:
            parts += [content[last:start], new]
            last = end + (new == b"" and content[end : end + 1] == b" ")
    return b"".join([*parts, content[last:]]).decode() if parts else text


def _starts_sentence(content: bytes, start: int) -> bool:
    before = content[max(0, start - 80) : start].rstrip(b" \t\"'(")
    return not before or before[-1:] in b"\n.!?:"


def _in_a_name(content: bytes, start: int, end: int) -> bool:
    if start and content[start - 1] in _IN_A_NAME:
        return True
    if end == len(content) or content[end] not in _IN_A_NAME:
        return False
    return content[end] != 0x2E or content[end + 1 : end + 2].isalnum()  # a full stop ends a sentence, or joins a name


def correct_spelling(text: str) -> str:
    """English text with the misspellings of codespell's list corrected where it knows one correction; the case is kept."""
    return correct_english(text) if languages([text]) == ["en"] else text


def correct_english(text: str) -> str:
    """The same for a text whose language is known: a short one may not show it."""
    return replace_words(text, misspellings(), _in_its_case)


def _in_its_case(found: bytes, correction: str, starts_sentence: bool) -> bytes | None:
    """A capital inside a sentence begins a name: Siduction is no seduction."""
    word = found.decode()
    if word.islower():
        return correction.encode()
    if word.isupper():
        return correction.upper().encode() if len(word) > 1 else None
    return (correction[0].upper() + correction[1:]).encode() if starts_sentence and word[1:].islower() else None


@cache
def misspellings() -> WordList:
    """Some 60,000 of codespell's dictionary: words with one correction, which is not marked as doubtful."""
    try:
        from importlib.resources import files

        listed = files("codespell_lib").joinpath("data/dictionary.txt").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        raise MachineError("cleaning.spelling needs the package codespell.\n  Run: pip install codespell   (extra: text)") from None
    pairs = (line.partition("->") for line in listed.splitlines())
    return WordList.of({word: correction.strip() for word, _, correction in pairs if "," not in correction})


def without_stop_words(text: str, language: str) -> str:
    """For models of words, which learn little from "the". Of languages written with blanks; the blank after a word goes with it."""
    return replace_words(text, _stop_words(language), lambda found, listed, starts_sentence: b"")


@cache
def _stop_words(language: str) -> WordList:
    return WordList.of(dict.fromkeys(stop_words(language), ""))


@cache
def stop_words(language: str) -> frozenset[str]:
    """The list of stopwords-iso (MIT) of a language: 1,298 words of English, 794 of Chinese."""
    from stopwordsiso import stopwords

    words: Iterable[str] = stopwords(language)
    return frozenset(words)
