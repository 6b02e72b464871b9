import numpy as np

from assay.data.cleaning.kernel_words import find_words
from assay.data.cleaning.words import WordList


def places(text: str, *words: str) -> list[list[int]]:
    found = find_words(np.frombuffer(text.encode(), dtype=np.uint8), WordList.of(dict.fromkeys(words, "")).keys)
    return [list(map(int, place)) for place in found]


def test_places_are_bytes() -> None:
    assert places("é teh TEH", "teh") == [[3, 6], [7, 10]]


def test_a_word_may_end_the_text_or_be_all_of_it() -> None:
    assert places("teh", "teh") == [[0, 3]]
    assert places("", "teh") == []


def test_parts_of_words_are_none() -> None:
    assert places("tehx xteh teh1 _teh éteh tehé 中teh", "teh") == []


def test_more_finds_than_were_made_room_for() -> None:
    assert len(places("teh " * 1000, "teh")) == 1000


def test_an_empty_list_finds_nothing() -> None:
    assert places("any words at all") == []
