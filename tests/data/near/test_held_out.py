from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.near.held_out import BEGINNING_BYTES, SAMPLE_BYTES, HeldOut, Known, beginning, sample
from assay.data.near.settings import HeldOutSettings

Words = some.lists(some.sampled_from(["a", "B", "b", "cé", "中", "文", "。", "9"]), max_size=25).map(" ".join)


@settings(deadline=None)
@given(some.lists(Words, max_size=5), some.lists(some.lists(Words, max_size=4), max_size=3), some.integers(1, 5), some.integers(1, 5))
def test_counts_are_those_of_pythons_sets(oracle: Any, held_out: list[str], training: list[list[str]], words: int, characters: int) -> None:
    look = HeldOut(TextBatch.of(held_out), HeldOutSettings(words=words, characters=characters))
    for texts in training:
        look.see(TextBatch.of(texts))
    read = {gram for texts in training for text in texts for gram in oracle.shingle_list(text, words, characters, False)}
    expected = [oracle.shingle_list(text, words, characters, False) for text in held_out]
    known = look.known()
    assert known.ngrams.tolist() == [len(grams) for grams in expected]
    assert known.found.tolist() == [sum(gram in read for gram in grams) for grams in expected]


def test_a_document_is_known_from_its_share_on_and_a_bound_is_not_too_many() -> None:
    ngrams, found = np.array([10, 10, 10, 0]), np.array([7, 8, 10, 0])
    known = Known(ngrams, found, HeldOutSettings(share=0.8))
    assert known.known.tolist() == [False, True, True, False]
    assert known.covered.tolist() == [True, True, True, False]
    for at_most, expected in ((0.67, False), (0.66, True), (1.0, False), (0.0, True)):
        assert Known(ngrams, found, HeldOutSettings(at_most=at_most)).too_many == expected
    assert not Known(ngrams[3:], found[3:], HeldOutSettings(at_most=0.0)).too_many


def test_so_many_documents_are_looked_for_as_fit_and_of_a_long_one_its_beginning() -> None:
    assert sample(np.full(10, 5000)) == 10
    assert sample(np.full(10**6, 64)) == SAMPLE_BYTES // 64
    assert sample(np.array([2**30, 10, 10])) == 3
    assert sample(np.full(100, 2**30)) == SAMPLE_BYTES // BEGINNING_BYTES
    assert sample(np.array([], dtype=np.int64)) == 0
    for text in ("short", "中文" * 10, "a" * BEGINNING_BYTES, "中" * BEGINNING_BYTES, "x" + "中" * BEGINNING_BYTES):
        cut = beginning(text)
        assert text.startswith(cut)
        assert BEGINNING_BYTES - 4 < len(cut.encode()) <= BEGINNING_BYTES or cut == text
