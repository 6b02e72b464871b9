import numpy as np
import pytest

from assay.data.measures.kernels.affixes import UNITS, UNSURE, infix_of, is_address, marks, prefix_of, suffix_of
from assay.data.measures.words import hash_table

MARKS = marks()


def content_of(text: str):  # type: ignore[no-untyped-def]
    return np.frombuffer(text.encode(), np.uint8)


@pytest.mark.parametrize(
    ("chunk", "size"),
    [
        ("(a", 1),
        ("..a", 2),
        (".a", 0),
        ("+a", 1),
        ("+1", 0),
        ("+", 1),
        ("US$5", 3),
        ("C$5", 2),
        ("USD", 0),
        ("-a", 0),
        ("%a", 1),
        ("/a", 0),
    ],
)
def test_prefixes(chunk: str, size: int) -> None:
    assert prefix_of(content_of(chunk), 0, len(chunk), MARKS) == size


@pytest.mark.parametrize(
    ("chunk", "size"),
    [
        ("a)", 1), ("a...", 3), ("a.", 1), ("A.", 0), ("AB.", 1), ("/.", 0), ("5km/h", 4), ("5km", 2), ("akm", 0), ("5+", 1), ("a+", 0),
        ("5US$", 3), ("aUS$", 0), ("it's", 2), ("IT'S", 2), ("$", 0), ("a=", 0), ("a%", 0), ("5%", 1), ("", 0), (".", 0), ("12345mbar", 4),
    ],
)  # fmt: skip
def test_suffixes(chunk: str, size: int) -> None:
    assert suffix_of(content_of(chunk), 0, len(chunk), MARKS, hash_table(UNITS)) == size


@pytest.mark.parametrize(
    ("chunk", "place", "size"),
    [
        ("a..b", 1, 2), ("a.B", 1, 1), ("a.b", 1, 0), ("a,b", 1, 1), ("1,2", 1, 0), ("1-2", 1, 1), ("1*2", 1, 1), ("a*b", 1, 0), ("a--b", 1, 2),
        ("a---b", 1, 3), ("a----b", 1, 0), ("a-1", 1, 0), ("1--2", 1, 1), ("1--a", 1, 1), ("a=b", 1, 1), ("a=1", 1, 0), ("a~b", 1, 1), ("..", 0, 2),
    ],
)  # fmt: skip
def test_infixes(chunk: str, place: int, size: int) -> None:
    assert infix_of(content_of(chunk), place, 0, len(chunk), MARKS) == size


@pytest.mark.parametrize(
    ("chunk", "found"),
    [
        ("self.name", 1), ("self.name_of", 0), ("a.b", 0), ("a.bc", 1), ("a.Bc", 0), ("a-.bc", 0), ("_a.bc", 0), ("a.bc:80", 1), ("a.bc:8", 0),
        ("a.bc/D(e", 1), ("a.bc(d", 0), ("http://a.bc?d", 1), ("h://a.bc", 0), ("x@a.bc", 1), ("@a.bc", 0), ("a:b@c.de", 1), ("1.2.3.4", UNSURE),
        ("a" * 64 + ".bc", 1), ("a" * 65 + ".bc", 0), ("a." + "b" * 63, 1), ("a." + "b" * 64, 0), ("x@1.2.3.4/", UNSURE),
    ],
)  # fmt: skip
def test_addresses(chunk: str, found: int) -> None:
    assert is_address(content_of(chunk), 0, len(chunk), MARKS) == found
