"""Tables of the kernel: the script of each character, and the languages that a word belongs to."""

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.data.language.frequencies import LETTERS, WORDS
from assay.data.language.names import LANGUAGES_WITH_WORDS, SCRIPTS, WORD_LANGUAGES

if TYPE_CHECKING:
    from assay.data.language.kernel import Tables

_BLOCKS = {
    "latin": ((0x41, 0x5B), (0x61, 0x7B), (0xC0, 0xD7), (0xD8, 0xF7), (0xF8, 0x250), (0x1E00, 0x1F00)),
    "cyrillic": ((0x400, 0x530),),
    "arabic": ((0x620, 0x700), (0x750, 0x780)),
    "greek": ((0x370, 0x400), (0x1F00, 0x2000)),
    "hebrew": ((0x5D0, 0x5F5),),
    "thai": ((0xE01, 0xE5C),),
    "devanagari": ((0x900, 0x980),),
    "hangul": ((0x1100, 0x1200), (0x3130, 0x3190), (0xAC00, 0xD7A4)),
    "kana": ((0x3041, 0x3100), (0x31F0, 0x3200), (0xFF66, 0xFF9E)),
    "han": ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00)),
    "rest": ((0x530, 0x590), (0x700, 0x750), (0x980, 0xE00), (0xE80, 0x1100), (0x1200, 0x1E00), (0xA000, 0xAC00)),
}
LISTED_COUNTS = 2
"""Weight of a place in the list of stop words, in occurrences in 1,700 words."""
TELLING = 20
"""Eighths of a bit."""
_LETTERS_ALONE = frozenset("abcdefghijklmnopqrstuvwxyz")
"""A word of one letter is an option or a unit as often as a word."""


@cache
def tables() -> "Tables":
    from assay.data.language.kernel import Tables

    script_of = [SCRIPTS.index(script) for script, names in WORD_LANGUAGES.items() for _ in names]
    return Tables(_scripts(), *_rows(), np.array(script_of, dtype=np.uint8))


def one_form_only() -> tuple[str, str]:
    """Characters written in simplified and in traditional text only, some 2,400 and 2,100.

    By the character sets that the two were encoded in: all of GB 2312 that Big5 lacks, and the frequent characters of Big5 (its first level)
    that GB 2312 lacks. Python's codecs hold both, so no table is needed. OpenCC's agree but for 1 character in each.
    """
    han = [chr(point) for point in range(0x4E00, 0xA000)]
    mainland = {character for character in han if character.encode("gb2312", "ignore")}
    taiwan = {character for character in han if character.encode("big5", "ignore")}
    frequent = {character for character in taiwan if character.encode("big5") < b"\xc6\xff"}
    return "".join(sorted(mainland - taiwan)), "".join(sorted(frequent - mainland))


def _scripts() -> NDArray[np.uint8]:
    table = np.zeros(0x10000, dtype=np.uint8)
    for name, blocks in _BLOCKS.items():
        for first, end in blocks:
            table[first:end] = SCRIPTS.index(name)
    for name, characters in zip(("hans", "hant"), one_form_only(), strict=True):
        table[[ord(character) for character in characters]] = SCRIPTS.index(name)
    return table


def _rows() -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """`keys`, `rows`, `letters` and `weights` of the kernel's tables."""
    from assay.data.language.kernel import WIDTH

    words, letters = _word_weights(), _letter_weights()
    size = 1 << (2 * len(words)).bit_length()
    keys, rows = np.zeros(size, dtype=np.uint32), np.zeros(size, dtype=np.int32)
    for row, key in enumerate(sorted(words), start=1):
        place = key & (size - 1)
        while keys[place]:
            place = (place + 1) & (size - 1)
        keys[place], rows[place] = key, row
    letter_rows = np.zeros(0x800, dtype=np.int32)
    for row, letter in enumerate(sorted(letters), start=1 + len(words)):
        letter_rows[[ord(letter), *(ord(capital) for capital in letter.upper() if len(letter.upper()) == 1)]] = row
    every = [{}, *(words[key] for key in sorted(words)), *(letters[letter] for letter in sorted(letters))]
    weights = np.zeros((len(every), WIDTH), dtype=np.int16)
    for number, found in enumerate(every):
        weights[number, list(found)] = list(found.values())
    return keys, rows, letter_rows, weights


def _word_weights() -> dict[int, dict[int, int]]:
    """Return for each stop word or frequent word, by its key: the weight in each language, in eighths of a bit over what any text holds by chance."""
    from stopwordsiso import stopwords

    weights: dict[int, dict[int, int]] = {}
    for language, name in enumerate(LANGUAGES_WITH_WORDS):
        total, counts = _counted(WORDS[name])
        listed = stopwords(name)
        for word in sorted({*listed, *counts}):
            if word.isalpha():
                times = counts.get(word, 0) + (LISTED_COUNTS if word in listed else 0)
                weight = _eighths_of_a_bit(10_000 * times, 3 * total)
                weights.setdefault(word_key(word), {})[language] = weight // 4 if word in _LETTERS_ALONE else weight
    return weights


def _letter_weights() -> dict[str, dict[int, int]]:
    """Return the weights of letters outside ASCII by which languages of one script differ: most of Cyrillic's do not."""
    weights: dict[str, dict[int, int]] = {}
    for language, name in enumerate(LANGUAGES_WITH_WORDS):
        total, counts = _counted(LETTERS[name])
        for letter, count in counts.items():
            weights.setdefault(letter, {})[language] = _eighths_of_a_bit(1000 * count, total)
    telling = {}
    for letter, row in weights.items():
        latin = len(WORD_LANGUAGES["latin"])
        places = range(latin) if letter < "\u0400" else range(latin, latin + len(WORD_LANGUAGES["cyrillic"]))
        among = [row.get(place, 0) for place in places]
        if max(among) - min(among) >= TELLING:
            telling[letter] = row
    return telling


def _counted(line: str) -> tuple[int, dict[str, int]]:
    total, *rest = line.split()
    return int(total), {word: int(count) for word, count in zip(rest[::2], rest[1::2], strict=True)}


def _eighths_of_a_bit(part: int, whole: int) -> int:
    """8 log2(1 + part / whole), rounded down; in integers, so that no library's logarithm decides."""
    return int(((whole + part) ** 8 // whole**8).bit_length()) - 1


def word_key(word: str) -> int:
    """The kernel's hash of a word. Never 0, which marks an empty place."""
    content = word.lower().encode()
    if content.isalpha() and len(content) <= 7:
        return (int.from_bytes(content, "little") * 0x9E3779B97F4A7C15 % 2**64) >> 32 or 1
    key = 0x811C9DC5
    for byte in content:
        key = ((key ^ byte) * 0x01000193) & 0xFFFFFFFF
    return key or 1
