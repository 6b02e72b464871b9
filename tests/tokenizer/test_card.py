import pytest

from assay.errors import DataError
from assay.tokenizer.card import tokenizer_card
from assay.tokenizer.learn import Byte, Char
from assay.tokenizer.schema import ByteSchema, CharSchema, WordPieceSchema
from assay.tokenizer.tokenizer import Tokenizer
from assay.tokenizer.wordpiece import WordPiece

BYTES = Tokenizer(Byte(ByteSchema()).learn(iter(())).to_str().encode())


def test_costs_are_counted_per_byte_word_and_han_character() -> None:
    card = tokenizer_card(BYTES, "byte", "mine", 257, iter(["to be or not", "中文 a"]))
    assert card["measured_on"] == {"split": "val", "documents": 2, "utf8_bytes": 20, "tokens": 20}
    assert (card["bytes_per_token"], card["tokens_per_word"], card["tokens_per_han_character"]) == (1.0, round(20 / 6, 4), 3.0)
    assert card["characters_per_token"] == 0.8
    assert card["partial_character_rate"] == 6 / 20


def test_characters_outside_the_vocabulary_show_as_parts() -> None:
    tokenizer = Tokenizer(Char(CharSchema(vocab_size=258)).learn(iter(["中中"])).to_str().encode())
    card = tokenizer_card(tokenizer, "char", "mine", 258, iter(["中文"]))
    assert card["partial_character_rate"] == 0.75
    assert card["tokens_per_han_character"] == 2.0


def test_a_text_without_words_or_han_has_no_ratio() -> None:
    card = tokenizer_card(BYTES, "byte", "mine", 257, iter([" "]))
    assert card["tokens_per_word"] is None
    assert card["tokens_per_han_character"] is None


def test_a_tokenizer_that_loses_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tokenizer, "decode", lambda self, ids: "something else")
    with pytest.raises(DataError, match="does not give this text back: 'a text'"):
        tokenizer_card(BYTES, "byte", "mine", 257, iter(["a text"]))


def test_each_language_of_a_corpus_has_its_own_cost() -> None:
    card = tokenizer_card(BYTES, "byte", "mine", 257, iter(["to be or", "中文字", "x = 1"]), "code")
    assert card["languages"] == {
        "code": {"documents": 2, "bytes_per_token": 1.0, "tokens_per_word": round(13 / 6, 4)},
        "zh": {"documents": 1, "bytes_per_token": 1.0, "tokens_per_word": 9.0},
    }
    assert "zh" in tokenizer_card(BYTES, "byte", "mine", 257, iter(["中文字"]))["languages"]
    assert "en" in tokenizer_card(BYTES, "byte", "mine", 257, iter(["to be"]), "zh")["languages"]


def test_what_a_kind_does_not_keep_is_on_its_card() -> None:
    pieces = Tokenizer(WordPiece(WordPieceSchema(vocab_size=60)).learn(iter(["to be or not"])).to_str().encode())
    card = tokenizer_card(pieces, "wordpiece", "mine", 60, iter(["to be", "to  be", "to 龘"]))
    assert card["unknown_rate"] == round(1 / card["measured_on"]["tokens"], 4)
    assert card["round_trip"].startswith("1 of 3 documents come back as they were")
    assert card["may_be_unknown"]
