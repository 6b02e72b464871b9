import itertools
import random
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from texts import texts

from assay.data.batch import TextBatch
from assay.data.measures import chinese
from assay.errors import MachineError

PIECES = [
    *(
        "我",
        "的",
        "中国",
        "人民",
        "北京大学",
        "杭研",
        "石墨烯",
        "龘",
        "丂",
        "一",
        "\u4dff",
        "\u9fd5",
        "\u9fd6",
        "𠮷",
        "か",
        "a",
        "Z",
        "T恤",
        "AT&T",
    ),
    *("3.5%", "1", ".", "%", "-", "+", "#", "_", "&", "，", "。", " ", "\r\n", "\r", "\n", "\u3000", "é", "٣", "\x85"),
]


@pytest.fixture(scope="module")
def jieba() -> Any:
    found = pytest.importorskip("jieba")
    found.setLogLevel("ERROR")
    return found


def words_of(texts: list[str]) -> list[list[int]]:
    sizes, places = chinese.chinese_words(TextBatch.of(texts))
    return [sizes[first:last].tolist() for first, last in itertools.pairwise(places)]


@settings(deadline=None, max_examples=200)
@given(some.lists(some.one_of(texts, some.lists(some.sampled_from(PIECES), max_size=30).map("".join)), max_size=10))
def test_texts_are_cut_as_jieba_cuts_them(jieba: Any, many: list[str]) -> None:
    assert words_of(many) == [[len(word) for word in jieba.cut(text)] for text in many]


def test_what_chance_makes_of_the_dictionary_is_cut_as_jieba_cuts_it(jieba: Any) -> None:
    """Rare characters in a row try the model of unknown words; words in a row the dictionary; letters, digits and marks what rjieba cuts otherwise."""
    jieba.initialize()
    chance, words = random.Random(8), sorted(word for word, frequency in jieba.dt.FREQ.items() if frequency)
    characters = [word for word in words if len(word) == 1]
    marks = [*"abcACT&351.%-+#_ ,", *(word for word in words if not word.isascii() and any(map(str.isascii, word))), "C++", "c#", "AT&T"]
    kinds = (words, characters, marks, [*marks, *characters[:100]])
    many = ["".join(chance.choices(kind, k=chance.randrange(1, 20))) for _ in range(800) for kind in kinds]
    assert words_of(many) == [[len(word) for word in jieba.cut(text)] for text in many]


@pytest.mark.parametrize("text", ["2008-6-1 12:23", "a.b@qq.com", "3.5%", "2_5", "AT&T", "C++11", "abc++", "1.5.2", "A\u5ea73B", "-+#"])
def test_runs_of_ascii_are_cut_as_jieba_cuts_them(jieba: Any, text: str) -> None:
    assert words_of([text]) == [[len(word) for word in jieba.cut(text)]]


def test_a_machine_without_rjieba_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(MachineError, match=r"rjieba, which is not installed.\n  Run: pip install 'rjieba>=0\.2'"):
        chinese.chinese_words(TextBatch.of(["x"]))
