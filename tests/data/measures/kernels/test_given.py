import numpy as np

from assay.data.measures.classes import classes
from assay.data.measures.kernels.ascii_words import ALPHABETIC, PLAIN
from assay.data.measures.kernels.given import given_words
from assay.data.measures.kernels.text import hash_of
from assay.data.measures.kernels.words import AFTER_BLANK, ENDS, MARKS, NEW_LINE


def words_of(text: str, sizes: list[int], room: int = 9) -> tuple[int, list[int], list[int], list[int]]:
    content = np.frombuffer(text.encode(), np.uint8)
    hashes, lengths, flags = (np.zeros(room, kind) for kind in (np.uint64, np.int32, np.uint8))
    count = given_words(content, 0, len(content), classes(), np.array(sizes, np.int32), hashes, lengths, flags)
    found = max(count, 0)
    return count, hashes[:found].tolist(), lengths[:found].tolist(), flags[:found].tolist()


def test_words_are_read_by_their_sizes_with_what_stands_before_them() -> None:
    text = "caf\u00e9 . \n2"
    count, hashes, lengths, flags = words_of(text, [4, -1, 1, 1, 1, 1])
    assert (count, lengths) == (3, [4, 1, 1])
    word = ALPHABETIC | PLAIN
    assert flags == [word | NEW_LINE, MARKS | ENDS, PLAIN | AFTER_BLANK | NEW_LINE]
    first = np.frombuffer("caf\u00e9".encode(), np.uint8)
    assert hashes[0] == hash_of(first, 0, len(first))


def test_a_text_of_more_words_than_there_is_room_for_is_told() -> None:
    assert words_of("abc", [1, 1, 1], room=2)[0] == -1
