"""The reference's Chinese words: jieba's dictionary and tables, read from the installed package, for compiled code that cuts as jieba does."""

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.errors import MachineError

VERSION = "0.42.1"
STATES = "BMES"
SLOTS = 1 << 20
"""Of the dictionary: 498,110 beginnings of words."""


@cache
def model() -> tuple[Any, ...]:
    """What cut_chinese looks up: (roots, keys, weights, weight of an unknown character; first, moves and emitted of the hidden Markov model)."""
    package = jieba()
    from assay.data.measures.kernels.chinese import read_dictionary

    content = np.frombuffer(Path(package.__file__).with_name("dict.txt").read_bytes(), np.uint8)
    keys, frequencies = np.zeros(SLOTS, np.int64), np.zeros(SLOTS, np.int64)
    total = read_dictionary(content, keys, frequencies)
    if total < 0:
        raise MachineError(f"jieba's dict.txt is not that of jieba {VERSION}.\n  Run: pip install --force-reinstall jieba=={VERSION}")
    return (roots_of(keys), keys, *weights_of(frequencies, total), *hidden_markov_model(package))


def jieba() -> Any:
    """The package, whose version must be the one that the compiled code follows."""
    try:
        import jieba
    except ImportError:
        raise MachineError(
            f"words=reference cuts Chinese by jieba's tables, and jieba is not installed.\n  Run: pip install jieba=={VERSION}, or use words=fast"
        ) from None
    if jieba.__version__ != VERSION:
        raise MachineError(
            f"words=reference cuts Chinese as jieba {VERSION} does; found {jieba.__version__}.\n  Run: pip install jieba=={VERSION}"
        )
    return jieba


def roots_of(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """(letters,): the slot of each letter that begins a word, or -1."""
    from assay.data.measures.kernels.chinese import ALPHABET, child

    return np.array([child(keys, -1, letter, False) for letter in range(ALPHABET)], np.int32)


def weights_of(frequencies: NDArray[np.int64], total: int) -> tuple[NDArray[np.float64], float]:
    """(logarithm of each word's share, 0.0 for no word; that of frequency 1). By Python's own logarithm, as jieba: NumPy's may differ in a bit."""
    whole = math.log(total)
    slots = np.flatnonzero(frequencies)
    different, which = np.unique(frequencies[slots], return_inverse=True)
    weights = np.zeros(len(frequencies))
    weights[slots] = np.array([math.log(frequency) - whole for frequency in different.tolist()])[which]
    return weights, math.log(1) - whole


def hidden_markov_model(package: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Logarithms of (4,) first states, (4, 4) moves and (4, Han) emitted characters."""
    from assay.data.measures.kernels.chinese import ALPHABET, FIRST_HAN, IMPOSSIBLE, LETTERS

    tables = package.finalseg
    first = np.array([tables.start_P[state] for state in STATES])
    moves = np.array([[tables.trans_P[before].get(state, IMPOSSIBLE) for state in STATES] for before in STATES])
    emitted = np.full((len(STATES), ALPHABET - LETTERS), IMPOSSIBLE)
    for row, state in zip(emitted, STATES, strict=True):
        for character, value in tables.emit_P[state].items():
            if 0 <= ord(character) - FIRST_HAN < len(row):
                row[ord(character) - FIRST_HAN] = value
    return first, moves, emitted


def chinese_words(batch: TextBatch) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(sizes, places): the words of text i have sizes[places[i] : places[i + 1]] characters, by jieba as spaCy's zh asks it; blanks are words."""
    from assay.data.measures.kernels.chinese import cut_chinese

    sizes, places = np.empty(int(batch.offsets[-1] - batch.offsets[0]), np.int32), np.empty(len(batch) + 1, np.int64)
    cut_chinese(batch.content, batch.offsets, model(), sizes, places)
    return sizes[: places[-1]], places
