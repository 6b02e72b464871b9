from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.clean import clean
from assay.data.decide import Decisions, decide
from assay.data.measured import Measured

Corpus = Callable[..., SimpleNamespace]
TEXTS = ["abcd", "abcde", "中文字符数", "abcdefghij", "abcdefghijk", "abcde", "zzzzzz"]


@pytest.fixture
def decided(corpus: Corpus) -> Callable[..., tuple[Measured, Decisions]]:
    """decided(min_characters=5): TEXTS, a line each, and what becomes of them."""

    def make(**cleaning: Any) -> tuple[Measured, Decisions]:
        made = corpus({"a.txt": "\n".join(TEXTS).encode()}, source={"format": "lines"}, cleaning=cleaning)
        clean(made.config, made.root / "out", made.root, made.say)
        (folder,) = {path.parent for path in made.root.glob("data/cache/measured/*/outcome.json")}
        found = Measured.open(made.config.data, [folder])
        return found, decide(found, made.config.data, made.config.cleaning, {})

    return make


def reasons(measured: Measured, decisions: Decisions) -> dict[str, str]:
    """Record -> why it was dropped, or the split it is in."""
    rows = range(len(measured))
    records = [document.record for document in measured.documents(measured.by_id)]
    codes = decisions.codes[measured.by_id].tolist()
    named = [decisions.reasons[code - 1] if code else "kept" for code in codes]
    assert len(records) == len(rows)
    return dict(sorted(zip(records, named, strict=True)))


def test_limits_are_in_characters_and_belong_to_what_is_kept(decided: Callable[..., Any]) -> None:
    found = reasons(*decided(min_characters=5, max_characters=10, exact_dedup=False))
    assert [name for name, reason in found.items() if reason == "too_short"] == ["1"]
    assert [name for name, reason in found.items() if reason == "too_long"] == ["5"]
    assert list(found.values()).count("kept") == 5


def test_the_first_reason_counts_and_a_dropped_text_makes_no_repeat(decided: Callable[..., Any]) -> None:
    """A repeat of a text that is too short is too short, not a repeat."""
    found = reasons(*decided(min_characters=6))
    assert found["2"] == found["6"] == "too_short"
    assert "duplicate" not in found.values()


def test_of_equal_texts_the_one_with_the_smallest_id_stays(decided: Callable[..., Any]) -> None:
    measured, decisions = decided()
    twins = sorted((document.id, row) for row, document in enumerate(measured.documents(measured.by_id)) if document.text == "abcde")
    assert [int(decisions.codes[measured.by_id[row]] == 0) for _, row in twins] == [1, 0]
