"""Kernels against a few lines of Python that say the same."""

import math
from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.classifier.kernel import REACH, STEPS_A_UNIT, add_weights, learn
from assay.data.classifier.model import NgramSizes
from assay.data.near.characters import UNSPACED, character_table

TEXTS = some.lists(some.text(alphabet="aBc1 .\n-\u00e9\u4f60\u597d\u0e01\U0001f600\U00020000", max_size=15), max_size=3)


def words_of(text: str) -> list[str]:
    """Runs of letters in lower case, and each character of a script without spaces."""
    found, run = [], ""
    for letter in text:
        alone = any(first <= ord(letter) < last for first, last in UNSPACED) or 0x20000 <= ord(letter) < 0x323B0
        if alone or not (letter.isalnum() and ord(letter) < 0x20000):
            found += [run] * bool(run) + [letter] * alone
            run = ""
        else:
            run += letter.lower()
    return [*found, *([run] if run else [])]


def grams(text: str, words: int, characters: int) -> list[tuple[str, ...]]:
    units = words_of(text)
    of_words = [("word", *units[end - size : end]) for end in range(1, len(units) + 1) for size in range(1, min(words, end) + 1)]
    return of_words + [("characters", *text[start : start + characters]) for start in range(len(text) - characters + 1)]


@given(TEXTS, some.integers(1, 5), some.integers(1, 8))
def test_equal_ngrams_and_no_others_share_a_bucket(texts: list[str], words: int, characters: int) -> None:
    """In 2**32 buckets, which so few n-grams do not share by chance."""
    buckets, bounds = NgramSizes(words, characters, 32).buckets(TextBatch.of(texts))
    found = [Counter(buckets[start:end].tolist()) for start, end in pairwise(bounds)]
    expected = [Counter(grams(text, words, characters)) for text in texts]
    for one, other in product(range(len(texts)), repeat=2):
        assert sorted((found[one] & found[other]).values()) == sorted((expected[one] & expected[other]).values())


def test_a_text_has_the_buckets_it_has_alone() -> None:
    texts = ["The river.", "", "\u4f60\u597d world", "THE RIVER!"]
    sizes = NgramSizes(2, 3, 18)
    buckets, bounds = sizes.buckets(TextBatch.of(texts))
    for number, text in enumerate(texts):
        assert buckets[bounds[number] : bounds[number + 1]].tolist() == sizes.buckets(TextBatch.of([text]))[0].tolist()
    words_only = [set(NgramSizes(2, 8, 18).buckets(TextBatch.of([text[:7]]))[0].tolist()) for text in ("the river"[:7], "THE RIVER"[:7])]
    assert words_only[0] == words_only[1], "words in one case"
    assert set(sizes.buckets(TextBatch.of(["abc"]))[0].tolist()) != set(sizes.buckets(TextBatch.of(["ABC"]))[0].tolist())


def test_a_bucket_is_the_same_on_every_machine() -> None:
    buckets, _ = NgramSizes(2, 4, 18).buckets(TextBatch.of(["The \u4f60\u597d"]))
    assert buckets.tolist() == [49661, 212276, 68947, 39609, 231315, 207100, 63761, 29851]


def test_a_sum_is_of_whole_numbers_over_the_root_of_their_count_rounded_down() -> None:
    weights = np.array([5, -7, 100], dtype=np.int32)
    buckets, bounds = np.array([0, 1, 1, 2], dtype=np.uint32), np.array([0, 3, 3, 4], dtype=np.int64)
    sums = np.empty(3, dtype=np.int64)
    add_weights(buckets, bounds, weights, 10, sums)
    assert sums.tolist() == [10 + math.floor(-9 / math.sqrt(3)), 10, 110]


def test_learning_is_adagrad_on_the_logistic_loss() -> None:
    """Two steps by hand."""
    logistic = np.full(2 * REACH * STEPS_A_UNIT, 0.5, dtype=np.float32)
    weights, squares = np.zeros(2), np.zeros(2)
    bias = learn(
        np.array([0, 1], dtype=np.uint32), np.array([0, 1, 2], dtype=np.int64), np.array([True, False]), np.array([0, 1]), logistic, 0.3,
        weights, squares,
    )  # fmt: skip
    assert weights == pytest.approx([0.3, -0.3], rel=1e-6)
    assert squares.tolist() == [0.25, 0.25]
    assert bias == pytest.approx(0.3 - 0.3 / math.sqrt(2), rel=1e-6)


def test_logits_beyond_the_table_take_its_ends() -> None:
    logistic = np.linspace(0, 1, 2 * REACH * STEPS_A_UNIT, dtype=np.float32)
    for start, good in ((1e6, True), (-1e6, False)):
        weights = np.array([start])
        learn(np.zeros(1, np.uint32), np.array([0, 1]), np.array([good]), np.zeros(1, np.int64), logistic, 0.3, weights, np.zeros(1))
        assert weights.tolist() == [start], "it is sure and right: nothing to learn"


def test_the_table_of_characters_has_the_size_that_the_kernel_reads() -> None:
    from assay.data.classifier.kernel import ALONE, TABLE_SIZE

    assert len(character_table()) == TABLE_SIZE
    assert character_table()[0x4F60] == 0x4F60 | ALONE
