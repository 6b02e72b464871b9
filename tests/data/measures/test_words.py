import itertools

import pytest
from hypothesis import given, settings
from texts import texts

from assay.data.batch import TextBatch
from assay.data.measures.fields import MEASURES
from assay.data.measures.measure import Measurer
from assay.data.measures.words import ENGLISH_STOP_WORDS, stop_table


@pytest.fixture(scope="module")
def spacy_words():  # type: ignore[no-untyped-def]
    return pytest.importorskip("spacy").blank("en").tokenizer


@pytest.fixture(scope="module")
def reference() -> Measurer:
    pytest.importorskip("spacy")
    return Measurer("reference")


@settings(deadline=None, max_examples=200)
@given(text=texts)
def test_the_reference_rule_counts_the_words_that_spacy_cuts(text: str, spacy_words, reference: Measurer) -> None:  # type: ignore[no-untyped-def]
    words = [word.text for word in spacy_words(text) if word.text.strip()]
    found = reference(TextBatch.of([text]))[0]
    assert found["words"] == len(words)
    assert found["alphabetic_words"] == sum(any(letter.isalpha() for letter in word) for word in words)
    assert found["top_2_gram"] == (0 if len(words) < 2 else top_pair(words))


def top_pair(words: list[str]) -> int:
    pairs = list(itertools.pairwise(words))
    return (1 + sum(map(len, max(dict.fromkeys(pairs), key=pairs.count)))) * max(map(pairs.count, pairs))


def test_more_chunks_than_there_is_room_for_are_learnt(reference: Measurer) -> None:
    text = " ".join(f"w{number}" for number in range(70_000))
    assert reference(TextBatch.of([text]))[0]["words"] == 70_000
    assert MEASURES.names


def test_each_stop_word_has_its_own_place() -> None:
    keys, bits, _ = stop_table(ENGLISH_STOP_WORDS)
    assert sorted(bits[bits > 0].tolist()) == [1 << number for number in range(len(ENGLISH_STOP_WORDS))]
    assert len(keys) == len(bits)


def test_more_stop_words_than_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="61 stop words; a bit set holds 60"):
        stop_table(tuple(map(str, range(61))))
