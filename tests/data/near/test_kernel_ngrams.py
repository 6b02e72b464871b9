import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.near.kernel_ngrams import count_marked, fill, look_up, mark

Lists = some.lists(some.lists(some.integers(0, 40) | some.integers(2**64 - 3, 2**64 - 1), max_size=12), max_size=6)


def laid_out(lists: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    return np.array([gram for each in lists for gram in each], dtype=np.uint64), np.cumsum([0, *map(len, lists)]).astype(np.int64)


@settings(deadline=None)
@given(Lists, Lists)
def test_what_is_looked_up_is_found_with_its_first_owner_and_nothing_else(known: list[list[int]], asked: list[list[int]]) -> None:
    """0 marks a free place, so the number 0 is kept as 1: a chance of 2**-64 in real use, and no hit is lost."""
    grams, bounds = laid_out(known)
    bits = np.uint64(max(4, (2 * len(grams)).bit_length()))
    table, owners = np.zeros(1 << int(bits), dtype=np.uint64), np.full(1 << int(bits), -1, dtype=np.int64)
    seen = np.zeros(1 << int(bits), dtype=np.uint8)
    first_owner: dict[int, int] = {}
    for number, each in enumerate(known):
        for gram in each:
            first_owner.setdefault(max(gram, 1), number)
    assert fill(grams, bounds, bits, table, owners, seen) == len(first_owner)
    grams, bounds = laid_out(asked)
    hits, first = np.full(len(asked), -7), np.full(len(asked), -7)
    look_up(grams, bounds, bits, table, owners, seen, hits, first)
    expected = [[first_owner[max(gram, 1)] for gram in each if max(gram, 1) in first_owner] for each in asked]
    assert hits.tolist() == [len(each) for each in expected]
    assert first.tolist() == [each[0] if each else -1 for each in expected]


@settings(deadline=None)
@given(Lists, some.lists(Lists, max_size=3))
def test_of_each_text_those_ngrams_are_counted_that_any_batch_held(known: list[list[int]], batches: list[list[list[int]]]) -> None:
    grams, bounds = laid_out(known)
    bits = np.uint64(max(4, (2 * len(grams)).bit_length()))
    table, owners = np.zeros(1 << int(bits), dtype=np.uint64), np.full(1 << int(bits), -1, dtype=np.int64)
    seen, found = np.zeros(1 << int(bits), dtype=np.uint8), np.zeros(1 << int(bits), dtype=np.uint8)
    fill(grams, bounds, bits, table, owners, seen)
    for batch in batches:
        mark(laid_out(batch)[0], bits, table, seen, found)
    counts = np.full(len(known), -7)
    count_marked(grams, bounds, bits, table, found, counts)
    held = {max(gram, 1) for batch in batches for each in batch for gram in each}
    assert counts.tolist() == [sum(max(gram, 1) in held for gram in each) for each in known]
