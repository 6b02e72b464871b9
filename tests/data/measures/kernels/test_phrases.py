import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.measures.kernels.phrases import next_phrase, searcher

PHRASES = (b"use cookies", b"uses cookies", b"lorem ipsum")
Piece = some.sampled_from(["use cookies", "uses ", "USE", "Cookies", "lorem ipsum", "Lorem", " ipsum", " ", "s", "l"]) | some.characters(
    exclude_categories=["Cs"]
)


@settings(deadline=None)
@given(some.lists(Piece, max_size=30).map("".join), some.integers(0, 5), some.integers(0, 5))
def test_phrases_are_found_where_they_first_stand_in_any_case(text: str, before: int, behind: int) -> None:
    content = np.frombuffer(text.encode(), np.uint8)
    start, end = min(before, len(content)), max(0, len(content) - behind)
    lower = content[:end].tobytes().lower()
    found = [(lower.find(phrase, start), number) for number, phrase in enumerate(PHRASES)]
    expected = min(((place, number) for place, number in found if place >= 0), default=(-1, -1))
    assert next_phrase(content, start, end, searcher(*PHRASES)) == expected
