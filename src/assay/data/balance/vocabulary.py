"""Words of texts, and how their number grows with what is read: Heaps' law, V = K n^beta (Heaps 1978; Herdan 1960)."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

WITHOUT_BLANKS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Kana, Han, Thai, Lao, Burmese, Khmer: no blank tells where a word ends, so two neighbouring characters stand for one."""
WORD = re.compile(rf"[^\W\d_{WITHOUT_BLANKS}]+|[{WITHOUT_BLANKS}]+")
DENSE = re.compile(rf"[{WITHOUT_BLANKS}]")
FITTED_FROM = 1000
"""Words: the first ones of any text are nearly all new, which no power of their number is."""
DECIMALS = 3


def words(text: str) -> list[str]:
    """Runs of letters in lower case; of scripts without blanks each two neighbours, or the one that there is."""
    found = WORD.findall(text.lower())
    if not DENSE.search(text):
        return found
    return [part for word in found for part in _pairs(word)]


def _pairs(word: str) -> Iterator[str]:
    if len(word) < 2 or not DENSE.match(word):
        yield word
    else:
        yield from map("".join, pairwise(word))


@dataclass(frozen=True)
class Growth:
    """`points`: (words read, different ones among them), the numbers read growing by half each time. `exponent` and `factor`: of Heaps' law by
    least squares of logarithms; None where fewer than FITTED_FROM words are too few to fit."""

    points: list[tuple[int, int]]
    exponent: float | None
    factor: float | None


def growth(documents: Iterable[list[str]]) -> Growth:
    """Over documents in an order that has nothing to do with what they say: read by source, each new source would be a jump."""
    seen: set[str] = set()
    points: list[tuple[int, int]] = []
    read, mark = 0, 100
    for found in documents:
        start = 0
        while read + len(found) - start >= mark:
            seen.update(found[start : start + mark - read])
            start, read = start + mark - read, mark
            points.append((read, len(seen)))
            mark = mark * 3 // 2
        seen.update(found[start:])
        read += len(found) - start
    if read and (not points or points[-1][0] < read):
        points.append((read, len(seen)))
    fitted = [(math.log(count), math.log(different)) for count, different in points if count >= FITTED_FROM]
    if len(fitted) < 2:
        return Growth(points, None, None)
    exponent, factor = _power(fitted)
    return Growth(points, round(exponent, DECIMALS), round(factor, DECIMALS))


def _power(logarithms: list[tuple[float, float]]) -> tuple[float, float]:
    """(beta, K) of the line through points by least squares; exact sums, so that no machine's rounding shows."""
    middle_x, middle_y = (math.fsum(values) / len(logarithms) for values in zip(*logarithms, strict=True))
    slope = math.fsum((x - middle_x) * (y - middle_y) for x, y in logarithms) / math.fsum((x - middle_x) ** 2 for x, _ in logarithms)
    return slope, math.exp(middle_y - slope * middle_x)
