"""What the kernels are held against: shingles as Python strings, and pairs of texts whose true similarity is counted on those."""

import random
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assay.data.batch import TextBatch
from assay.data.near.characters import UNSPACED
from assay.data.near.clusters import Clusters, clusters
from assay.data.near.settings import NearDedupSettings
from assay.data.near.signatures import signatures


@cache
def kind(character: str) -> tuple[bool, bool]:
    """(letter, digit or combining mark; stands alone)."""
    point = ord(character)
    if point >= 0x20000:  # planes of Han; what is not assigned there yet will be
        return (point < 0x323B0,) * 2
    letter = character.isalnum() or unicodedata.category(character).startswith("M")
    return letter, letter and any(start <= point < end for start, end in UNSPACED)


def units(text: str) -> list[tuple[str, bool]]:
    """(word or character, whether it stands alone), lower case, without what stands between words."""
    found: list[tuple[str, bool]] = []
    word = ""
    for character in text + " ":
        letter, alone = kind(character)
        if letter and not alone:
            lower = character.lower()
            word += lower if len(lower) == 1 else character
            continue
        if word:
            found.append((word, False))
            word = ""
        if alone:
            found.append((character, True))
    return found


def shingle_list(text: str, words: int = 5, characters: int = 5, whole: bool = True) -> list[tuple[tuple[str, bool], ...]]:
    found = units(text)
    sizes = [characters if alone else words for _, alone in found]
    result = [tuple(found[at : at + size]) for at, size in enumerate(sizes) if at + size <= len(found)]
    return result or ([tuple(found)] if whole and found else [])


@lru_cache(maxsize=20_000)
def shingle_set(text: str) -> frozenset[int]:
    """Python's own hashes stand for the shingles: tuples of strings for all texts of a test would fill the memory."""
    return frozenset(map(hash, shingle_list(text)))


def jaccard(one: str, other: str) -> float:
    left, right = shingle_set(one), shingle_set(other)
    return len(left & right) / max(1, len(left | right))


@pytest.fixture(scope="session")
def oracle() -> SimpleNamespace:
    return SimpleNamespace(units=units, shingle_list=shingle_list, jaccard=jaccard)


@pytest.fixture(scope="session")
def cluster() -> Callable[..., Clusters]:
    """Clusters of texts in memory, whose ids are their places unless others are given."""

    def run(texts: list[str], ids: Any = None, seed: int = 0, **settings: Any) -> Clusters:
        chosen = NearDedupSettings(**settings)
        batch = TextBatch.of(texts)
        signed = signatures(batch, chosen.shingles, chosen.permutations, seed)
        names = np.arange(len(texts)) if ids is None else np.asarray(ids)
        return clusters(signed, names, np.diff(batch.offsets), lambda rows: TextBatch.of([texts[row] for row in rows]), chosen, seed)

    return run


@pytest.fixture(scope="session")
def prose() -> Callable[..., str]:
    """prose(number, words): sentences of invented words, the same for the same number; common words come often, as in real text."""
    source = random.Random(0)
    vocabulary = ["".join(source.choices("abcdefghijklmnoprstuvwyéü", k=source.randint(1, 10))) for _ in range(4000)]
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]

    def make(number: int, words: int) -> str:
        picked = random.Random(number).choices(vocabulary, weights, k=words)
        return " ".join(word + (". " if at % 11 == 10 else "") for at, word in enumerate(picked))

    return make


@pytest.fixture(scope="session")
def edited() -> Callable[..., str]:
    """edited(text, number, changes): that many edits at places that the number decides: a word replaced, left out, doubled or moved."""

    def make(text: str, number: int, changes: int) -> str:
        source = random.Random(number)
        words = text.split(" ")
        for _ in range(changes):
            at = source.randrange(len(words))
            kind = source.randrange(4)
            if kind == 0:
                words[at] = f"zz{source.randrange(10**6)}"
            elif kind == 1 and len(words) > 1:
                del words[at]
            elif kind == 2:
                words.insert(at, words[at])
            else:
                words.insert(source.randrange(len(words)), words.pop(at))
        return " ".join(words)

    return make
