import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.measures.kernels.ascii_words import ascii_part, ascii_word, kinds


@settings(deadline=None)
@given(some.binary(max_size=12) | some.text("aZ9_. é[`@{/:", max_size=12).map(str.encode))
def test_eight_bytes_at_once_end_a_word_where_one_at_a_time_do(text: bytes) -> None:
    content = np.frombuffer(b"a" + text + b" " * 9, np.uint8)
    end, bits, size, rest = ascii_word(content, 0, len(content), kinds())
    assert (end, bits) == ascii_part(content, 0, len(content), kinds())
    assert size == (end if end < 8 else 0)
    assert not size or int(rest).to_bytes(8, "little") == content[:size].tobytes().ljust(8, b"\0")
