import json

from assay.data.classifier.card import summary
from assay.data.classifier.learn import learn_classifier


def test_the_card_says_what_was_labelled_by_whom_and_what_came_of_it(labels, command) -> None:
    root = labels()
    path = root / "labels/mine.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    second = [{**row, "annotator": "bert", "label": "drop"} for row in rows[:10]]
    folder = learn_classifier(command(), labels(rows + second), lambda _: None)
    card = json.loads((folder / "card.json").read_bytes())
    assert card["labels_by_label"] == {"drop": 40, "keep": 30}
    assert card["labels_by_annotator"] == {"anna": 60, "bert": 10}
    assert card["texts"] == {"good": 25, "other": 30, "disputed_and_left_out": 5}
    assert card["agreement"] == ["anna and bert agree on 5 of 10 texts; Cohen's kappa 0.00"]
    page = (folder / "CARD.md").read_text(encoding="utf-8")
    for part in ("25 good, 30 other; 5 left out", "by anna 60, bert 10", "agree on 5 of 10", "| 0.5 | ", "the other 4 of 5"):
        assert part in page


def test_what_is_no_better_than_the_commoner_label_is_said_so() -> None:
    card = {"classifier": "mine", "texts": {"good": 30, "other": 70}}
    measured = {"accuracy": 0.75, "accuracy_95_low": 0.65, "accuracy_95_high": 0.83, "majority_share": 0.7}
    assert "not surely better" in summary({**card, "held_out": measured})
    assert "not surely better" not in summary({**card, "held_out": {**measured, "accuracy_95_low": 0.71}})
