"""Agreement of people who labelled the same texts: Cohen's kappa (Cohen 1960), for each two of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from assay.data.annotation.labels import Label


@dataclass(frozen=True)
class Agreement:
    """Agreement of two people on the texts that both labelled. `kappa` is None where both gave all of them one label: chance alone would do that."""

    first: str
    second: str
    texts: int
    agreed: int
    kappa: float | None

    def __str__(self) -> str:
        kappa = "kappa is not defined, as both gave one label only" if self.kappa is None else f"Cohen's kappa {self.kappa:.2f}"
        return f"{self.first} and {self.second} agree on {self.agreed:,} of {self.texts:,} texts; {kappa}"


def agreements(labels: Iterable[Label]) -> list[Agreement]:
    """Return the agreement of each two people with a text in common, sorted by their names."""
    given: dict[str, dict[str, str]] = defaultdict(dict)
    for label in labels:
        given[label.annotator][label.text_hash] = label.label
    found = []
    for first, second in combinations(sorted(given), 2):
        pairs = [(given[first][text], given[second][text]) for text in sorted(given[first].keys() & given[second].keys())]
        if pairs:
            found.append(Agreement(first, second, len(pairs), sum(one == other for one, other in pairs), kappa(pairs)))
    return found


def kappa(pairs: list[tuple[str, str]]) -> float | None:
    """(observed - expected) / (1 - expected) agreement; expected: of two who label at random, each as often as here."""
    count = len(pairs)
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    expected = sum(firsts[label] * seconds[label] for label in firsts)
    agreed = sum(first == second for first, second in pairs)
    return None if expected == count * count else (agreed * count - expected) / (count * count - expected)
