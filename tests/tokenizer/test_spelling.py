from typing import Any

import pytest

from assay.errors import DataError
from assay.tokenizer.alphabet import BYTE_CHARACTERS
from assay.tokenizer.spelling import Spelling, definition_of, ids_of


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


@pytest.mark.parametrize(
    ("words", "keeps"),
    [
        ({"type": "Digits", "individual_digits": True}, True),
        ({"type": "Split", "pattern": {"Regex": "x"}, "behavior": "Isolated", "invert": False}, True),
        ({"type": "Split", "pattern": {"Regex": "x"}, "behavior": "Removed", "invert": False}, False),
        ({"type": "BertPreTokenizer"}, False),
        ({"type": "WhitespaceSplit"}, False),
        ({"type": "CharDelimiterSplit", "delimiter": "x"}, False),
        ({"type": "ByteLevel", "add_prefix_space": True}, False),
    ],
)
def test_only_what_cuts_a_text_and_takes_nothing_of_it_keeps_all(words: dict[str, Any], keeps: bool) -> None:
    level = {"type": "ByteLevel", "add_prefix_space": False}
    definition: dict[str, Any] = {
        "decoder": {"type": "ByteLevel"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [words, level]},
        "model": {"type": "BPE", "vocab": {character: number for number, character in enumerate(BYTE_CHARACTERS)}},
        "added_tokens": [],
    }
    assert Spelling(definition).lossless == keeps
    assert not Spelling({**definition, "model": {**definition["model"], "type": "WordLevel"}}).lossless
    assert not Spelling({**definition, "model": {**definition["model"], "continuing_subword_prefix": "##"}}).lossless


def test_ids_are_those_of_all_tokens() -> None:
    assert ids_of({"model": {"vocab": {"a": 3, "b": 9}}, "added_tokens": [{"id": 20}]}) == [3, 9, 20]
    assert ids_of({"model": {"vocab": [["a", 0.0], ["b", -1.0]]}, "added_tokens": []}) == [0, 1]
