import time
from itertools import pairwise

import numpy as np
import pytest

from assay.data.reading.kernel_json import end_of_number, end_of_string, read_lines


def lines_of(content: bytes) -> tuple[list[bytes], int]:
    """(texts, lines left to the strict reader)."""
    texts, ends, _, left = read_lines(np.frombuffer(content, np.uint8), np.frombuffer(b"text", np.uint8), np.array([4]), True)
    bounds = [0, *ends.tolist()]
    return [texts[start:end].tobytes() for start, end in pairwise(bounds)], len(left)


def test_plain_records_are_copied_out_and_unusual_ones_left() -> None:
    assert lines_of(b'{"text": "a"}\n{"id": 1, "text": "b\\n"}\n{"text": ["c"]}\n\n') == ([b"a", b"b\n"], 1)


@pytest.mark.parametrize(("written", "end"), [(b'ab"', 2), (b'a\\"b"', 4), (b"\\u12g4", -1), (b"a\n", -1), (b"open", -1), (b"\\", -1)])
def test_a_string_ends_at_its_quote(written: bytes, end: int) -> None:
    assert end_of_string(np.frombuffer(written, np.uint8), 0, len(written)) == end


@pytest.mark.parametrize(
    ("written", "end"), [(b"-1.5e+3,", 7), (b"0", 1), (b"01", -1), (b"-", -1), (b"1.", -1), (b"1e", -1), (b"9" * 4100, -1)]
)
def test_a_number_follows_the_grammar(written: bytes, end: int) -> None:
    assert end_of_number(np.frombuffer(written, np.uint8), 0, len(written)) == end


@pytest.mark.parametrize("part", [b'{"text": "a"}\n', b"[", b"{", b'{"a":', b"\n", b'{"text": "', b"\r"])
def test_time_is_linear(part: bytes) -> None:
    lines_of(b"")
    seconds = []
    for count in (500_000, 1_000_000):
        started = time.process_time()
        lines_of(part * count)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 3.5 * seconds[0] + 0.1
