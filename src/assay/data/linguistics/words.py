"""Where words begin and end: English as spaCy's blank tokenizer cuts it, Chinese as jieba does, by its Rust form, which is twelve times faster."""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from assay.data.hidden import hidden
from assay.errors import MachineError

LONGEST_CHUNK_CHARACTERS = 100
"""A longer run without a blank is one word: spaCy takes a run of brackets apart one by one, in quadratic time."""
RENEWED_AFTER_CHARACTERS = 3_000_000
_LONG = re.compile(rf"(\S{{{LONGEST_CHUNK_CHARACTERS + 1},}})")
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or mark, its tag where it has one, and the white space between it and the next in the text."""

    text: str
    blank: str = ""
    tag: str = ""


Line = list[Word]


def lines_of(text: str, language: str) -> list[Line]:
    """The words of each line of a text, which they and their blanks make up again."""
    cut = english_words if language == "en" else chinese_words
    return [cut(line) for line in text.split("\n")]


def text_of(lines: list[Line], divided: bool) -> str:
    """`divided`: one blank between words, whatever stood there; else as they stood."""
    if divided:
        return "\n".join([" ".join([_shown(word) for word in line if word.text]) for line in lines])
    return "\n".join(["".join([_shown(word) + word.blank for word in line]) for line in lines])


def _shown(word: Word) -> str:
    return f"{word.text}/{word.tag}" if word.tag else word.text


def english_words(line: str) -> Line:
    """do n't, John 's, labor - allied: the form in which English treebanks are written, and taggers with them."""
    tokenizer = _ENGLISH.tokenizer(len(line))
    found: list[tuple[str, str]] = []
    for piece in _LONG.split(line):
        uncut = len(piece) > LONGEST_CHUNK_CHARACTERS and not _BLANK.search(piece)
        found += [(piece, "")] if uncut else [(token.text, token.whitespace_) for token in tokenizer(piece)]
    return _joined(found)


def chinese_words(line: str) -> Line:
    return _joined([(word, "") for word in _jieba().cut(line)])


def tagged_chinese_words(line: str) -> Line:
    """The same words with their tags."""
    return _joined([(word, "") for word, _ in found], [tag for _, tag in found]) if (found := _jieba().tag(line)) else []


def _joined(found: list[tuple[str, str]], tags: list[str] | None = None) -> Line:
    """Words with the white space behind each, which both libraries give as words of their own; that at the start is behind an empty word."""
    words: Line = []
    for number, (text, blank) in enumerate(found):
        if not text.isspace():
            words.append(Word(text, blank, tags[number] if tags else ""))
        elif words:
            words[-1] = replace(words[-1], blank=words[-1].blank + text + blank)
        else:
            words.append(Word("", text + blank))
    return words


class _English:
    """spaCy's tokenizer, which remembers each word it has seen, for ever: made anew now and then, so that memory does not grow.

    Its own remedy, a memory zone for each text, takes three times as long.
    """

    def __init__(self) -> None:
        self._tokenizer: Any = None
        self._left_characters = 0

    def tokenizer(self, characters: int) -> Any:
        """For a text of so many characters."""
        if self._left_characters <= 0:
            with hidden("torch"):
                self._tokenizer = needed("spacy", "spacy>=3.8,<3.9").blank("en").tokenizer
            self._left_characters = RENEWED_AFTER_CHARACTERS
        self._left_characters -= characters
        return self._tokenizer


_ENGLISH = _English()


@cache
def _jieba() -> Any:
    return needed("rjieba", "rjieba>=0.2")


def is_chinese_word(word: str) -> bool:
    """Whether jieba's dictionary has it."""
    found: bool = _dictionary().has_word(word)
    return found


@cache
def _dictionary() -> Any:
    return _jieba().Jieba()


def needed(module: str, requirement: str, asked_by: str = "cleaning.linguistics") -> Any:
    """A library of the extra, imported where it is used. Raises MachineError naming what to install, and the setting that asks for it."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError:
        raise MachineError(
            f"{asked_by} needs the package {requirement.partition('>')[0]}.\n  Run: pip install '{requirement}'   (extra: linguistics)"
        ) from None
