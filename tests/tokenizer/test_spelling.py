from typing import Any

import pytest

from assay.errors import DataError
from assay.tokenizer.spelling import Spelling, definition_of


def spelling(decoder: dict[str, Any] | None, **model: Any) -> Spelling:
    return Spelling({"decoder": decoder, "model": {"vocab": {"a": 0}, **model}, "added_tokens": []})


def test_each_decoder_gives_its_bytes() -> None:
    assert spelling({"type": "ByteLevel"}).token_bytes("Ġa") == b" a"
    assert spelling({"type": "WordPiece"}).token_bytes("##a") == b"a"
    assert spelling({"type": "WordPiece"}).token_bytes("a") == b" a"
    assert spelling({"type": "Metaspace", "prepend_scheme": "always"}).token_bytes("▁a") == b" a"
    fallback = {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]}
    assert spelling(fallback).token_bytes("<0xE4>") == b"\xe4"


def test_a_first_blank_that_is_not_the_texts_is_known() -> None:
    assert spelling({"type": "Metaspace", "prepend_scheme": "always"}).opening_blank
    assert not spelling({"type": "Metaspace", "prepend_scheme": "never"}).opening_blank
    assert spelling({"type": "WordPiece"}).opening_blank
    assert not spelling({"type": "ByteLevel"}).opening_blank


@pytest.mark.parametrize("decoder", [None, {"type": "CTC"}, {"type": "Sequence", "decoders": [{"type": "BPEDecoder"}]}])
def test_an_unknown_decoder_is_refused(decoder: dict[str, Any] | None) -> None:
    with pytest.raises(DataError, match="expected one made of ByteFallback"):
        spelling(decoder)


def test_the_unknown_token_is_found() -> None:
    assert spelling({"type": "WordPiece"}, unk_token="a").unknown == 0
    assert spelling({"type": "WordPiece"}).unknown is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"model": 1, "added_tokens": []}'])
def test_what_is_no_tokenizer_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match=r"no tokenizer\.json"):
        definition_of(content)
