"""From similar pairs of documents, given by rank, to clusters."""

from typing import Any

import numpy as np
from numba import types

from assay.data.near.kernel import compiled, inlined, int64, reads, uint64, writes

_32 = np.uint64(32)


@inlined
def _root(parents: Any, member: Any) -> Any:
    while parents[member] != member:
        parents[member] = parents[parents[member]]
        member = parents[member]
    return member


@compiled(int64(reads(int64, 2), writes(int64)))
def join(pairs: Any, parents: Any) -> Any:
    """Union of the pairs' members: parents[i] becomes the least member of i's component. `parents` starts as 0..N-1."""
    for number in range(len(pairs)):
        one, other = _root(parents, pairs[number, 0]), _root(parents, pairs[number, 1])
        if one < other:
            parents[other] = one
        elif other < one:
            parents[one] = other
    components = 0
    for member in range(len(parents)):
        parents[member] = _root(parents, member)
        components += parents[member] == member
    return components


@compiled(int64(reads(int64, 2), reads(uint64), reads(types.uint8), writes(int64), writes(uint64)))
def follow(edges: Any, known: Any, alike: Any, leaders: Any, wanted: Any) -> Any:
    """Gives each member, from the least, a leader that it is similar to; returns how many pairs must be counted first.

    `edges` (E, 2) of (member, lower member that is similar), ascending; `known` (lower << 32 | higher), ascending, further pairs that were
    counted, similar where `alike` is 1; `leaders` starts as 0..N-1. A member joins the least leader among `edges`; without one, the least
    of its neighbours' leaders that it is similar to. Where that was not counted yet, the pair is written to `wanted` (room for E), and the
    member leads until it is: the next call decides again.
    """
    count = 0
    at = 0
    while at < len(edges):
        member = edges[at, 0]
        end = at
        while end < len(edges) and edges[end, 0] == member:
            if leaders[member] == member and leaders[edges[end, 1]] == edges[end, 1]:
                leaders[member] = edges[end, 1]
            end += 1
        for place in range(at, end if leaders[member] == member else at):
            leader = leaders[edges[place, 1]]
            pair = np.uint64(leader) << _32 | np.uint64(member)
            found = np.searchsorted(known, pair)
            if found == len(known) or known[found] != pair:
                wanted[count] = pair
                count += 1
            elif alike[found] and leader < leaders[member]:
                leaders[member] = leader
        at = end
    return count
