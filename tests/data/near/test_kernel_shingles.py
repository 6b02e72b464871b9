import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.near.characters import character_table
from assay.data.near.kernel_shingles import BASE, RING, shingle_hashes
from assay.data.near.settings import Shingles
from assay.data.near.shingles import shingles_of


def test_room_for_half_the_bytes_is_enough_for_the_densest_text() -> None:
    """One-letter words and characters in turn; a write past the end would be silent."""
    content = np.frombuffer("a中b文c d e f".encode(), dtype=np.uint8)
    offsets = np.array([0, 1, len(content)], dtype=np.int64)
    room = len(content) // 2 + len(offsets)
    hashes, bounds = np.zeros(room + 8, dtype=np.uint64), np.zeros(3, dtype=np.int64)
    one, powers = np.array([1, 1], dtype=np.int64), np.array([BASE, BASE], dtype=np.uint64)
    count = shingle_hashes(content, offsets, character_table(), one, powers, np.uint64(1), True, hashes, bounds)
    assert count == bounds[-1] == 8
    assert count <= room
    assert not hashes[count:].any()


@settings(deadline=None)
@given(some.integers(1, 64), some.integers(0, 300))
@example(64, 70)
def test_a_shingle_found_far_into_a_text_is_the_one_found_alone(size: int, before: int) -> None:
    """The last units lie in a ring; a longer shingle or text must not read a place written over."""
    assert size < RING
    words = [f"w{number}" for number in range(size)]
    alone, _ = shingles_of(TextBatch.of([" ".join(words)]), Shingles(words=size), 0)
    inside, _ = shingles_of(TextBatch.of([" ".join(["x"] * before + words)]), Shingles(words=size), 0)
    assert inside[-1] == alone[0]
    assert len(inside) == before + 1


def test_rare_han_characters_beyond_the_table_stand_alone_and_pictures_do_not() -> None:
    found, _ = shingles_of(TextBatch.of(["𠀀𠀁😀𠀂\U000e0041\U0010ffff"]), Shingles(characters=1), 0)
    assert len(set(found.tolist())) == 3
