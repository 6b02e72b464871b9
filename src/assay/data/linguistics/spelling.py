"""Known misspellings: of English words by codespell's list; of Chinese idioms where one character is wrong and sounds like the right one.

Of four characters that are no word, all but one stand in an idiom of jieba's dictionary, and the one that stands in its place is read the
same (pypinyin's first reading, tones aside). It has to be the only such idiom, frequent enough to be trusted, and no part of what stands
there may be a longer word of its own.
"""

import json
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assay.data.cleaning.words import correct_english
from assay.data.linguistics.words import chinese_words, is_chinese_word, needed

IDIOM_CHARACTERS = 4
LEAST_FREQUENCY = 20
"""In jieba's counts. Below lie thousands of entries that no person would call an idiom."""
_RUN = re.compile(f"[\u4e00-\u9fff]{{{IDIOM_CHARACTERS},}}")
_GAP = "_"


def corrected(text: str, language: str) -> str:
    return correct_english(text) if language == "en" else _RUN.sub(lambda run: _corrected_run(run[0]), text)


def _corrected_run(run: str) -> str:
    """A run of Chinese characters. Its words are asked for only where something was found, which is rare."""
    found = [(place, idiom) for place in range(len(run) - IDIOM_CHARACTERS + 1) if (idiom := _meant(run[place : place + IDIOM_CHARACTERS]))]
    if not found:
        return run
    edges, end = {0}, 0
    for word in chinese_words(run):
        end += len(word.text)
        edges.add(end)
    for place, idiom in found:
        if {place, place + IDIOM_CHARACTERS} <= edges:
            run = run[:place] + idiom + run[place + IDIOM_CHARACTERS :]
    return run


def _meant(four: str) -> str | None:
    idioms = _idioms()
    near = {
        idiom: (place, four[place])
        for place in range(IDIOM_CHARACTERS)
        for idiom in idioms.with_gap.get(four[:place] + _GAP + four[place + 1 :], ())
    }
    if not near or four in near or any(map(is_chinese_word, (four, four[1:], four[:3]))) or all(map(is_chinese_word, (four[:2], four[2:]))):
        return None
    alike = [idiom for idiom, (place, wrong) in near.items() if idioms.reading(wrong) == idioms.reading(idiom[place]) != ""]
    return alike[0] if len(alike) == 1 else None


@dataclass(frozen=True)
class _Idioms:
    """`with_gap`: an idiom with one character left out, and all that fit it."""

    with_gap: dict[str, list[str]]
    readings: dict[str, str]

    def reading(self, character: str) -> str:
        """Its first, without the tone: accents are a character of their own in the decomposed form."""
        first = self.readings.get(str(ord(character)), "").partition(",")[0]
        return "".join(letter for letter in unicodedata.normalize("NFD", first) if not unicodedata.combining(letter) or letter == "\u0308")


@cache
def _idioms() -> _Idioms:
    needed("jieba", "jieba>=0.42.1")
    needed("pypinyin", "pypinyin>=0.55")
    with_gap: dict[str, list[str]] = defaultdict(list)
    for line in files("jieba").joinpath("dict.txt").read_text(encoding="utf-8").splitlines():
        word, frequency, tag = line.split(" ")
        if len(word) == IDIOM_CHARACTERS and tag in ("i", "l") and int(frequency) >= LEAST_FREQUENCY:
            for place in range(IDIOM_CHARACTERS):
                with_gap[word[:place] + _GAP + word[place + 1 :]].append(word)
    readings: dict[str, str] = json.loads(files("pypinyin").joinpath("pinyin_dict.json").read_bytes())
    return _Idioms(dict(with_gap), readings)
