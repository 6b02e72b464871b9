import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
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


@pytest.mark.fault("D7", inject="<|endoftext|> in any text, for every kind of tokenizer (Hypothesis)")
@ANY
@given(text=TEXTS)
def test_no_text_of_any_kind_spells_a_control_token(any_tokenizer: Tokenizer, text: str) -> None:
    """FAULTS D7: a document about control tokens holds their names."""
    assert any_tokenizer.end_of_document not in any_tokenizer.encode(f"{text}<|endoftext|>{text}")
    assert any_tokenizer.end_of_document not in any_tokenizer.encode_texts(TextBatch.of([f"{text}<|endoftext|>"]))[0]


def test_every_kind_is_read_by_transformers_with_the_same_ids(any_tokenizer: Tokenizer, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    (tmp_path / "tokenizer.json").write_text(any_tokenizer._inner.to_str(), encoding="utf-8")
    other = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    for text in ("To be, or not to be", "感觉很适合。", "  x\n"):
        assert other(text, add_special_tokens=False)["input_ids"] == any_tokenizer.encode(text)
        assert not any_tokenizer.lossless or other.decode(any_tokenizer.encode(text), clean_up_tokenization_spaces=False) == text


@pytest.mark.fault("D14", inject="random bytes read as text (Hypothesis), for every lossless tokenizer")
@ANY
@given(data=st.binary())
def test_random_bytes_read_as_text_come_back(tokenizer: Tokenizer, data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert tokenizer.decode(tokenizer.encode(text)) == text


@ANY
@given(texts=st.lists(TEXTS, max_size=4))
def test_many_texts_in_one_array_are_each_text_alone(any_tokenizer: Tokenizer, texts: list[str]) -> None:
    ids, ends = any_tokenizer.encode_texts(TextBatch.of(texts))
    assert [ids[start:end].tolist() for start, end in pairwise(ends.tolist())] == [any_tokenizer.encode(text) for text in texts]
    closed, places = any_tokenizer.encode_texts(TextBatch.of(texts), end_of_document=True)
    for (start, end), (first, last) in zip(pairwise(ends.tolist()), pairwise(places.tolist()), strict=True):
        assert closed[first:last].tolist() == [*ids[start:end].tolist(), any_tokenizer.end_of_document]


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


@pytest.mark.fault("D15", inject="40,000 and 80,000 letters, blanks, line ends, marks as one word, for every kind of tokenizer")
@pytest.mark.parametrize("unit", ["a", " ", "中", "\n", "<|endoftext|>", "'s", "e\u0301"])
def test_encoding_time_is_linear_in_one_long_word(tokenizer: Tokenizer, unit: str) -> None:
    """By doubling: a quadratic step would take minutes for a megabyte."""

    def seconds(characters: int) -> float:
        text, best = unit * (characters // len(unit)), 9.0
        for _ in range(2):
            started = time.process_time()
            assert tokenizer.decode(tokenizer.encode(text)) == text
            best = min(best, time.process_time() - started)
        return best

    assert seconds(80_000) < 3 * seconds(40_000) + 0.02


def test_a_tokenizer_without_an_end_of_document_is_refused() -> None:
    content = Byte(ByteSchema()).learn(iter(())).to_str().replace("<|endoftext|>", "<|other|>").encode()
    with pytest.raises(DataError, match=r"no <\|endoftext\|> token"):
        Tokenizer(content)
