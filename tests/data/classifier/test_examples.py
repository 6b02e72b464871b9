from collections import Counter

import pytest

from assay.data.annotation.labels import Label
from assay.data.classifier.examples import FEWEST, examples, folds_of
from assay.data.document import text_hash
from assay.errors import ConfigError, DataError


def votes(*given: tuple[str, str], start: int = 0) -> list[Label]:
    """Labels (text, its labels by a, b, c ...), after enough clear ones of each kind."""
    clear = [Label(text_hash(f"{word} {n}"), "a", word, f"{word} {n}") for word in ("keep", "drop") for n in range(start, start + FEWEST)]
    names = {"k": "keep", "d": "drop", "f": "fine"}
    return clear + [
        Label(text_hash(text), person, names[word], text) for text, words in given for person, word in zip("abc", words, strict=False)
    ]


def test_a_text_counts_once_by_the_vote_of_those_who_labelled_it() -> None:
    found = examples(
        votes(("two of three", "kkd"), ("all", "ddd"), ("even", "kd"), ("two ways to be good", "kf")), ["keep", "fine"], "mine"
    )
    decided = dict(zip(found.texts, found.good.tolist(), strict=True))
    assert (decided["two of three"], decided["all"], decided["two ways to be good"]) == (True, False, True)
    assert "even" not in decided
    assert found.disputed == 1
    assert found.hashes == sorted(text_hash(text) for text in decided)


def test_a_good_label_that_nobody_gave_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"good names 'kep', which is no label of labels/mine.jsonl; did you mean keep\? \(labels: drop, keep\)"
    ):
        examples(votes(), ["kep"], "mine")


def test_too_few_of_a_kind_are_refused_with_how_many_there_are() -> None:
    with pytest.raises(DataError, match=r"10 texts are labelled keep and 9 otherwise; at least 10 of each are needed"):
        examples(votes()[:-1], ["keep"], "mine")
    with pytest.raises(DataError, match="20 texts are labelled drop or keep and 0 otherwise"):
        examples(votes(), ["drop", "keep"], "mine")


def test_each_fold_has_its_share_of_either_kind() -> None:
    found = examples(votes(("more", "k"), ("and more", "k")), ["keep"], "mine")
    folds = folds_of(found, 5, 1)
    for kind in (True, False):
        counts = Counter(folds[found.good == kind].tolist())
        assert sorted(counts) == list(range(5))
        assert max(counts.values()) - min(counts.values()) <= 1
    assert folds.tolist() == folds_of(found, 5, 1).tolist() != folds_of(found, 5, 2).tolist()
