"""The three kinds, learned from a few lines of two languages."""

import pytest

from assay.tokenizer.learn import Bpe, Byte, Char
from assay.tokenizer.schema import BpeSchema, ByteSchema, CharSchema
from assay.tokenizer.tokenizer import Tokenizer

TEXTS = [
    "To be, or not to be, that is the question:\n  Whether 'tis nobler in the mind",
    "轻薄，整体感觉特别流畅。感觉很适合。",
    "to be or not",
] * 3


@pytest.fixture(scope="session", params=["byte", "char", "bpe"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    learners = {"byte": Byte(ByteSchema()), "char": Char(CharSchema(vocab_size=280)), "bpe": Bpe(BpeSchema(vocab_size=300))}
    return Tokenizer(learners[request.param].learn(iter(TEXTS)).to_str(pretty=True).encode())
