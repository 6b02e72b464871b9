"""Confidence interval of a share of right answers, and a test whether two classifiers differ on the same documents."""

import math

Z_95 = 1.959963984540054
"""Two-sided."""


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927): unlike the usual one it stays between 0 and 1, and is not empty at either."""
    share, part = right / of, Z_95**2 / of
    middle = share + part / 2
    half = Z_95 * math.sqrt(share * (1 - share) / of + part / (4 * of))
    return max(0.0, (middle - half) / (1 + part)), min(1.0, (middle + half) / (1 + part))


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p that two classifiers are equally good (McNemar 1947), exact: each document that one of them alone has right is a coin's throw."""
    thrown, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(thrown, count) for count in range(fewer + 1))
    return min(1.0, float(2 * tail / 2**thrown))
