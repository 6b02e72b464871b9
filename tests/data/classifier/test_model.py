import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.classifier.finished import MODEL_FILE
from assay.data.classifier.model import ONE, Classifier, NgramSizes, Scores, boundaries, learned, load_classifier

TEXTS = ["The river carried apples.", "\u4f60\u597d\uff0c\u4e16\u754c", "", "x", "buy now " * 40]


def some_classifier(seed: int = 0) -> Classifier:
    return learned(NgramSizes(2, 4, 10), 0.25, np.random.default_rng(seed).normal(size=1 << 10))


def test_a_score_is_the_probability_in_ten_thousandths_rounded_down() -> None:
    classifier = some_classifier()
    for total, score in zip(classifier.sums(TextBatch.of(TEXTS)).tolist(), classifier.scores(TextBatch.of(TEXTS)).tolist(), strict=True):
        assert abs(10_000 / (1 + math.exp(-total / ONE)) - score - 0.5) <= 0.51


@pytest.mark.parametrize(("total", "score"), [(0, 5000), (-1, 4999), (10**12, 9999), (-(10**12), 0)])
def test_a_half_and_the_ends_are_what_they_are(total: int, score: int) -> None:
    """Of a text that has no weights, with this bias."""
    classifier = Classifier(NgramSizes(1, 1, 8), total, np.zeros(256, dtype=np.int32))
    assert classifier.scores(TextBatch.of(["x"])).tolist() == [score]


def test_boundaries_ascend_and_stand_well_off_what_a_logarithm_may_err() -> None:
    exact = [ONE * math.log(part / (10_000 - part)) for part in range(1, 10_000)]
    assert (np.diff(boundaries()) > 0).all()
    assert min(abs(value % 1 - 0.5) for value in exact) > 1e-6


@given(some.lists(some.sampled_from(TEXTS), max_size=6))
def test_a_text_has_one_score_however_texts_are_cut(texts: list[str]) -> None:
    classifier = some_classifier()
    alone = [int(classifier.scores(TextBatch.of([text]))[0]) for text in texts]
    assert classifier.scores(TextBatch.of(texts)).tolist() == alone


def test_a_text_longer_than_a_slice_is_scored_as_a_whole() -> None:
    classifier = some_classifier()
    long = "the river " * 200_000
    one, both = classifier.scores(TextBatch.of([long])), classifier.scores(TextBatch.of(["x", long, "x"]))
    assert both[1] == one[0]
    assert both[0] == both[2]


def test_what_is_stored_scores_as_before(tmp_path: Path) -> None:
    classifier = some_classifier()
    (tmp_path / MODEL_FILE).write_bytes(classifier.to_bytes())
    assert classifier.to_bytes() == some_classifier().to_bytes()
    loaded = load_classifier(tmp_path, "one")
    assert loaded.sizes == classifier.sizes
    assert Scores(tmp_path, "one")(TextBatch.of(TEXTS)).tolist() == classifier.scores(TextBatch.of(TEXTS)).tolist()
    (tmp_path / MODEL_FILE).write_bytes(some_classifier(1).to_bytes())
    assert Scores(tmp_path, "two")(TextBatch.of(TEXTS)).tolist() == some_classifier(1).scores(TextBatch.of(TEXTS)).tolist()


def test_weights_beyond_what_is_stored_take_its_ends() -> None:
    assert learned(NgramSizes(1, 1, 8), 0.0, np.full(256, 1e9)).weights.max() == 2**31 - 1
