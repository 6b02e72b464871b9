"""Agreement of word vectors with people: rank correlation of similarity, and analogies.

W words, D width, Q questions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional import spearman_corrcoef

from assay.evaluation.word_sets import ANALOGIES, Pair, Question, WordSets

QUESTIONS_AT_ONCE = 256
FEWEST_PAIRS = 3
"""The fewest pairs for a correlation: of two, every order is right or wrong altogether."""

Vector = NDArray[np.float32]


def words_of(spellings: Sequence[bytes]) -> tuple[list[str | None], NDArray[np.int64]]:
    """From the bytes of each token: the word of each row (V,), and the row of each token's word (V,), -1 for a token that is none.

    A word is in lower case and without the blank before it; its row is the first token's that spells it, the most frequent of a learnt
    vocabulary. A single byte is a word only where no token is longer: elsewhere it is what unknown words are spelt with.
    """
    bytes_only = all(len(spelling) <= 1 for spelling in spellings)
    rows: dict[str, int] = {}
    row_of = np.full(len(spellings), -1, dtype=np.int64)
    for token, spelling in enumerate(spellings):
        word = _spelt(spelling)
        if word and (bytes_only or len(spelling) > 1):
            row_of[token] = rows.setdefault(word, token)
    words: list[str | None] = [None] * len(spellings)
    for word, row in rows.items():
        words[row] = word
    return words, row_of


def _spelt(piece: bytes) -> str | None:
    """None of marks and of parts of a character; a number is a word."""
    try:
        word = piece.decode("utf-8").strip().lower()
    except UnicodeDecodeError:
        return None
    return word if any(character.isalnum() for character in word) else None


class WordVectors:
    """Unit vectors (W, D) of the rows that have a word and are not all zero. `unknown`: a vector (D,) for a word that has no row, or None."""

    def __init__(
        self, words: Sequence[str | None], matrix: NDArray[Any], unknown: Callable[[str], NDArray[Any] | None] | None = None
    ) -> None:
        named = np.array([word is not None for word in words])
        lengths = np.sqrt((matrix.astype(np.float64) ** 2).sum(axis=1))
        kept = np.flatnonzero(named & (lengths > 0))
        self.words = [str(words[row]) for row in kept.tolist()]
        self.units: NDArray[np.float32] = (matrix[kept] / lengths[kept, None]).astype(np.float32)
        self.place = {word: place for place, word in enumerate(self.words)}
        self._unknown = unknown
        self.spells = unknown is not None

    def unit(self, word: str) -> Vector | None:
        """Return the unit vector of a word with a row, or of any that `unknown` knows."""
        place = self.place.get(word)
        if place is not None:
            known: Vector = self.units[place]
            return known
        vector = self._unknown(word) if self._unknown is not None else None
        length = float(np.linalg.norm(vector)) if vector is not None else 0.0
        return (vector / length).astype(np.float32) if vector is not None and length > 0 else None

    def nearest(self, word: str, count: int) -> list[tuple[str, float]]:
        """The most alike other words, with their cosines; none for a word without a vector."""
        unit = self.unit(word)
        if unit is None:
            return []
        cosines = self.units @ unit
        if word in self.place:
            cosines[self.place[word]] = -np.inf
        order = np.argsort(-cosines, kind="stable")[:count]
        return [(self.words[place], float(cosines[place])) for place in order if np.isfinite(cosines[place])]


@dataclass(frozen=True)
class PairScore:
    """Spearman's rank correlation over `scored` of a set's pairs, ties given the mean of their ranks; None where too few are scored."""

    spearman: float | None
    scored: int
    pairs: int


@dataclass(frozen=True)
class WordSimilarity:
    """`known`: over pairs of which both words are in the vocabulary, so two scores compare only where `scored` is the same.
    `spelt`: over those with vectors for unknown words too, where a model has such. `right` of `asked` analogies, all words in the vocabulary."""

    known: dict[str, PairScore] = field(default_factory=dict)
    spelt: dict[str, PairScore] = field(default_factory=dict)
    right: int = 0
    asked: int = 0
    questions: int | None = None

    def metrics(self) -> dict[str, float]:
        named = {f"{name}/spearman": each.spearman for name, each in self.known.items()}
        named |= {f"{name}/coverage": each.scored / each.pairs for name, each in self.known.items()}
        named |= {f"{name}/spearman_with_unknown": each.spearman for name, each in self.spelt.items()}
        if self.questions is not None:
            named[f"{ANALOGIES}/accuracy"] = self.right / self.asked if self.asked else None
            named[f"{ANALOGIES}/coverage"] = self.asked / self.questions
        return {name: value for name, value in named.items() if value is not None}

    def sizes(self) -> dict[str, Any]:
        pairs = {f"{name}_pairs": each.scored for name, each in self.known.items()}
        return pairs | ({f"{ANALOGIES}_questions": self.asked} if self.questions is not None else {})

    def said(self) -> str:
        parts = [
            f"{name}/spearman {_figure(each.spearman)} ({each.scored} of {each.pairs} pairs"
            + (f"; with unknown words {_figure(self.spelt[name].spearman)} of {self.spelt[name].scored})" if name in self.spelt else ")")
            for name, each in self.known.items()
        ]
        if self.questions is not None:
            share = self.right / self.asked if self.asked else None
            parts.append(f"{ANALOGIES}/accuracy {_figure(share)} ({self.asked} of {self.questions} questions)")
        return "  ".join(parts)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def score_words(vectors: WordVectors, sets: WordSets) -> WordSimilarity:
    known = {name: _correlate(pairs, vectors, vectors.place.__contains__) for name, pairs in sets.pairs.items()}
    spelt = {name: _correlate(pairs, vectors, lambda word: True) for name, pairs in sets.pairs.items()} if vectors.spells else {}
    if sets.questions is None:
        return WordSimilarity(known, spelt)
    right, asked = _analogies(sets.questions, vectors)
    return WordSimilarity(known, spelt, right, asked, len(sets.questions))


def _correlate(pairs: list[Pair], vectors: WordVectors, counts: Callable[[str], bool]) -> PairScore:
    cosines, said = [], []
    for first, second, score in pairs:
        if counts(first) and counts(second):
            one, other = vectors.unit(first), vectors.unit(second)
            if one is not None and other is not None:
                cosines.append(float(one @ other))
                said.append(score)
    if len(said) < FEWEST_PAIRS:
        return PairScore(None, len(said), len(pairs))
    found = spearman_corrcoef(torch.tensor(cosines, dtype=torch.float64), torch.tensor(said, dtype=torch.float64))
    return PairScore(float(found), len(said), len(pairs))


def _analogies(questions: list[Question], vectors: WordVectors) -> tuple[int, int]:
    """Right and asked: the word most like b - a + c, other than these three (3CosAdd, Mikolov et al. 2013)."""
    asked = [question for question in questions if all(word in vectors.place for word in question)]
    places = np.array([[vectors.place[word] for word in question] for question in asked], dtype=np.int64).reshape(-1, 4)
    right = 0
    for start in range(0, len(places), QUESTIONS_AT_ONCE):
        part = places[start : start + QUESTIONS_AT_ONCE]
        a, b, c = (vectors.units[part[:, column]] for column in range(3))
        likeness = (b - a + c) @ vectors.units.T
        np.put_along_axis(likeness, part[:, :3], -np.inf, axis=1)
        right += int((likeness.argmax(axis=1) == part[:, 3]).sum())
    return right, len(places)
