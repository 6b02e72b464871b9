import numpy as np
import pytest

from assay.data.html.kernel_characters import find, numeric_point, put_entity, put_point
from assay.data.html.names import tables


@pytest.mark.parametrize("character", ["a", "\u00e9", "\u4e2d", "\U0001f600", "\U0010ffff"])
def test_a_character_is_written_as_utf_8(character: str) -> None:
    out = np.zeros(8, np.uint8)
    end = put_point(out, 0, ord(character))
    assert out[:end].tobytes() == character.encode()


@pytest.mark.parametrize("point", [0, 0xD800, 0xDFFF, 0x110000])
def test_what_is_no_character_becomes_the_replacement_character(point: int) -> None:
    out = np.zeros(8, np.uint8)
    assert out[: put_point(out, 0, point)].tobytes() == "\ufffd".encode()


@pytest.mark.parametrize(
    ("written", "point", "length"), [(b"65;", 65, 3), (b"x41", 65, 3), (b"9" * 50, 0x110000, 50), (b"x;", -1, 1), (b"", -1, 0)]
)
def test_numbers_end_where_their_digits_do(written: bytes, point: int, length: int) -> None:
    assert numeric_point(np.frombuffer(written, np.uint8), 0, len(written)) == (point, length)


def test_an_entity_is_never_read_past_the_end_of_its_page() -> None:
    content = np.frombuffer(b"&amp;&lt;", np.uint8)
    out = np.zeros(16, np.uint8)
    assert put_entity(content, 0, 3, tables(), out, 0) == (1, 1)
    assert out[0] == ord("&")
    assert find(content, 0, 3, ord("l")) == 3
