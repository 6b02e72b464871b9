import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import DataError
from assay.tokenizer.learn import Byte
from assay.tokenizer.schema import ByteSchema
from assay.tokenizer.tokenizer import StreamDecoder, Tokenizer

TEXTS = st.lists(
    st.one_of(
        st.text(),
        st.sampled_from(["<|endoftext|>", "<0x41>", "<0xE4>", "Ġ", "\ufffd", "\r\n", "  ", "中文", "😀", "<|", "endoftext", "|>", "\0"]),
    )
).map("".join)
ANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@ANY
@given(text=TEXTS)
def test_every_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert all(0 <= token < tokenizer.vocab_size for token in ids)


@ANY
@given(text=TEXTS)
def test_no_text_spells_the_end_of_a_document(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.end_of_document not in tokenizer.encode(f"{text}<|endoftext|>{text}")


@ANY
@given(texts=st.lists(TEXTS, max_size=4))
def test_a_batch_is_each_text_alone(tokenizer: Tokenizer, texts: list[str]) -> None:
    batch = tokenizer.encode_batch(texts)
    assert [ids.tolist() for ids in batch] == [tokenizer.encode(text) for text in texts]
    assert all(ids.dtype == np.uint32 for ids in batch)


@ANY
@given(text=TEXTS)
def test_our_decoding_is_the_librarys(tokenizer: Tokenizer, text: str) -> None:
    """tokenizer.json is read by other programs, which must see the same text."""
    assert tokenizer._inner.decode(tokenizer.encode(text), skip_special_tokens=False) == text


@ANY
@given(text=st.text())
def test_the_quick_way_for_bytes_is_the_librarys(text: str) -> None:
    tokenizer = Tokenizer(Byte(ByteSchema()).learn(iter(())).to_str().encode())
    assert tokenizer.encode(text) == tokenizer._inner.encode(text).ids == list(text.encode())


@ANY
@given(data=st.data())
def test_a_stream_gives_whole_characters_and_in_all_the_decoded_text(tokenizer: Tokenizer, data: st.DataObject) -> None:
    ids = data.draw(st.one_of(TEXTS.map(tokenizer.encode), st.lists(st.integers(0, tokenizer.vocab_size - 1))))
    stream = StreamDecoder(tokenizer)
    pieces = [stream.feed(token) for token in ids]
    assert "".join(pieces) + stream.finish() == tokenizer.decode(ids)


def test_no_piece_of_a_stream_holds_half_a_character(tokenizer: Tokenizer) -> None:
    stream = StreamDecoder(tokenizer)
    pieces = [stream.feed(token) for token in tokenizer.encode("龘😀x")]
    assert {piece for piece in pieces if piece} == {"龘", "😀", "x"}


def test_an_incomplete_character_at_the_end_is_shown_as_such() -> None:
    stream = StreamDecoder(Tokenizer(Byte(ByteSchema()).learn(iter(())).to_str().encode()))
    assert [stream.feed(0xE4), stream.feed(0xB8), stream.finish()] == ["", "", "\ufffd"]


def test_the_end_of_a_document_decodes_to_nothing(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode([*tokenizer.encode("a"), tokenizer.end_of_document, *tokenizer.encode("b")]) == "ab"


@pytest.mark.parametrize("unit", ["a", " ", "中", "\n", "<|endoftext|>", "'s", "e\u0301"])
def test_encoding_time_is_linear_in_one_long_word(tokenizer: Tokenizer, unit: str) -> None:
    """A quadratic step would take minutes for a megabyte."""
    started = time.process_time()
    text = unit * (200_000 // len(unit))
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert time.process_time() - started < 5


def test_a_tokenizer_without_an_end_of_document_is_refused() -> None:
    content = Byte(ByteSchema()).learn(iter(())).to_str().replace("<|endoftext|>", "<|other|>").encode()
    with pytest.raises(DataError, match=r"no <\|endoftext\|> token"):
        Tokenizer(content)
