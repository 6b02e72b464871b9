import numpy as np

from assay.tokenizer.kernel_learn import FREE, join_within, learn_merges, pair_place, rebuilt


def test_joining_counts_as_the_library_does() -> None:
    symbols, changed = np.array([1, 1, 1, 2], dtype=np.int32), np.empty((16, 3), dtype=np.int64)
    length, changes = join_within(symbols, 0, 4, 1, 1, 9, changed)
    assert symbols[:length].tolist() == [9, 1, 2]
    assert changed[:changes].tolist() == [[1, 1, -1], [9, 1, 1]]


def test_pairs_keep_their_places_when_the_table_grows() -> None:
    keys = np.arange(1, 9, dtype=np.uint64) << np.uint64(40)
    table = np.full(16, FREE, dtype=np.int64)
    assert [pair_place(table, keys, number, keys[number]) for number in range(8)] == list(range(8))
    wider = rebuilt(table, keys, 8)
    assert [pair_place(wider, keys, 8, key) for key in keys] == list(range(8))


def test_ties_go_by_id_and_learning_stops_at_rare_pairs() -> None:
    symbols = np.array([1, 2, 0, 1], dtype=np.int32)
    starts = np.array([0, 1, 2, 3, 0, 0, 0, 0], dtype=np.int64)
    merges = np.empty((4, 3), dtype=np.int64)
    spelled = np.frombuffer(b"abc" + bytes(60), dtype=np.uint8).copy()
    made = learn_merges(symbols, np.array([0, 2, 4]), np.array([5, 5]), spelled, starts, 3, 7, 6, 0, merges)
    assert made == 0
    made = learn_merges(symbols, np.array([0, 2, 4]), np.array([5, 5]), spelled, starts, 3, 7, 2, 0, merges)
    assert merges[:made].tolist() == [[0, 1, 3], [1, 2, 4]]
