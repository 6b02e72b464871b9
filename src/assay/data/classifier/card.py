"""The card of a classifier: what it was learned from, how far people agreed, and how good it is on texts that it did not see."""

from collections import Counter
from pathlib import Path
from typing import Any

from assay.data.annotation.agreement import agreements
from assay.data.annotation.labels import Label
from assay.data.classifier.examples import Examples
from assay.data.classifier.finished import CARD_FILE, accuracy
from assay.files import readable_json


def classifier_card(
    name: str, facts: dict[str, Any], labels: list[Label], found: Examples, measured: dict[str, Any], learning: dict[str, Any]
) -> dict[str, Any]:
    good = int(found.good.sum())
    return {
        "classifier": name,
        **facts,
        "labels_by_label": dict(sorted(Counter(label.label for label in labels).items())),
        "labels_by_annotator": dict(sorted(Counter(label.annotator for label in labels).items())),
        "sources": dict(sorted(Counter(label.source or "not stated" for label in labels).items())),
        "agreement": [str(each) for each in agreements(labels)],
        "texts": {"good": good, "other": len(found.texts) - good, "disputed_and_left_out": found.disputed},
        "held_out": measured,
        "learning": learning,
    }


def summary(card: dict[str, Any]) -> str:
    texts, measured = card["texts"], card["held_out"]
    lines = [
        f"learned {card['classifier']} from {texts['good'] + texts['other']:,} texts ({texts['good']:,} good, {texts['other']:,} other); "
        f"{accuracy(measured)}"
    ]
    if measured["accuracy_95_low"] <= measured["majority_share"]:
        lines.append("  That is not surely better than giving all of them the commoner label: label more, or ask another question.")
    return "\n".join(lines)


def write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / CARD_FILE).write_bytes(readable_json(card))
    (folder / "CARD.md").write_text(_readable(card), encoding="utf-8")


def _readable(card: dict[str, Any]) -> str:
    measured, texts = card["held_out"], card["texts"]
    counts = {name: ", ".join(f"{key} {count:,}" for key, count in card[f"labels_by_{name}"].items()) for name in ("label", "annotator")}
    classes = [[name, each["texts"], _percent(each["precision"]), _percent(each["recall"])] for name, each in measured["classes"].items()]
    thresholds = [
        [each["at_least"], _percent(each["kept"]), _percent(each["good_among_kept"]), _percent(each["good_that_is_kept"])]
        for each in measured["thresholds"]
    ]
    parts = [
        f"# Classifier {card['classifier']}\n",
        f"- labels: {card['labels']}, sha256 {card['labels_sha256']}",
        f"- labels given: {counts['label']}; by {counts['annotator']}",
        f"- good: {', '.join(card['good'])}",
        f"- texts: {texts['good']:,} good, {texts['other']:,} other; {texts['disputed_and_left_out']:,} left out, the votes being even",
        f"- from: {', '.join(f'{source} ({count:,} labels)' for source, count in card['sources'].items())}",
        *(f"- agreement: {each}" for each in card["agreement"]),
        "\n## On texts held out\n",
        f"Each text was scored once, by a classifier learned from the other {card['learning']['folds'] - 1} of {card['learning']['folds']} parts: "
        f"{accuracy(measured)}.\n",
        _table(["", "texts", "precision", "recall"], classes),
        "\n## Thresholds\n",
        "What `cleaning.quality_classifier.at_least` would do to these texts. Where the sample is not drawn as the corpus is, shares differ.\n",
        _table(["at_least", "kept", "good among kept", "good that is kept"], thresholds),
    ]
    return "\n".join(parts) + "\n"


def _percent(share: float | None) -> str:
    return "not defined" if share is None else f"{share:.1%}"


def _table(head: list[str], rows: list[list[Any]]) -> str:
    shown = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *shown])
