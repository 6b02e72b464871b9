"""A corpus filtered by a classifier: scores are a layer of the store, drops are counted and shown."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.classifier.learn import learn_classifier
from assay.data.classifier.settings import QualityClassifierSettings
from assay.data.clean import clean, explain
from assay.data.clean_inputs import clean_inputs
from assay.data.fingerprint import fingerprint
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]
PROSE = [f"the river carried a basket of apples past the narrow road {number}" for number in range(20)]
JUNK = [f"buy now cheap offer login free http discount best price {number}" for number in range(15)]


@pytest.fixture
def filtered(corpus: Corpus, labels: Callable[..., Path], command: Callable[..., Any]) -> Callable[..., SimpleNamespace]:
    """filtered(at_least=0.5): a corpus of PROSE and JUNK, with a classifier `mine` in its project."""

    def make(name: str = "mine", **words: Any) -> SimpleNamespace:
        chosen = {"quality_classifier": QualityClassifierSettings(name=name, **words)}
        made = corpus({"a.txt": "\n".join(PROSE + JUNK).encode()}, source={"format": "lines"}, cleaning=chosen)
        if not (made.root / "data/classifier").exists():
            learn_classifier(command(), labels(root=made.root), made.say)
        return made

    return make


def cleaned(made: SimpleNamespace) -> dict[str, Any]:
    clean(made.config, made.root / "out", made.root, made.say)
    found: dict[str, Any] = json.loads((made.root / "out" / "card.json").read_bytes())
    return found


def stores(made: SimpleNamespace, name: str) -> list[Path]:
    return sorted(path for path in made.root.glob(f"data/cache/measured/{name}") if path.is_dir())


def test_documents_that_score_low_go_and_are_counted_and_shown(filtered: Callable[..., SimpleNamespace]) -> None:
    made = filtered()
    card = cleaned(made)
    assert card["dropped_by_reason"] == {"quality_classifier": 15}
    assert card["documents"]["kept"] == 20
    assert card["quality_classifier"]["name"] == "mine"
    drops = [json.loads(line) for line in (made.root / "out/drops.jsonl").read_text().splitlines()]
    assert {row["excerpt"] for row in drops} == set(JUNK)
    page = (made.root / "out/report.html").read_text(encoding="utf-8")
    for part in ("Scores of the quality classifier", "Classifier mine, learned from 30 good and 30 other texts of labels/mine.jsonl",
                 "scored below cleaning.quality_classifier.at_least", "quality_classifier: 15"):  # fmt: skip
        assert part in page
    assert "quality classifier: mine, at least 0.5" in (made.root / "out/CARD.md").read_text(encoding="utf-8")
    story = explain(made.config, drops[0]["id"], made.root, made.say)
    assert "dropped: quality_classifier" in story
    assert " by classifier mine; at least 0.5 stays" in story


def test_another_threshold_reads_and_scores_nothing_again(filtered: Callable[..., SimpleNamespace]) -> None:
    first = cleaned(filtered())
    made = filtered(at_least=0.9999)
    before = {path: path.stat().st_mtime_ns for path in made.root.glob("data/cache/measured/**/*.npy")}
    with pytest.raises(DataError, match="35 quality_classifier"):
        cleaned(made)
    assert first["documents"]["kept"] == 20
    assert before == {path: path.stat().st_mtime_ns for path in made.root.glob("data/cache/measured/**/*.npy")}
    assert len(stores(made, "*-quality_classifier-*")) == 1
    assert len(stores(made, "?" * 16)) == 1


def test_a_classifier_that_was_learned_again_scores_anew(filtered: Callable[..., SimpleNamespace], command: Callable[..., Any]) -> None:
    made = filtered()
    cleaned(made)
    before = fingerprint(clean_inputs(made.config, made.root))
    learn_classifier(command(), made.root, made.say)
    assert fingerprint(clean_inputs(made.config, made.root)) == before, "the same weights are the same classifier"
    learn_classifier(command(seed=5), made.root, made.say)
    assert fingerprint(clean_inputs(made.config, made.root)) != before
    cleaned(made)
    assert len(stores(made, "*-quality_classifier-*")) == 2


def test_a_classifier_that_is_not_there_stops_cleaning_with_its_command(filtered: Callable[..., SimpleNamespace]) -> None:
    made = filtered(name="others")
    with pytest.raises(DataError, match=r"quality_classifier\.name=others: .*\n.*: python src/learn_classifier\.py labels=others"):
        cleaned(made)
    assert not (made.root / "out").exists()
