import itertools
import math
import random
import sys
from typing import Any

import numpy as np
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
    """Rare characters in a row try the model of unknown words; words in a row try the dictionary, and its ties."""
    jieba.initialize()
    chance, words = random.Random(8), sorted(jieba.dt.FREQ)
    characters = [word for word in words if len(word) == 1]
    many = ["".join(chance.choices(kind, k=chance.randrange(1, 20))) for _ in range(1500) for kind in (words, characters)]
    assert words_of(many) == [[len(word) for word in jieba.cut(text)] for text in many]


def test_weights_are_the_logarithms_that_jieba_takes(jieba: Any) -> None:
    """To the last bit: NumPy's logarithm may differ there, and ties would fall another way."""
    jieba.initialize()
    _, keys, weights, unknown, *_ = chinese.model()
    whole = math.log(jieba.dt.total)
    assert unknown == math.log(1) - whole
    expected = {math.log(frequency) - whole for frequency in jieba.dt.FREQ.values() if frequency}
    assert set(weights[weights < 0].tolist()) == expected
    assert 490_000 < np.count_nonzero(keys) <= len(jieba.dt.FREQ)


def test_another_version_of_jieba_is_refused(monkeypatch: pytest.MonkeyPatch, jieba: Any) -> None:
    monkeypatch.setattr(jieba, "__version__", "0.43")
    with pytest.raises(MachineError, match=r"as jieba 0\.42\.1 does; found 0\.43.\n  Run: pip install jieba==0\.42\.1"):
        chinese.jieba()


def test_a_machine_without_jieba_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(MachineError, match=r"jieba is not installed.\n  Run: pip install jieba==0\.42\.1"):
        chinese.jieba()
