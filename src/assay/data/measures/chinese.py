"""The reference's Chinese words: jieba's, by its Rust form, which differs from it in rare characters and in runs of ASCII."""

import re
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.errors import MachineError

_RUN = re.compile("([\u4e00-\u9fd5a-zA-Z0-9+#&._%-]+)|\r\n|.", re.DOTALL)
"""jieba.re_han_default and re_skip_default: what jieba cuts into words; all else is a word by itself. rjieba takes more characters for Han."""
_DICTIONARY = re.compile(r"(AT&T|[cC]#|[cC]\+\+)")
"""The words of jieba's dictionary that are all ASCII."""
_NUMBER_OR_LATIN = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")
"""jieba.finalseg.re_skip."""


def chinese_words(batch: TextBatch) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(sizes, places): the words of text i have sizes[places[i] : places[i + 1]] characters, by jieba as spaCy's zh asks it; blanks are words."""
    cut = _rjieba()
    found, places = [np.empty(0, np.int32)], np.zeros(len(batch) + 1, np.int64)
    for number, text in enumerate(batch.texts(), 1):
        found.append(np.fromiter(map(len, words_of(text, cut)), np.int32))
        places[number] = places[number - 1] + len(found[-1])
    return np.concatenate(found), places


def words_of(text: str, cut: Callable[[str], list[str]]) -> Iterator[str]:
    """Words of a text, blanks and marks among them."""
    for found in _RUN.finditer(text):
        yield from _words_of_run(found[0], cut) if found[1] else [found[0]]


def _words_of_run(text: str, cut: Callable[[str], list[str]]) -> Iterator[str]:
    """rjieba keeps "2008-6-1" and "qq.com" together, which jieba cuts at the marks."""
    run = ""
    for word in cut(text):
        if word.isascii():
            run += word
            continue
        if run:
            yield from _ascii_words(run)
            run = ""
        yield word
    if run:
        yield from _ascii_words(run)


def _ascii_words(run: str) -> Iterator[str]:
    for number, part in enumerate(_DICTIONARY.split(run)):
        yield from [part] if number % 2 else filter(None, _NUMBER_OR_LATIN.split(part))


def _rjieba() -> Callable[[str], list[str]]:
    try:
        from rjieba import cut
    except ImportError:
        raise MachineError(
            "words=reference cuts Chinese by rjieba, which is not installed.\n  Run: pip install 'rjieba>=0.2', or use words=fast"
        ) from None
    found: Callable[[str], list[str]] = cut
    return found
