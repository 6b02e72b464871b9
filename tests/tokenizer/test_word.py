from assay.tokenizer.schema import WordSchema
from assay.tokenizer.tokenizer import Tokenizer
from assay.tokenizer.word import Word


def learned(size: int, *texts: str) -> Tokenizer:
    return Tokenizer(Word(WordSchema(vocab_size=size)).learn(iter(texts)).to_str().encode())


def test_a_frequent_word_is_one_token_and_a_rare_one_its_bytes() -> None:
    tokenizer = learned(259, "the cat, the dog, the end", "cat")
    assert tokenizer.token(257) == "Ġthe"
    assert tokenizer.vocab_size == 258
    assert len(tokenizer.encode(" the end")) == 1 + len(b" end")


def test_ties_go_by_the_words_bytes() -> None:
    tokenizer = learned(260, "zz yy zz yy zz", " aa aa")
    assert [tokenizer.token(number) for number in range(257, tokenizer.vocab_size)] == ["Ġaa", "Ġyy", "Ġzz"]
