from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.near.contamination import contaminated, ngram_index
from assay.data.near.settings import DecontaminationSettings

Words = some.lists(some.sampled_from(["a", "B", "b", "cé", "中", "文", "。", "9"]), max_size=25).map(" ".join)


def found(training: list[str], evaluation: list[str], **config: Any) -> tuple[list[int], list[int]]:
    result = contaminated(TextBatch.of(training), ngram_index(TextBatch.of(evaluation), DecontaminationSettings(**config)))
    return result.hits.tolist(), result.first.tolist()


@pytest.mark.fault("D13", inject="a question of an evaluation set inside a training document, in capitals")
def test_thirteen_words_in_a_row_are_a_hit_and_twelve_are_none(prose: Callable[..., str]) -> None:
    question = "Which of the seven hills of Rome did the emperor Nero build his palace on?"
    words = question.split()
    thirteen, twelve = " ".join(words[:13]), " ".join(words[:12])
    training = [prose(1, 100), f"{prose(2, 50)} {thirteen.upper()}! {prose(3, 50)}", f"{prose(4, 50)} {twelve} {prose(5, 50)}"]
    assert found(training, ["nothing", question]) == ([0, 1, 0], [-1, 1, -1])


def test_chinese_is_held_against_characters() -> None:
    verse = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
    assert found([f"李白写道：{verse}", "床前明月光，疑是地上霜。"], [verse]) == ([1, 0], [0, -1])


def test_the_evaluation_text_named_is_the_first_that_holds_the_first_hit() -> None:
    assert found(["a y z x y z"], ["z x y", "y z x", "y z x"], words=3) == ([2], [1])


def test_an_evaluation_text_shorter_than_an_ngram_is_reported_as_not_covered() -> None:
    index = ngram_index(TextBatch.of(["too short", "one two three four", ""]), DecontaminationSettings(words=4))
    assert index.covered.tolist() == [False, True, False]
    assert index.size == 1


@settings(deadline=None)
@given(some.lists(Words, max_size=5), some.lists(Words, max_size=5), some.integers(1, 5), some.integers(1, 5))
def test_hits_are_those_of_pythons_sets(oracle: Any, training: list[str], evaluation: list[str], words: int, characters: int) -> None:
    held = {gram for text in evaluation for gram in oracle.shingle_list(text, words, characters, False)}
    expected = [sum(gram in held for gram in oracle.shingle_list(text, words, characters, False)) for text in training]
    hits, first = found(training, evaluation, words=words, characters=characters)
    assert hits == expected
    assert [number >= 0 for number in first] == [count > 0 for count in expected]


def test_the_result_does_not_depend_on_how_the_texts_are_cut_into_pieces(
    prose: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [prose(number % 7, 40) for number in range(30)]
    index = ngram_index(TextBatch.of(texts[:3]), DecontaminationSettings())
    whole = contaminated(TextBatch.of(texts), index)
    monkeypatch.setattr("assay.data.near.shingles.SLICE_BYTES", 100)
    cut = contaminated(TextBatch.of(texts), index)
    assert np.array_equal(whole.hits, cut.hits)
    assert np.array_equal(whole.first, cut.first)
    assert whole.first.tolist() == [number % 7 if number % 7 < 3 else -1 for number in range(30)]
