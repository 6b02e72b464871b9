import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.tokenizer.kernel_unigram import piece_table, spell_words
from assay.tokenizer.words import flat_bytes


def cheapest(word: bytes, costs: dict[bytes, int], whole: bool = True) -> int:
    best = [0] + [2**62] * len(word)
    for i in range(len(word)):
        for piece, cost in costs.items():
            if word.startswith(piece, i) and (whole or piece != word):
                best[i + len(piece)] = min(best[i + len(piece)], best[i] + cost)
    return best[-1]


@settings(deadline=None)
@given(
    some.lists(some.tuples(some.text("abc", min_size=1, max_size=12).map(str.encode), some.integers(1, 9)), min_size=1, max_size=6),
    some.dictionaries(some.text("abc", min_size=2, max_size=4).map(str.encode), some.integers(1, 40), max_size=6),
)
def test_no_spelling_is_cheaper(words: list[tuple[bytes, int]], longer: dict[bytes, int]) -> None:
    costs = {b"a": 10, b"b": 15, b"c": 20} | longer
    pieces = list(costs)
    joined, ends, _ = flat_bytes([(piece, 1) for piece in pieces])
    content, offsets, weights = flat_bytes(words)
    table, longest = piece_table(joined, ends)
    counts = np.zeros(len(pieces), dtype=np.int64)
    by_piece = np.array(list(costs.values()), dtype=np.int64)
    spell_words(content, offsets, weights, joined, ends, table, longest, by_piece, counts, np.empty(0, dtype=np.int64))
    assert int((counts * by_piece).sum()) == sum(count * cheapest(word, costs) for word, count in words)
    assert sum(len(pieces[i]) * int(counts[i]) for i in range(len(pieces))) == sum(len(word) * count for word, count in words)
    alone = np.empty(len(pieces), dtype=np.int64)
    spell_words(joined, ends, np.zeros_like(by_piece), joined, ends, table, longest, by_piece, counts, alone)
    assert alone.tolist() == [cheapest(piece, costs, whole=len(piece) == 1) for piece in pieces]


def test_what_a_piece_costs_without_itself() -> None:
    pieces = [b"a", b"b", b"ab", b"abab"]
    joined, ends, _ = flat_bytes([(piece, 1) for piece in pieces])
    table, longest = piece_table(joined, ends)
    costs, alone = np.array([10, 15, 7, 9], dtype=np.int64), np.empty(4, dtype=np.int64)
    spell_words(joined, ends, np.zeros(4, dtype=np.int64), joined, ends, table, longest, costs, np.zeros(4, dtype=np.int64), alone)
    assert alone.tolist() == [10, 15, 25, 14]
