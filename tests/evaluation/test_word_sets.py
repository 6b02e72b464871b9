"""Reading the sets that vectors of words are held against."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.errors import DataError
from assay.evaluation import word_sets
from assay.evaluation.word_sets import WordSets, parse_pairs, parse_questions
from assay.files import sha256_bytes

PAIRS = "#word1\tword2\tsimilarity\nOld\tnew\t1.58\n\nsmart\tintelligent\t9.2\n"
QUESTIONS = ": capitals\nAthens Greece Oslo Norway\n: plurals\ndog dogs cat cats\n"


@pytest.fixture
def collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a package that holds both."""
    package = tmp_path / "data" / "local" / "word_similarity" / "sets-1-py3-none-any.whl"
    package.parent.mkdir(parents=True)
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("sets/benchmark/pairs.tsv", PAIRS)
        archive.writestr("sets/benchmark/questions.txt", QUESTIONS)
    files = {
        "wordsim353": ("*/benchmark/pairs.tsv", sha256_bytes(PAIRS.encode())),
        "analogies": ("*/benchmark/questions.txt", sha256_bytes(QUESTIONS.encode())),
        "simlex999": ("*/benchmark/pairs.tsv", "0" * 64),
    }
    monkeypatch.setattr(word_sets, "FILES", files)
    return tmp_path


def test_pairs_and_questions_are_read_in_lower_case_without_remarks() -> None:
    assert parse_pairs(PAIRS) == [("old", "new", 1.58), ("smart", "intelligent", 9.2)]
    assert parse_questions(QUESTIONS) == [("athens", "greece", "oslo", "norway"), ("dog", "dogs", "cat", "cats")]


def test_only_the_sets_that_are_asked_for_are_read(collected: Path) -> None:
    assert WordSets.load([], collected) == WordSets()
    assert WordSets.load(["wordsim353"], collected) == WordSets({"wordsim353": parse_pairs(PAIRS)}, None)
    assert WordSets.load(["analogies"], collected).questions == parse_questions(QUESTIONS)


def test_a_set_that_was_not_collected_is_told_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"names simlex999.*found nothing in .*word_similarity\.\n  Run: python src/collect\.py word_similarity"
    ):
        WordSets.load(["simlex999"], tmp_path)


def test_a_training_that_is_to_be_held_against_a_set_says_what_is_missing_before_it_begins(
    project: Callable[..., Path], run: Callable[..., Any]
) -> None:
    place = project()
    words = ["model=glove", "objective=glove", "optimizer=adagrad", "evaluation=word_vectors"]
    done = run(place, "src/train.py", *words)
    assert done.returncode == 3
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["model glove"]  # what is to be trained, and no more
    assert "Run: python src/collect.py word_similarity   (or train without: evaluation.word_similarity=[])" in done.stderr
    assert not (place / "data").exists()
    assert not list(place.glob("mlruns/*/"))


def test_another_edition_of_a_set_is_refused(collected: Path) -> None:
    with pytest.raises(DataError, match=r"names simlex999, expected the set with sha256 0{12}.*sets-1-py3-none-any\.whl holds another"):
        WordSets.load(["simlex999"], collected)
