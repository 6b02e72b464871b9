"""What every objective shares; its step and guards are tested with the causal LM, in test_causal_lm.py."""

import pytest

from assay.objective.objective import Vocabulary, _begins_word
from assay.tokenizer.learn import Byte
from assay.tokenizer.schema import ByteSchema
from assay.tokenizer.tokenizer import Tokenizer


@pytest.mark.parametrize(
    ("spelling", "begins"),
    [(b" the", True), (b"ing", False), (b"\n", True), (b",", True), ("\u4e2d".encode(), False), (b"7", False), (b"", True)],
)
def test_a_word_begins_with_a_blank_or_is_a_mark(spelling: bytes, begins: bool) -> None:
    assert _begins_word(spelling) == begins


def test_a_vocabulary_says_of_each_id_whether_a_word_can_begin_with_it() -> None:
    vocabulary = Vocabulary.of(Tokenizer(Byte(ByteSchema()).learn(iter(())).to_str().encode()))
    assert (vocabulary.size, vocabulary.end_of_document) == (257, 256)
    begins = [number for number in range(128) if vocabulary.begins_word[number]]
    assert begins == [number for number in range(128) if not chr(number).isalnum()]
    assert not vocabulary.begins_word[128:256].any()
