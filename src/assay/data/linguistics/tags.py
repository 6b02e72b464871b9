"""Parts of speech. English: a conditional random field over words and what is around them, trained by gruut on UD English EWT (Penn tags).

Its weights are numbers that are added in one order, so a tag is the same on every machine; a neural tagger's near ties are not, since
matrix products are rounded as the processor likes. Chinese: the tags of jieba's dictionary, for which the words are looked up anyway.
"""

import string
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any

from assay.data.linguistics.words import Line, Word, needed, tagged_chinese_words, text_of

Features = dict[str, Any]
SENTENCE_ENDS = frozenset(".!?")


def tagged(lines: list[Line], language: str) -> list[Line]:
    """The same words with their tags."""
    if language == "en":
        return [_tagged_english(line) for line in lines]
    return [tagged_chinese_words(text_of([line], divided=False)) for line in lines]


def _tagged_english(line: Line) -> Line:
    found: Line = []
    for sentence in _sentences(line):
        words = [word for word in sentence if word.text]
        tags = iter(_tagger().tag(_features([word.text for word in words])) if words else [])
        found += [replace(word, tag=next(tags)) if word.text else word for word in sentence]
    return found


def _sentences(line: Line) -> Iterator[list[Word]]:
    """The tagger was trained on one sentence at a time."""
    start = 0
    for end, word in enumerate(line, 1):
        if word.text in SENTENCE_ENDS:
            yield line[start:end]
            start = end
    yield line[start:]


def _features(words: list[str]) -> list[Features]:
    """Return features of words as gruut 2.4.0 made them (gruut/pos.py, word2features) when the model was trained: another form of one is another feature."""
    found = []
    for place, word in enumerate(words):
        features = dict(_local(word, ""))
        if place == 0:
            features["BOS"] = True
        if place == len(words) - 1:
            features["EOS"] = True
        for distance in (1, 2):
            if place >= distance:
                features |= _local(words[place - distance], f"-{distance}:")
            if place < len(words) - distance:
                features |= _local(words[place + distance], f"+{distance}:")
        found.append(features)
    return found


@lru_cache(maxsize=100_000)
def _local(word: str, where: str) -> Features:
    return {
        f"{where}bias": 1.0,
        f"{where}word": b64encode(word.encode()).decode("ascii"),
        f"{where}len(word)": len(word),
        f"{where}word.ispunctuation": word in string.punctuation,
        f"{where}word.isdigit()": word.isdigit(),
        f"{where}word[:2]": word[:2],
        f"{where}word[:3]": word[:3],
        f"{where}word[-2:]": word[-2:],
        f"{where}word[-3:]": word[-3:],
    }


@cache
def _tagger() -> Any:
    needed("gruut_lang_en", "gruut-lang-en>=2.0")
    tagger = needed("pycrfsuite", "python-crfsuite>=0.9.11").Tagger()
    with as_file(files("gruut_lang_en").joinpath("pos/model.crf")) as model:
        tagger.open(str(model))  # not open_inmemory, which reads bytes that Python has let go
    return tagger
