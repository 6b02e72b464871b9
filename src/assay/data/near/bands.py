"""The cutting of a signature into bands: two documents are compared if one band of theirs is equal in all its rows."""

from dataclasses import dataclass
from fractions import Fraction

from assay.data.near.settings import PARTS


@dataclass(frozen=True)
class Bands:
    """`count` bands of `rows` numbers each, from the signature's start."""

    count: int
    rows: int

    def detection(self, similarity: Fraction) -> Fraction:
        """Chance that documents of this similarity share a band: 1 - (1 - s^r)^b (Leskovec, Rajaraman & Ullman, section 3.4.2)."""
        return 1 - (1 - similarity**self.rows) ** self.count


def bands_for(threshold_parts: int, permutations: int, recall: float) -> Bands:
    """The longest bands, hence the fewest pairs to count for nothing, that still find `recall` of the pairs at the threshold.

    All of the signature is used: pairs just above the threshold are the most frequent. Fractions, so that no machine rounds otherwise.
    """
    threshold, wanted = Fraction(threshold_parts, PARTS), Fraction(round(recall * PARTS), PARTS)
    for rows in range(permutations, 1, -1):
        bands = Bands(permutations // rows, rows)
        if bands.detection(threshold) >= wanted:
            return bands
    return Bands(permutations, 1)  # enough for all that NearDedupSettings allows: 1 - 0.5**16 > 0.9999
