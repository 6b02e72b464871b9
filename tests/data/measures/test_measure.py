import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from texts import texts, words

from assay.data.batch import TextBatch
from assay.data.measures.fields import MEASURES
from assay.data.measures.measure import Measurer, measure

STOPS = ("the", "\u4e2d", "a")


def row(text: str, **settings: object) -> dict[str, int]:
    return dict(zip(MEASURES.names or (), measure(TextBatch.of([text]), **settings)[0].tolist(), strict=True))  # type: ignore[arg-type]


@settings(deadline=None, max_examples=400)
@given(texts)
def test_characters_lines_and_paragraphs_are_counted_as_defined(text: str) -> None:
    expected = oracle.of_text(text)
    assert {name: value for name, value in row(text).items() if name in expected} == expected


@settings(deadline=None, max_examples=300)
@given(words)
def test_words_and_their_repeats_are_counted_as_defined(given_words: list[str]) -> None:
    """Words of one kind of character, between blanks, are the same by any rule: "d." is cut, "..." is not."""
    cut = [part for word in given_words for part in (["d", "."] if word == "d." else [word])]
    expected = oracle.of_words(cut, STOPS)
    found = row(" ".join(given_words), stop_words=STOPS)
    assert {name: value for name, value in found.items() if name in expected} == expected


@settings(deadline=None, max_examples=100)
@given(words, words)
def test_what_is_measured_of_a_text_does_not_depend_on_its_neighbours(first: list[str], second: list[str]) -> None:
    one, two = " ".join(first), "\n".join(second)
    both = measure(TextBatch.of([one, two, one]))
    assert both.tolist() == [measure(TextBatch.of([text]))[0].tolist() for text in (one, two, one)]


def test_a_text_longer_than_the_room_for_words_is_measured_whole() -> None:
    text = "\n".join(f"word{number}" for number in range(100_000))
    found = row(text)
    assert found["words"] == found["split_lines"] == 100_000
    assert found["top_2_gram"] == len("word0 word1")


def test_an_empty_batch_gives_an_empty_array() -> None:
    assert measure(TextBatch.of([])).dtype == MEASURES
    assert len(measure(TextBatch.of([]))) == 0


def test_the_content_of_a_batch_may_be_read_only() -> None:
    batch = TextBatch.of(["one two"])
    content = batch.content.copy()
    content.flags.writeable = False
    writable = TextBatch(content.copy(), batch.offsets)
    assert measure(TextBatch(content, batch.offsets)).tolist() == measure(writable).tolist()


def test_the_reference_rule_measures_chinese_by_jieba() -> None:
    pytest.importorskip("rjieba")
    found = Measurer("reference", "zh", ("\u7684",))(TextBatch.of(["\u6211\u7684\u4e66\u5f88\u597d\u3002\n\u4e2d\u56fd\u4eba\u6c11"]))[0]
    assert found["stop_words"] == 1
    assert found["words"] < found["characters"]
    assert np.issubdtype(found.dtype["words"], np.integer)
