"""Each rule of lines is held against the oracle in test_measure; here stand the cases where the parts of a line meet."""

import numpy as np
import pytest

from assay.data.batch import TextBatch
from assay.data.measures.kernels.lines import count_dots
from assay.data.measures.measure import measure


@pytest.mark.parametrize(
    "text", ["", "a", "a\n", "a\r\n", "a\r", "\n", "\r\n\r\n", "a\r\r\nb", "a\x1c\nb", "\u2028", "a\x85b\n\n", "\x0b\x0c"]
)
def test_lines_are_those_of_splitlines(text: str) -> None:
    assert measure(TextBatch.of([text]))["lines"][0] == len(text.splitlines())


def test_a_line_longer_than_the_counters_hold_is_counted_whole() -> None:
    found = measure(TextBatch.of(["#" * 1000 + "\u4e2d" + "#" * 1000]))[0]
    assert (found["hashes"], found["longest_line"]) == (2000, 2001)


def test_dots_are_counted_in_threes() -> None:
    assert [count_dots(np.frombuffer(b"." * size, np.uint8), 0, size) for size in range(8)] == [0, 0, 0, 1, 1, 1, 2, 2]
