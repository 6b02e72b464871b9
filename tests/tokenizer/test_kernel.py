import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tokenizers import pre_tokenizers

from assay.data.batch import TextBatch
from assay.tokenizer.alphabet import bytes_of
from assay.tokenizer.characters import class_blocks
from assay.tokenizer.kernel import word_ends

GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
MARKS = [
    "'s",
    "'",
    "'re",
    "'ll",
    "'v",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\u3000",
    "\u00a0",
    "\u0085",
    "a",
    "7",
    "²",
    "中",
    "?",
    "\u0301",
    "😀",
    "\0",
]
TEXT = some.lists(some.one_of(some.text(), some.sampled_from(MARKS))).map("".join)


def words(text: str) -> list[bytes]:
    content = TextBatch.of([text]).content
    ends = np.empty(len(content), dtype=np.int64)
    count = word_ends(content, 0, len(content), *class_blocks(), ends)
    return [content[start:end].tobytes() for start, end in zip([0, *ends[: count - 1]], ends[:count], strict=True)] if count else []


@settings(deadline=None, max_examples=500)
@given(TEXT)
def test_words_are_the_librarys(text: str) -> None:
    assert words(text) == [bytes_of(word, byte_level=True) for word, _ in GPT2.pre_tokenize_str(text)]


@pytest.mark.slow
def test_words_are_the_librarys_beside_every_character() -> None:
    """Each code point between letters, digits, marks and blanks."""
    for start in range(0, 0x110000, 0x4000):
        points = [point for point in range(start, start + 0x4000, 3) if not 0xD800 <= point <= 0xDFFF]
        text = "".join(f"a{chr(point)} {chr(point)}1{chr(point)}\n" for point in points)
        assert words(text) == [bytes_of(word, byte_level=True) for word, _ in GPT2.pre_tokenize_str(text)], hex(start)


@pytest.mark.fault("D15", inject="2 and 4 million letters, digits, blanks, line ends to the compiled splitter")
@pytest.mark.parametrize("unit", ["x", " ", "中", "'", "\n"])
def test_splitting_is_linear_by_doubling(unit: str) -> None:
    def seconds(length: int) -> float:
        content = TextBatch.of([unit * length]).content
        ends = np.empty(len(content), dtype=np.int64)
        best = 9.0
        for _ in range(5):
            started = time.process_time()
            word_ends(content, 0, len(content), *class_blocks(), ends)
            best = min(best, time.process_time() - started)
        return best

    seconds(1000)
    assert seconds(4_000_000) < 3 * seconds(2_000_000) + 0.01
