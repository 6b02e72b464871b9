"""Each kind, learned from a few lines of two languages."""

from pathlib import Path

import pytest

from assay.tokenizer.learn import Bpe, Byte, Char
from assay.tokenizer.pretrained import Pretrained
from assay.tokenizer.schema import BpeSchema, ByteSchema, CharSchema, PretrainedSchema, UnigramSchema, WordPieceSchema, WordSchema
from assay.tokenizer.tokenizer import Tokenizer
from assay.tokenizer.unigram import Unigram
from assay.tokenizer.word import Word
from assay.tokenizer.wordpiece import WordPiece

TEXTS = [
    "To be, or not to be, that is the question:\n  Whether 'tis nobler in the mind",
    "轻薄，整体感觉特别流畅。感觉很适合。",
    "to be or not",
] * 3
LOSSLESS = ("byte", "char", "bpe", "word", "unigram", "pretrained")


def learned(kind: str, folder: Path) -> Tokenizer:
    learners = {
        "byte": Byte(ByteSchema()),
        "char": Char(CharSchema(vocab_size=280)),
        "bpe": Bpe(BpeSchema(vocab_size=300)),
        "word": Word(WordSchema(vocab_size=270)),
        "wordpiece": WordPiece(WordPieceSchema(vocab_size=100)),
        "unigram": Unigram(UnigramSchema(vocab_size=300)),
        "pretrained": Pretrained(PretrainedSchema(path=str(folder))),
    }
    (folder / "tokenizer.json").write_text(learners["bpe"].learn(iter(TEXTS)).to_str(), encoding="utf-8")
    return Tokenizer(learners[kind].learn(iter(TEXTS)).to_str(pretty=True).encode())


@pytest.fixture(scope="session", params=LOSSLESS)
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    """The kinds that give every text back."""
    return learned(request.param, tmp_path_factory.mktemp("vocabulary"))


@pytest.fixture(scope="session", params=[*LOSSLESS, "wordpiece"])
def any_tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return learned(request.param, tmp_path_factory.mktemp("vocabulary"))
