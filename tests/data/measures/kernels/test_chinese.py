import re

import numpy as np
import pytest

from assay.data.measures.chinese import hidden_markov_model, jieba
from assay.data.measures.kernels.chinese import FIRST_HAN, LETTERS, OTHER, best_words, child, cut_han, letter_of, read_dictionary


def read(content: str, slots: int = 64):  # type: ignore[no-untyped-def]
    keys, frequencies = np.zeros(slots, np.int64), np.zeros(slots, np.int64)
    total = read_dictionary(np.frombuffer(content.encode(), np.uint8), keys, frequencies)
    return total, keys, frequencies


def frequency(word: str, keys, frequencies) -> int | None:  # type: ignore[no-untyped-def]
    node = -1
    for character in word:
        node = child(keys, node, letter_of(ord(character)), False)
        if node < 0:
            return None
    return int(frequencies[node])


def test_beginnings_of_words_are_known_and_are_no_words() -> None:
    total, *tables = read("中国人 7 n\n中 3 f\n·国 5 n\n中 4 f\n")
    assert total == 19
    assert [frequency(word, *tables) for word in ("中国人", "中国", "中", "国", "中人")] == [7, 0, 4, None, None]


@pytest.mark.parametrize("content", ["中国\n", "中国 n\n", "中国 x7 n\n", "中\t7 n\n"])
def test_what_is_no_dictionary_is_refused(content: str) -> None:
    assert read(content)[0] == -1


def test_a_dictionary_with_no_room_is_refused() -> None:
    assert read("".join(f"{chr(FIRST_HAN + number)} 1 n\n" for number in range(49)))[0] == -1
    assert read("".join(f"{chr(FIRST_HAN + number)} 1 n\n" for number in range(48)))[0] == 48


def test_letters_of_runs_are_those_of_jiebas_pattern() -> None:
    run = re.compile("[\u4e00-\u9fd5a-zA-Z0-9+#&\\._%\\-]")
    assert [point for point in range(0x11000) if (letter_of(point) != OTHER) != bool(run.match(chr(point)))] == []
    assert letter_of(0x2F800) == OTHER


def test_of_ways_that_weigh_the_same_the_one_with_the_longer_first_word_is_taken() -> None:
    """jieba takes the greatest of (sum, last place)."""
    _, keys, _ = read("ab 1 n\n")
    letters = np.array([ord("a"), ord("b")], np.int32)
    roots = np.full(LETTERS, -1, np.int32)
    roots[letters[0]] = child(keys, -1, int(letters[0]), False)
    weights = np.zeros(len(keys))
    weights[roots[letters[0]]] = -1.0
    weights[child(keys, int(roots[letters[0]]), int(letters[1]), False)] = -2.0
    sums, ends = np.zeros(3), np.zeros(3, np.int32)
    best_words(letters, 2, roots, keys, weights, -1.0, sums, ends)
    assert (ends[:2].tolist(), sums.tolist()) == ([2, 2], [-2.0, -1.0, 0.0])


def test_a_tie_goes_to_the_state_whose_letter_comes_last() -> None:
    """Of characters that the model never saw each way is as impossible as the next."""
    pytest.importorskip("jieba")
    first, moves, emitted = hidden_markov_model(jieba())
    unseen = np.array([LETTERS + int(np.flatnonzero((emitted < -1e100).all(axis=0))[0])] * 3, np.int32)
    sizes, back = np.zeros(3, np.int32), np.zeros((3, 4), np.uint8)
    count = cut_han(unseen, 0, 3, first, moves, emitted, back, sizes, 0)
    assert sizes[:count].tolist() == [len(word) for word in jieba().finalseg.cut(chr(FIRST_HAN + unseen[0] - LETTERS) * 3)]
