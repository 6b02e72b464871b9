import json

import pytest

from assay.tokenizer.schema import WordPieceSchema
from assay.tokenizer.tokenizer import Tokenizer
from assay.tokenizer.wordpiece import WordPiece


def learned(*texts: str, size: int = 60, lowercase: bool = False) -> Tokenizer:
    return Tokenizer(WordPiece(WordPieceSchema(vocab_size=size, lowercase=lowercase)).learn(iter(texts)).to_str().encode())


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    return [tokenizer.token(number) for number in tokenizer.encode(text)]


def test_a_piece_that_goes_on_is_marked() -> None:
    assert tokens(learned("low lower lowest low low"), "low lowest") == ["low", "lowe", "##s", "##t"]


def test_a_han_character_is_a_word() -> None:
    assert tokens(learned("中文 文字"), "中文文字") == ["中", "文", "文", "字"]


def test_a_word_with_a_character_never_seen_is_unknown_and_so_is_a_very_long_one() -> None:
    tokenizer = learned("ab ab")
    assert tokenizer.unknown == 1
    assert tokenizer.encode("ab xb ab") == [tokenizer.encode("ab")[0], 1, tokenizer.encode("ab")[0]]
    assert tokenizer.encode("ab" * 500_000) == [1]


def test_text_comes_back_with_one_blank_between_words() -> None:
    tokenizer = learned("to be or not to be ,")
    assert tokenizer.decode(tokenizer.encode("  to  be,\nor not")) == "to be , or not"
    assert tokenizer.decode(tokenizer.encode("to be")) == tokenizer._inner.decode(tokenizer.encode("to be"), skip_special_tokens=False)
    assert not tokenizer.lossless


def test_capitals_are_folded_where_asked() -> None:
    assert tokens(learned("The the", lowercase=True), "THE") == ["the"]
    assert tokens(learned("The the the The"), "The the") == ["The", "the"]


@pytest.mark.parametrize("texts", [(), ("",), ("a",), ("[UNK]",), ("x" * 200,), (" \n",)])
def test_hardly_any_text_still_gives_a_vocabulary(texts: tuple[str, ...]) -> None:
    tokenizer = learned(*texts)
    assert tokenizer.token(0) == "<|endoftext|>"
    assert tokenizer.encode("龘") == [1]


def test_pieces_stop_at_the_size_asked_for() -> None:
    texts = [" ".join(f"{a}{b}{c}" for a in "abcdefgh" for b in "abcdefgh" for c in "abcdefgh")] * 2
    tokenizer = learned(*texts, size=64)
    vocabulary = json.loads(tokenizer._inner.to_str())["model"]["vocab"]
    assert tokenizer.vocab_size == 64
    assert sorted(vocabulary.values()) == list(range(64))


def test_room_that_joined_pieces_leave_goes_to_characters_until_the_text_has_no_more() -> None:
    """Han characters are words of their own and never join: 200 of them, some more frequent, beside two words that do."""
    han = [chr(0x4E00 + number) for number in range(200)]
    text = "".join(character * (2 if number % 3 else 9) for number, character in enumerate(han)) + " abab cdcd" * 5
    for asked in (64, 120, 205):
        made = learned(text, size=asked)
        assert made.vocab_size == asked
        assert made.unknown is not None
    whole = learned(text, size=400)
    assert all(whole.unknown not in whole.encode(character) for character in han)
    assert whole.vocab_size < 400


def test_a_vocabulary_that_joined_pieces_fill_keeps_half_of_it_for_them() -> None:
    """Five letters in frequent pairs, first and going on, are ten of the twelve characters; of thirty that come once two have room."""
    pairs = " ".join(a + b for a in "abcde" for b in "abcde")
    made = learned(pairs, pairs, " ".join(chr(0x4E00 + number) for number in range(30)), size=24)
    joined = [name for number in range(2, made.vocab_size) if len(name := made.token(number)) == 2]
    assert (made.vocab_size, len(joined)) == (24, 10)
