"""Clusters of near repeats: who stays for whom, from signatures and from texts fetched when two are to be compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.maps import Rows
from assay.data.near.bands import bands_for
from assay.data.near.candidates import candidate_pairs, distinct
from assay.data.near.kernel_clusters import follow, join
from assay.data.near.overlap import Fetch, Overlaps, Texts, fetched_overlaps
from assay.data.near.settings import NearDedupSettings
from assay.errors import DataError

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class Clusters:
    """N documents by row. Ids order rows only: another order of the same documents gives the same clusters.

    `representative` (N,): the row that stays for each; itself if it stays. Every member is similar to its representative, as counted on
    whole texts, and no two representatives are known to be similar.
    `group` (N,): the row with the smallest id that is reached over similar pairs. Splits go by its id: two groups share no similar pair,
    though a group's ends may have little in common.
    `similar`: every pair counted as similar, the row with the smaller id first, ascending by ids.
    `counted_pairs`: how many pairs were compared in full.
    """

    representative: NDArray[np.uint32]
    group: NDArray[np.uint32]
    similar: Overlaps
    counted_pairs: int

    @property
    def kept(self) -> NDArray[np.bool_]:
        result: NDArray[np.bool_] = self.representative == np.arange(len(self.representative))
        return result


def clusters(
    signed: Rows,
    ids: NDArray[np.generic],
    text_bytes: NDArray[np.int64],
    text_batch_of: Fetch,
    settings: NearDedupSettings,
    seed: int,
) -> Clusters:
    """Near repeats among N documents.

    `signed` (N, K) of `signatures()` with the same settings and seed, in memory or stored; `ids` (N,) distinct, of any type that numpy
    sorts; `text_batch_of` gives the texts of ascending rows, whose lengths are `text_bytes` (N,). Memory is some 50 bytes a document and
    100 a similar pair, beside 16 MiB of band keys and the portion of texts that is compared (overlap.FETCHED_BYTES).
    """
    by_rank, rank = _ranks(ids)
    bands = bands_for(settings.threshold_parts, signed.shape[1], settings.recall)
    if isinstance(signed, np.ndarray):
        signed = np.ascontiguousarray(signed).view(np.ndarray)
    pairs = candidate_pairs(signed, rank, bands, settings.threshold_parts)
    comparison = _Comparison(by_rank, Texts(text_batch_of, text_bytes), settings, seed)
    counted, same = comparison.count(pairs)
    leaders, more = comparison.leaders(counted.where(same))
    similar = counted.where(same).joined_with(more).ordered()
    parents = np.arange(len(by_rank), dtype=np.int64)
    join(similar.pairs, parents)
    return Clusters(
        representative=by_rank[leaders[rank]].astype(np.uint32),
        group=by_rank[parents[rank]].astype(np.uint32),
        similar=Overlaps(by_rank[similar.pairs], similar.shared, similar.joined),
        counted_pairs=comparison.counted,
    )


def _ranks(ids: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """(rows by rank, rank by row)."""
    by_rank = np.argsort(ids, kind="stable")
    ordered = ids[by_rank]
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(again):
        raise DataError(
            f"expected one document for each id; {ordered[again[0]]!r} belongs to two. Of equal texts keep one before near_dedup"
        )
    if len(ids) > _LOW:
        raise DataError(f"near_dedup takes at most {int(_LOW):,} documents at a time; found {len(ids):,}. Split the corpus")
    rank = np.empty(len(ids), dtype=np.uint32)
    rank[by_rank] = np.arange(len(ids), dtype=np.uint32)
    return by_rank.astype(np.int64), rank


class _Comparison:
    """Pairs by rank, counted so far."""

    def __init__(self, by_rank: NDArray[np.int64], texts: Texts, settings: NearDedupSettings, seed: int) -> None:
        self.by_rank, self.texts, self.settings, self.seed = by_rank, texts, settings, seed
        self.counted = 0

    def count(self, packed: NDArray[np.uint64]) -> tuple[Overlaps, NDArray[np.bool_]]:
        """The pairs (P, 2) by rank, and which are similar."""
        pairs = np.stack([packed >> _HALF, packed & _LOW], axis=1).astype(np.int64)
        found = fetched_overlaps(self.by_rank[pairs], self.texts, self.settings.shingles, self.seed)
        self.counted += len(packed)
        return Overlaps(pairs, found.shared, found.joined), found.similar(self.settings.threshold_parts)

    def leaders(self, similar: Overlaps) -> tuple[NDArray[np.int64], Overlaps]:
        """The representative's rank of each, and the similar pairs that came to light on the way.

        By rank, a document joins a representative that it is similar to, or is one. So a chain of small changes is cut where its end is
        no longer similar to its start, which union alone would not do.
        """
        edges = similar.pairs[:, ::-1]
        edges = np.ascontiguousarray(edges[np.lexsort((edges[:, 1], edges[:, 0]))])
        known, alike = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint8)
        wanted = np.empty(len(edges), dtype=np.uint64)
        more = similar.where(np.zeros(len(similar.pairs), dtype=np.bool_))
        while True:
            leaders = np.arange(len(self.by_rank), dtype=np.int64)
            missing = follow(edges, known, alike, leaders, wanted)
            if not missing:
                return leaders, more
            packed = distinct(wanted[:missing])
            found, same = self.count(packed)
            places = np.searchsorted(known, packed)
            known, alike = np.insert(known, places, packed), np.insert(alike, places, same)
            more = more.joined_with(found.where(same))
