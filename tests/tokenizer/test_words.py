import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tokenizers import pre_tokenizers

from assay.tokenizer import learn, words
from assay.tokenizer.alphabet import spelled
from assay.tokenizer.learn import Bpe
from assay.tokenizer.schema import BpeSchema
from assay.tokenizer.words import word_counts

GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
WORDY = some.lists(
    some.lists(some.sampled_from(["aa", "ab", "aaa", " a", " ba", "b", " ", "\n", "中", "中文", "文中", "the", " then", "'s"])).map("".join)
)


@settings(deadline=None)
@given(WORDY, some.integers(1, 40))
def test_counts_are_those_of_the_librarys_words(texts: list[str], batch: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "BATCH_CHARACTERS", batch)
        found = word_counts(texts)
    expected = Counter(word for text in texts for word, _ in GPT2.pre_tokenize_str(text))
    assert {spelled(word): count for word, count in found} == expected
    assert [word for word, _ in found] == sorted(word for word, _ in found)


def test_more_words_than_the_arrays_begin_with_are_all_counted() -> None:
    texts = [f" w{number}" * (1 + number % 2) for number in range(70_000)] + ["x" * 3_000_000]
    found = dict(word_counts(texts))
    assert {spelled(word) for word in found} == {word for text in texts[:-1] for word, _ in GPT2.pre_tokenize_str(text)} | {"x" * 3_000_000}
    assert found[b"x" * 3_000_000] == 1
    assert found[b" w"] == 105_000


@settings(deadline=None, max_examples=150)
@given(WORDY, some.integers(257, 300))
def test_the_vocabulary_is_the_librarys_byte_for_byte(texts: list[str], size: int) -> None:
    """Its counts of overlapping pairs and its ties: `aaa`, tokens spelled in two ways, pairs equally frequent."""
    with pytest.MonkeyPatch.context() as patch:
        library = Bpe(BpeSchema(vocab_size=size)).learn(iter(texts)).to_str()
        patch.setattr(learn, "COMPILED_FROM_CHARACTERS", 0)
        assert json.loads(Bpe(BpeSchema(vocab_size=size)).learn(iter(texts)).to_str()) == json.loads(library)
