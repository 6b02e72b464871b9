from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.near.settings import Shingles
from assay.data.near.shingles import shingles_of, slices

Text = some.text(some.characters(exclude_categories=["Cs"])) | some.text("aB éИ中文。カ,\n'9𠀀😀\u0301İß", max_size=60)


def numbers(text: str, words: int = 2, characters: int = 3, seed: int = 0) -> list[int]:
    hashes, _ = shingles_of(TextBatch.of([text]), Shingles(words=words, characters=characters), seed)
    return [int(value) for value in hashes]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The cat sat.", "the CAT, sat"),
        ("it's — so", "it’s\n\n so!"),
        ("Çédille ÉTÉ", "çédille été"),
        ("床前明月光", "床前，明月光。"),
        ("a_b-c", "a b c"),
        ("5 июня", "5 ИЮНЯ 😀"),
        ("\u212aelvin", "kelvin"),
        ("\u212aelvinometer", "kelvinometer"),
    ],
)
def test_case_punctuation_and_blanks_make_no_other_shingle(one: str, other: str) -> None:
    assert numbers(one) == numbers(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("the cat sat", "the sat cat"), ("ab c", "a bc"), ("ab", "a b"), ("床前明月光", "床前月明光"), ("été", "ete"), ("aa aa aa", "aa aa")],
)
def test_other_words_another_order_or_another_cut_make_other_shingles(one: str, other: str) -> None:
    assert numbers(one) != numbers(other)


def test_a_shingle_has_as_many_units_as_the_one_it_starts_at_says() -> None:
    """Two words, three characters: so Chinese with English in it needs no choice for the whole document."""
    assert len(numbers("a b c d")) == 3
    assert len(numbers("中文字符吧")) == 3
    assert len(numbers("a b 中文字 c")) == 4  # "a b", "b 中", "中文字", "文字 c"


@pytest.mark.parametrize("word", ["Seven77", "eightABC", "nineLette9", "elevenLetter", "stra\u00dfenbahnen", "\u212aelvin"])
def test_a_word_is_the_same_at_the_end_of_a_text_as_before_blanks(word: str) -> None:
    """Eight bytes are read at once only where a text has them."""
    assert numbers(word) == numbers(word + " " * 9) == numbers(f" {word}")


def test_a_text_shorter_than_a_shingle_is_one_shingle_or_none() -> None:
    batch = TextBatch.of(["one two", "", " ... ", "一二"])
    hashes, bounds = shingles_of(batch, Shingles(), 0)
    assert np.diff(bounds).tolist() == [1, 0, 0, 1]
    assert len(hashes) == 2
    assert len(shingles_of(batch, Shingles(), 0, whole=False)[0]) == 0


def test_another_seed_makes_other_numbers() -> None:
    assert not set(numbers("one two three", seed=1)) & set(numbers("one two three", seed=2))


@settings(deadline=None)
@given(some.lists(Text, max_size=8), some.integers(1, 7), some.integers(1, 7), some.booleans())
def test_two_numbers_are_equal_exactly_where_the_shingles_are(
    oracle: Any, texts: list[str], words: int, characters: int, whole: bool
) -> None:
    hashes, bounds = shingles_of(TextBatch.of(texts), Shingles(words=words, characters=characters), 0, whole=whole)
    expected = [oracle.shingle_list(text, words, characters, whole) for text in texts]
    assert np.diff(bounds).tolist() == [len(each) for each in expected]
    flat = [shingle for each in expected for shingle in sorted(each, key=repr)]
    found = [int(value) for start, end in pairwise(bounds) for value in hashes[start:end]]
    assert len(set(found)) == len(set(flat))
    for text, start, end in zip(expected, bounds[:-1], bounds[1:], strict=True):
        assert len(set(hashes[start:end].tolist())) == len(set(text))


@settings(deadline=None)
@given(some.lists(Text, max_size=8), some.integers(1, 30))
def test_pieces_of_a_batch_are_the_batch_and_no_longer_than_asked(texts: list[str], limit: int) -> None:
    batch = TextBatch.of(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assay.data.near.shingles.SLICE_BYTES", limit)
        parts = list(slices(batch))
    assert [text for _, part in parts for text in part.texts()] == texts
    starts = [first for first, _ in parts]
    assert starts == np.cumsum([0, *(len(part) for _, part in parts)]).tolist()[:-1]
    assert all(len(part) == 1 or part.offsets[-1] - part.offsets[0] <= limit for _, part in parts)
