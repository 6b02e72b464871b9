import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from assay.files import ROOT
from assay.tokenizer.learn import WORD_LIMIT_CHARACTERS, Bpe, Byte, Char, without_long_words
from assay.tokenizer.schema import BpeSchema, ByteSchema, CharSchema
from assay.tokenizer.tokenizer import Tokenizer


def learned(learner: Byte | Char | Bpe, *texts: str) -> Tokenizer:
    return Tokenizer(learner.learn(iter(texts)).to_str(pretty=True).encode())


def test_a_byte_is_its_own_id_and_256_ends_a_document() -> None:
    tokenizer = learned(Byte(ByteSchema()))
    assert (tokenizer.vocab_size, tokenizer.end_of_document) == (257, 256)
    assert tokenizer.encode("A\n中") == [65, 10, 0xE4, 0xB8, 0xAD]


def test_frequent_characters_get_ids_and_ties_go_by_code_point() -> None:
    tokenizer = learned(Char(CharSchema(vocab_size=260)), "ccc", "bbaa", "zz")
    assert tokenizer.vocab_size == 260
    assert tokenizer.encode("cabz") == [257, 258, 259, ord("z")]


def test_a_rare_character_is_spelled_in_bytes() -> None:
    tokenizer = learned(Char(CharSchema(vocab_size=258)), "aa")
    assert tokenizer.encode("a中") == [257, 0xE4, 0xB8, 0xAD]


def test_merges_follow_frequency() -> None:
    tokenizer = learned(Bpe(BpeSchema(vocab_size=259)), "low low low lower lowest", "lo lo")
    assert tokenizer.end_of_document == 0
    assert [tokenizer.token(token) for token in (257, 258)] == ["lo", "Ġlo"]


def test_a_small_corpus_gives_a_smaller_vocabulary_not_an_error() -> None:
    assert learned(Bpe(BpeSchema(vocab_size=4096)), "aaaa", "aaaa").vocab_size < 300
    assert learned(Char(CharSchema(vocab_size=8192)), "ab").vocab_size == 259


@pytest.mark.fault("D14", inject="no text, one character, one symbol many times, a word of 1 MB")
@pytest.mark.parametrize("texts", [(), ("",), ("a",), ("aaaa" * 1000,), ("x" * 1_000_000,)])
def test_hardly_any_text_still_gives_a_tokenizer_for_all_texts(texts: tuple[str, ...]) -> None:
    for learner in (Char(CharSchema(vocab_size=300)), Bpe(BpeSchema(vocab_size=257)), Bpe(BpeSchema(vocab_size=300))):
        tokenizer = learned(learner, *texts)
        assert tokenizer.decode(tokenizer.encode("héllo 中文")) == "héllo 中文"


@pytest.mark.fault("D14", inject="a word of a million characters, of letters, Chinese, digits, blanks")
@pytest.mark.parametrize("unit", ["x", "中", "7", ";", " ", "\n"])
def test_a_word_of_a_million_characters_is_learned_in_linear_time(unit: str) -> None:
    started = time.process_time()
    learned(Bpe(BpeSchema(vocab_size=300)), unit * 1_000_000)
    assert time.process_time() - started < 5


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.sampled_from("ax 7;_\n中")).map(lambda text: text * 4000))
def test_pieces_without_long_words_are_the_whole_text(text: str) -> None:
    pieces = without_long_words(text)
    assert "".join(pieces) == text
    words = [word for piece in pieces for word, _ in pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(piece)]
    assert max(map(len, words), default=0) <= 3 * WORD_LIMIT_CHARACTERS + 1  # in bytes, and with the blank before it


def test_a_text_of_ordinary_words_is_one_piece() -> None:
    assert without_long_words("to be " * 1000 + "x" * 1000) == ["to be " * 1000 + "x" * 1000]


LEARN = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from assay.tokenizer import learn
from assay.tokenizer.schema import *
from assay.tokenizer.stage import _learner
texts = open(sys.argv[2], encoding="utf-8").read().split("\\n\\n")
kinds = [BpeSchema(vocab_size=700), CharSchema(vocab_size=300), WordSchema(vocab_size=700), WordPieceSchema(vocab_size=400), UnigramSchema(vocab_size=600)]
for limit in (2_000_000, 0):
    learn.COMPILED_FROM_CHARACTERS = limit
    for kind in kinds:
        print(hashlib.sha256(_learner(kind).learn(iter(texts)).to_str(pretty=True).encode()).hexdigest())
"""


@pytest.mark.fault("D14", inject="equally frequent pairs, in five processes with hash seeds of their own")
@pytest.mark.slow
def test_every_process_learns_the_same_bytes_of_every_kind(tmp_path: Path) -> None:
    """Hash seeds and the order of threads differ between processes; ties among equally frequent pairs must not."""
    words = [hashlib.sha256(str(number).encode()).hexdigest()[:6] for number in range(900)]
    (tmp_path / "text").write_text(
        "\n\n".join(" ".join(words[start : start + 30]) + " 中文字符" for start in range(0, 900, 30)), encoding="utf-8"
    )
    command = [sys.executable, "-c", LEARN, str(ROOT / "src"), str(tmp_path / "text")]
    found = {subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": str(seed)}).stdout for seed in range(5)}
    assert len(found) == 1
    hashes = found.pop().split()
    assert hashes[:5] == hashes[5:]  # the compiled learner and the library's give the same file
    assert len(set(hashes)) == 5
