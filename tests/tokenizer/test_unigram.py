import pytest

from assay.tokenizer.learn import Bpe
from assay.tokenizer.schema import BpeSchema, UnigramSchema
from assay.tokenizer.tokenizer import Tokenizer
from assay.tokenizer.unigram import Unigram


def learned(*texts: str, size: int = 300) -> Tokenizer:
    return Tokenizer(Unigram(UnigramSchema(vocab_size=size)).learn(iter(texts)).to_str().encode())


@pytest.mark.parametrize("texts", [(), ("",), ("a",), ("aaaa" * 100,), ("x" * 1_000_000,), ("<|endoftext|>" * 50,)])
def test_hardly_any_text_still_gives_a_vocabulary_for_all_texts(texts: tuple[str, ...]) -> None:
    tokenizer = learned(*texts)
    for text in ("héllo 中文", "<|endoftext|>"):
        assert tokenizer.decode(tokenizer.encode(text)) == text
        assert tokenizer.end_of_document not in tokenizer.encode(text)


def test_the_size_is_at_most_what_was_asked_for_and_never_below_the_bytes() -> None:
    texts = [" ".join(f"{a}{b}{c}" for a in "abcdefgh" for b in "abcdefgh" for c in "abcdefgh")] * 2
    assert learned(*texts, size=257).vocab_size == 257
    assert learned(*texts, size=290).vocab_size == 290


def test_a_frequent_word_is_one_token() -> None:
    tokenizer = learned(*["the cat and the dog and the bird"] * 20, size=280)
    assert len(tokenizer.encode(" the")) == 1


def test_it_spells_a_text_in_no_more_tokens_than_byte_pair_encoding_of_the_same_size() -> None:
    texts = [f"{verb}ing {verb}ed {verb}er un{verb}able" for verb in ("walk", "talk", "jump", "paint", "learn", "read")] * 10
    pairs = Tokenizer(Bpe(BpeSchema(vocab_size=300)).learn(iter(texts)).to_str().encode())
    assert sum(len(learned(*texts).encode(text)) for text in texts[:6]) <= sum(len(pairs.encode(text)) for text in texts[:6])
