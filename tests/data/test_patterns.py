import pytest

from assay.data.patterns import Patterns
from assay.errors import DataError


def test_a_star_crosses_folders_and_case_counts() -> None:
    patterns = Patterns(["*/texts/*.txt"])
    assert [patterns.match(name) for name in ("p/texts/a.txt", "p/texts/q/a.txt", "p/Texts/a.txt")] == [True, True, False]


def test_a_pattern_that_matches_nothing_names_the_nearest() -> None:
    patterns = Patterns(["*.txt", "data/train.jsonl"])
    for name in ("a.txt", "data/training.jsonl", "other/picture.png"):
        patterns.match(name)
    with pytest.raises(DataError, match=r"'data/train\.jsonl'.*Nearest names:\n    data/training\.jsonl"):
        patterns.check_all_used("here")


def test_patterns_that_all_match_pass() -> None:
    patterns = Patterns(["a*", "*b"])
    patterns.match("ab")
    patterns.check_all_used("here")
