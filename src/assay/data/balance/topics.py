"""The topics of a corpus: spherical k-means (Dhillon & Modha 2001) on TF-IDF of documents, each topic named by its most telling words.

It is a light model: a topic is what texts share in words, in whatever language, and a document has one. All is added up in whole numbers
below 2^53, which float64 holds exactly, so that neither the order of a sum nor the machine's kernels reach the result.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.order import keyed, permute

TOPICS = 10
DOCUMENTS_PER_TOPIC = 20
TERMS = 2048
TERM_DOCUMENTS = 3
"""A rarer word tells nothing of what documents share."""
TERM_SHARE = 2
"""A word in more than one of so many documents tells none from another."""
ROUNDS, STARTS = 8, 3
UNIT = 1024
"""Length of a document's vector, in whole numbers; centroids have the square of it."""
NAMED_BY = 6
SEED = 0

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Topic:
    """`words` that tell it from the others, the most telling first; `documents`: places of those that are of it."""

    words: list[str]
    documents: Ints


def topics(documents: list[list[str]]) -> list[Topic]:
    """The largest first. Empty where there are too few documents to tell topics by; a document without a telling word is of none."""
    terms, weights = _weigh(documents)
    told = np.unique(weights.rows)
    count = min(TOPICS, len(told) // DOCUMENTS_PER_TOPIC)
    if count < 2:
        return []
    starts = (told[_first(len(told), count, start)] for start in range(STARTS))
    _, owners = max((_settle(weights, start) for start in starts), key=lambda found: found[0])
    found = [Topic(_telling(weights, terms, owners == number), np.flatnonzero(owners == number)) for number in range(count)]
    return sorted((topic for topic in found if len(topic.documents)), key=lambda topic: (-len(topic.documents), topic.words))


@dataclass(frozen=True, eq=False)
class _Weights:
    """A sparse matrix of documents by terms: `values` at (`rows`, `columns`); each row has a length of about UNIT."""

    rows: Ints
    columns: Ints
    values: Ints
    rarity: Ints
    """For each term the logarithm of documents over those that hold it, in UNITs."""
    shape: tuple[int, int]

    def summed(self, owners: Ints, groups: int) -> NDArray[np.float64]:
        """The documents of each group added up: (G, T), whole numbers. `owners` (D,), -1 for none."""
        mine = owners[self.rows]
        chosen = mine >= 0
        places = mine[chosen] * self.shape[1] + self.columns[chosen]
        summed = np.bincount(places, self.values[chosen].astype(np.float64), minlength=groups * self.shape[1])
        return summed.astype(np.float64).reshape(groups, -1)

    def products(self, centroids: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the products of each document with each centroid: (D, G), whole numbers."""
        found = [np.bincount(self.rows, self.values * centroid[self.columns], minlength=self.shape[0]) for centroid in centroids]
        return np.stack(found, axis=1)


def _weigh(documents: list[list[str]]) -> tuple[list[str], _Weights]:
    counts = [Counter(found) for found in documents]
    spread = Counter(word for count in counts for word in count)
    most = max(TERM_DOCUMENTS, len(documents) // TERM_SHARE)
    usable = [(word, among) for word, among in spread.items() if TERM_DOCUMENTS <= among <= most and len(word) > 1]
    terms = [word for word, _ in sorted(usable, key=lambda term: (-term[1], term[0]))[:TERMS]]
    places = {word: place for place, word in enumerate(terms)}
    rarity = [math.log(len(documents) / spread[word]) for word in terms]
    rows, columns, values = [], [], []
    for number, count in enumerate(counts):
        weighed = [(places[word], (1 + math.log(times)) * rarity[places[word]]) for word, times in count.items() if word in places]
        weighed.sort()
        length = math.sqrt(math.fsum(weight * weight for _, weight in weighed))
        rows += [number] * len(weighed)
        columns += [column for column, _ in weighed]
        values += [round(UNIT * weight / length) for _, weight in weighed]
    row, column, value = (np.array(each, dtype=np.int64) for each in (rows, columns, values))
    scarce = np.array([round(UNIT * value) for value in rarity], dtype=np.int64)
    return terms, _Weights(row, column, value, scarce, (len(documents), len(terms)))


def _first(documents: int, count: int, start: int) -> Ints:
    """Different documents to begin with."""
    return permute(np.arange(count, dtype=np.uint64), documents, keyed(SEED, "topics", start)).astype(np.int64)


def _settle(weights: _Weights, first: Ints) -> tuple[float, Ints]:
    """Iterate to a fixed point. Returns the summed similarity of documents to the centroids of their topics, and the topics (D,), -1 for none."""
    owners = np.full(weights.shape[0], -1, dtype=np.int64)
    owners[first] = np.arange(len(first))
    told = np.zeros(weights.shape[0], dtype=np.bool_)
    told[weights.rows] = True
    nearness = 0.0
    for _ in range(ROUNDS):
        products = weights.products(_directions(weights.summed(owners, len(first))))
        nearest = np.where(told, np.argmax(products, axis=1), -1)
        nearness = float(products.max(axis=1).sum())
        if np.array_equal(nearest, owners):
            break
        owners = nearest
    return nearness, owners


def _directions(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale sums to about the length UNIT^2, rounded. A square of the length is below 2^53, since no more than DOCUMENTS vectors are added up."""
    lengths = np.sqrt((sums * sums).sum(axis=1))
    directions: NDArray[np.float64] = np.rint(sums * (UNIT**2 / np.maximum(lengths, 1.0))[:, None])
    return directions


def _telling(weights: _Weights, terms: list[str], mine: NDArray[np.bool_]) -> list[str]:
    """The words of which these documents have the most beyond their share of all documents' words, rare words before common ones."""
    sums = weights.summed(np.where(mine, 0, 1), 2).astype(np.int64)
    count = int(mine.sum())
    beyond = (sums[0] * len(mine) - sums.sum(axis=0) * count) * weights.rarity
    order = np.argsort(-beyond, kind="stable")[:NAMED_BY]
    return [terms[place] for place in order.tolist() if beyond[place] > 0]
