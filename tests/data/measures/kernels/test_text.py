import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some
from texts import texts

from assay.data.measures.kernels.text import character_at, find_or_add, hash_of, last_character, mask_for


def content_of(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


@settings(deadline=None)
@given(texts.filter(bool))
def test_characters_are_read_from_both_ends(text: str) -> None:
    content = content_of(text)
    assert character_at(content, 0) == (ord(text[0]), len(text[0].encode()))
    assert last_character(content, 0, len(content)) == (ord(text[-1]), len(text[-1].encode()))


@settings(deadline=None)
@given(some.binary(max_size=40), some.binary(max_size=9), some.binary(max_size=9))
def test_a_hash_depends_on_its_bytes_alone_and_not_on_what_stands_around_them(word: bytes, before: bytes, behind: bytes) -> None:
    alone, within = np.frombuffer(word, np.uint8), np.frombuffer(before + word + behind, np.uint8)
    assert hash_of(within, len(before), len(before) + len(word)) == hash_of(alone, 0, len(word))


def test_different_bytes_have_different_hashes() -> None:
    words = [f"{number}".encode() for number in range(10_000)] + [b"\0" * size for size in range(20)]
    assert len({int(hash_of(np.frombuffer(word, np.uint8), 0, len(word))) for word in words}) == len(words)


def test_a_table_forgets_when_the_generation_changes() -> None:
    table = np.zeros(2 * (int(mask_for(3)) + 1), np.uint64)
    mask = len(table) // 2 - 1
    assert [find_or_add(table, mask, 1, np.uint64(key), number) for number, key in enumerate((16, 32, 16))] == [0, 1, 0]
    assert find_or_add(table, mask, 2, np.uint64(16), 5) == 5
