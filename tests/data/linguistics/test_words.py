import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.linguistics.words import LONGEST_CHUNK_CHARACTERS, Word, _English, english_words, is_chinese_word, lines_of, needed, text_of
from assay.errors import MachineError

LETTERS = "ab'-.(!,1 \t\n\u00a0é我們的书书不错。…"


@pytest.mark.parametrize(
    ("language", "text", "divided"),
    [
        ("en", "He doesn't like John's labor-allied friends.", "He does n't like John 's labor - allied friends ."),
        ("en", "  It costs $3.50,\nnot less!", "It costs $ 3.50 ,\nnot less !"),
        ("zh", "这本书的内容还是不错的。", "这 本书 的 内容 还是 不错 的 。"),
        ("zh", " 电池容量小，买了iPod 3.5元\n好", "电池容量 小 ， 买 了 iPod 3.5 元\n好"),
    ],
)
def test_words_and_marks_are_divided_by_one_blank_and_lines_stay(language: str, text: str, divided: str) -> None:
    assert text_of(lines_of(text, language), divided=True) == divided


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=LETTERS, max_size=60), st.sampled_from(["en", "zh"]))
def test_words_and_their_blanks_make_up_the_text_again(text: str, language: str) -> None:
    assert text_of(lines_of(text, language), divided=False) == text


def test_chinese_is_cut_as_jieba_cuts_it() -> None:
    jieba = pytest.importorskip("jieba")
    jieba.setLogLevel("ERROR")
    text = "工信处女干事每月经过下属科室都要亲口交代24口交换机等技术性器件的安装工作"
    assert [word.text for word in lines_of(text, "zh")[0]] == list(jieba.cut(text))


def test_a_tag_stands_behind_its_word_and_an_empty_word_is_not_shown() -> None:
    assert text_of([[Word("", " "), Word("书", tag="n"), Word("好", " ")]], divided=True) == "书/n 好"


def test_a_long_chunk_without_a_blank_is_one_word_so_time_stays_linear() -> None:
    """spaCy's own time for this is 23 s of CPU: it takes one bracket off, and looks at the rest again."""
    before = time.process_time()
    assert [word.text for word in english_words("so " + "(" * 20_000 + " it's")] == ["so", "(" * 20_000, "it", "'s"]
    assert time.process_time() - before < 2
    assert len(english_words("(" * LONGEST_CHUNK_CHARACTERS)) == LONGEST_CHUNK_CHARACTERS


def test_words_are_the_same_when_the_tokenizer_is_made_anew_so_that_memory_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.data.linguistics.words.RENEWED_AFTER_CHARACTERS", 5)
    english, made = _English(), []
    for _ in range(3):
        tokenizer = english.tokenizer(3)
        made.append(tokenizer)
        assert [token.text for token in tokenizer("doesn't")] == ["does", "n't"]
    assert made[0] is made[1]
    assert made[1] is not made[2]


def test_a_word_is_what_the_dictionary_has() -> None:
    assert [is_chinese_word(word) for word in ("内容", "一模一样", "一摸一样")] == [True, True, False]


def test_a_library_that_is_not_there_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(MachineError, match=r"needs the package rjieba\.\n  Run: pip install 'rjieba>=0.2'   \(extra: linguistics\)"):
        needed("rjieba", "rjieba>=0.2")
