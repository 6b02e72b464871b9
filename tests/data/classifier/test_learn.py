import hashlib
import json
import random

import pytest

from assay.data.batch import TextBatch
from assay.data.classifier.finished import MODEL_FILE
from assay.data.classifier.learn import learn_classifier
from assay.data.classifier.model import load_classifier
from assay.errors import ConfigError, DataError


def sha(folder) -> str:
    return hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()


def test_it_tells_texts_apart_that_it_never_saw(labels, command) -> None:
    said: list[str] = []
    folder = learn_classifier(command(), labels(), said.append)
    measured = json.loads((folder / "card.json").read_bytes())["held_out"]
    assert measured["accuracy_95_low"] > 0.85 > 0.5 == measured["majority_share"]
    assert said[0].startswith("learned mine from 60 texts (30 good, 30 other); ")
    scores = load_classifier(folder, sha(folder)).scores(
        TextBatch.of(["apples past the river before breakfast", "buy now free http discount"])
    )
    assert scores[0] > 7000 > 3000 > scores[1]


def test_labels_that_mean_nothing_teach_nothing(labels, command) -> None:
    """Else the texts held out were seen."""
    chance = random.Random(3)
    rows = [{"text": f"{number} {chance.random()}", "label": chance.choice(["keep", "drop"])} for number in range(300)]
    said: list[str] = []
    measured = json.loads((learn_classifier(command(), labels(rows), said.append) / "card.json").read_bytes())["held_out"]
    assert measured["accuracy_95_low"] < 0.55
    assert "not surely better" in said[0]


def test_the_order_of_labels_and_who_gave_them_do_not_show_in_the_weights(labels, command, tmp_path) -> None:
    one = labels()
    rows = [json.loads(line) for line in (one / "labels/mine.jsonl").read_text().splitlines()]
    other = labels([{**row, "annotator": "bert"} for row in rows[::-1]], root=tmp_path / "other")
    assert sha(learn_classifier(command(), one, print)) == sha(learn_classifier(command(), other, print))


def test_the_weights_are_the_same_on_every_machine(labels, command) -> None:
    assert sha(learn_classifier(command(), labels(), print)) == "f7f50262c83ff72e4c7e8611ef334e3c5aa2d9cc80a89b99e2eaf77494ba6ed7"


def test_which_labels_are_good_is_a_choice(labels, command) -> None:
    root = labels()
    folder = learn_classifier(command(good=["drop"], name="junk"), root, print)
    assert folder == root / "data/classifier/junk"
    assert load_classifier(folder, sha(folder)).scores(TextBatch.of(["buy now free http discount"]))[0] > 7000


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            None,
            r"labels=NAME is missing \(in labels/: mine\)\n  Label a sample first: python src/annotate\.py data=CORPUS export=sample\.html",
        ),
        ("mien", r"labels=mien: there is no labels/mien\.jsonl; did you mean mine\? \(in labels/: mine\)"),
    ],
)
def test_labels_that_are_not_there_are_told_with_those_that_are(labels, command, asked: str | None, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        learn_classifier(command(labels=asked), labels(), print)


def test_a_refusal_leaves_the_classifier_of_before(labels, command) -> None:
    root = labels()
    before = sha(learn_classifier(command(), root, print))
    with (root / "labels/mine.jsonl").open("a") as file:
        file.write("no json\n")
    with pytest.raises(DataError, match=r"mine\.jsonl:61: it is no JSON"):
        learn_classifier(command(), root, print)
    assert sha(root / "data/classifier/mine") == before
