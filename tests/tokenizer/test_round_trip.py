"""Which documents their tokens do not give back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
from assay.tokenizer.learn import Byte
from assay.tokenizer.round_trip import RoundTrip
from assay.tokenizer.schema import ByteSchema, WordPieceSchema
from assay.tokenizer.tokenizer import Tokenizer
from assay.tokenizer.wordpiece import WordPiece

LEARNT = ["red green blue [UNK]", "green blue"] * 3


@pytest.fixture(scope="module")
def wordpiece() -> Tokenizer:
    return Tokenizer(WordPiece(WordPieceSchema(vocab_size=40, lowercase=True)).learn(iter(LEARNT)).to_str().encode())


def checked(tokenizer: Tokenizer, texts: list[str]) -> tuple[list[bool], list[int]]:
    batch = TextBatch.of(texts)
    tokens, offsets = tokenizer.encode_texts(batch, end_of_document=True)
    lost, unknown = RoundTrip(tokenizer).check(tokens, offsets[1:], batch)
    return lost.tolist(), unknown.tolist()


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("red green", False),
        ("", False),
        ("Red", True),  # another case
        ("red  green", True),  # two blanks
        (" red", True),  # the blank before it
        ("red\n", True),
        ("red xyz", True),  # xyz has letters outside the vocabulary
    ],
)
def test_a_text_is_lost_if_its_tokens_do_not_spell_it(wordpiece: Tokenizer, text: str, lost: bool) -> None:
    assert checked(wordpiece, ["green blue", text, "blue"])[0] == [False, lost, False]


def test_a_text_with_an_unknown_token_is_lost_even_if_that_token_spells_it(wordpiece: Tokenizer) -> None:
    tokens = np.array([wordpiece.unknown, wordpiece.end_of_document], dtype=np.uint32)
    lost, unknown = RoundTrip(wordpiece).check(tokens, np.array([2]), TextBatch.of(["[UNK]"]))
    assert (lost.tolist(), unknown.tolist()) == ([True], [1])


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(st.text(alphabet="reda Zé\n中", max_size=9), min_size=1, max_size=6))
def test_it_agrees_with_decoding_each_text_for_itself(wordpiece: Tokenizer, texts: list[str]) -> None:
    whole = Tokenizer(Byte(ByteSchema()).learn(iter(())).to_str().encode())
    assert checked(whole, texts) == ([False] * len(texts), [0] * len(texts))
    ids = [wordpiece.encode(text) for text in texts]
    expected = [wordpiece.decode(each) != text or wordpiece.unknown in each for each, text in zip(ids, texts, strict=True)]
    assert checked(wordpiece, texts) == (expected, [each.count(wordpiece.unknown) for each in ids])  # type: ignore[arg-type]
