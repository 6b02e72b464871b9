import pytest

from assay.data.classifier.finished import MODEL_FILE, accuracy, classifier_folder, facts_of, version
from assay.data.classifier.learn import learn_classifier
from assay.data.classifier.settings import QualityClassifierSettings
from assay.errors import DataError


def test_a_classifier_that_is_not_there_names_its_command(tmp_path) -> None:
    with pytest.raises(DataError, match=r"name=mine: there is no such classifier .*\n .* python src/learn_classifier.py labels=mine"):
        version("mine", tmp_path)


def test_an_altered_classifier_is_refused(labels, command) -> None:
    root = labels()
    learn_classifier(command(), root, lambda _: None)
    path = classifier_folder("mine", root) / MODEL_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(DataError, match=r"model\.safetensors was altered"):
        version("mine", root)


def test_its_version_is_that_of_the_weights(labels, command) -> None:
    root = labels()
    say = [].append
    learn_classifier(command(), root, say)
    learn_classifier(command(name="again", folds=3), root, say)
    learn_classifier(command(name="other", seed=2), root, say)
    assert version("mine", root) == version("again", root) != version("other", root)


def test_a_corpus_says_which_classifier_filtered_it(labels, command) -> None:
    root = labels()
    learn_classifier(command(), root, lambda _: None)
    assert facts_of(None, root) == {}
    facts = facts_of(QualityClassifierSettings(name="mine", at_least=0.7), root)["quality_classifier"]
    assert (facts["name"], facts["at_least"], facts["sha256"]) == ("mine", 0.7, version("mine", root))
    assert facts["texts"] == {"good": 30, "other": 30, "disputed_and_left_out": 0}
    assert accuracy({"accuracy": 0.9, "accuracy_95_low": 0.8, "accuracy_95_high": 0.95, "majority_share": 0.5}) == (
        "90.0% of the texts held out are told right (95 % interval 80.0% to 95.0%); by the commoner label alone 50.0%"
    )
