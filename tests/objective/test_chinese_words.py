"""Where the words of Chinese begin in its tokens."""

import sys
from itertools import accumulate, pairwise

import numpy as np
import pytest
import rjieba
from hypothesis import example, given
from hypothesis import strategies as st

from assay.errors import MachineError
from assay.objective.chinese_words import ChineseWords

SENTENCE = "服务员打开了电话，Hello world 真的很方便。"
END = b""


def begins(*rows: list[bytes]) -> list[list[bool]]:
    """Of rows of tokens of these bytes."""
    known = sorted({token for row in rows for token in row})
    found: list[list[bool]] = ChineseWords(known).begin(np.array([[known.index(token) for token in row] for row in rows])).tolist()
    return found


def test_characters_of_a_word_belong_together() -> None:
    found = begins([character.encode() for character in SENTENCE])[0]
    words = "".join(("|" if first else "") + character for character, first in zip(SENTENCE, found, strict=True))
    assert words == "|服务员|打开|了|电话|，|Hello| |world| |真的|很|方便|。"


def test_a_token_that_begins_within_a_word_goes_on_with_it_and_one_that_holds_words_begins_them() -> None:
    assert begins(["服务".encode(), "员打".encode(), "开".encode(), "了电话".encode()]) == [[True, False, False, True]]


def test_a_document_and_a_sequence_end_a_word() -> None:
    one, other = "服务".encode(), "员".encode()
    assert begins([one, other]) == [[True, False]]
    assert begins([one, END, other]) == [[True, True, True]]
    assert begins([one], [other]) == [[True], [True]]


@given(text=st.text(st.sampled_from("服务员打开了电话真的很方便。， a1\U00020000"), min_size=1, max_size=20), cuts=st.data())
@example(text="员", cuts=None)
def test_any_tokens_of_whole_and_of_broken_characters(text: str, cuts: st.DataObject | None) -> None:
    whole = text.encode()
    edges = sorted({0, len(whole), *(cuts.draw(st.lists(st.integers(0, len(whole)), max_size=8)) if cuts else [1])})
    tokens = [whole[start:end] for start, end in pairwise(edges)]
    words = {0, *accumulate(len(word.encode()) for word in rjieba.cut(text))}
    assert begins(tokens)[0] == [start in words for start in edges[:-1]]


@given(rows=st.lists(st.lists(st.binary(max_size=3), min_size=5, max_size=5), min_size=1, max_size=3))
def test_bytes_that_form_no_characters_are_cut_too_and_each_row_for_itself(rows: list[list[bytes]]) -> None:
    found = begins(*rows)
    assert found == [begins(row)[0] for row in rows]
    assert all(row[0] for row in found)


def test_ids_after_the_tokenizers_are_words_of_their_own() -> None:
    assert ChineseWords(["服务".encode(), "员".encode()]).begin(np.array([[0, 1, 2, 1]])).tolist() == [[True, False, True, True]]


def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(MachineError, match=r"whole_words=chinese needs the package rjieba"):
        ChineseWords([])
