"""The stage that learns a classifier of labelled texts: labels/<name>.jsonl -> data/classifier/<name>/, with its accuracy on texts held out."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assay.config.report import did_you_mean
from assay.data.annotation.labels import labels_file, named_labels, read_labels
from assay.data.batch import TextBatch
from assay.data.classifier.card import classifier_card, summary, write_card
from assay.data.classifier.evaluate import held_out
from assay.data.classifier.examples import Examples, examples, folds_of
from assay.data.classifier.finished import MODEL_FILE, classifier_folder
from assay.data.classifier.model import Classifier, NgramSizes, learned
from assay.data.classifier.settings import LearningSettings
from assay.data.fingerprint import fingerprint, settings, stage_inputs
from assay.data.order import keyed, permute
from assay.errors import ConfigError
from assay.files import ROOT, draft_folder, sha256_file, write_manifest

if TYPE_CHECKING:
    from assay.config.schema import ClassifierConfig


def learn_classifier(config: "ClassifierConfig", root: Path = ROOT, say: Callable[[str], None] = print) -> Path:
    """Write model.safetensors, card.json, CARD.md and manifest.json; return the folder.

    The bytes depend on the labels and the config alone. Raises ConfigError for a name that is none, DataError for labels that can't be
    learned from.
    """
    name = _labels_named(config.labels, root)
    path = labels_file(name, root)
    labels = read_labels(path)
    found = examples(labels, config.good, name)
    scores = _scored_by_others(found, config.learning)
    classifier = _learn(found, np.arange(len(found.texts)), config.learning)
    facts = {"labels": path.relative_to(root).as_posix(), "labels_sha256": sha256_file(path), "good": config.good}
    card = classifier_card(config.name or name, facts, labels, found, held_out(scores, found.good), settings(config.learning))
    target = classifier_folder(config.name or name, root)
    with draft_folder(target) as draft:
        (draft / MODEL_FILE).write_bytes(classifier.to_bytes())
        write_card(draft, card)
        chosen = {"good": config.good, "learning": settings(config.learning)}
        inputs = stage_inputs("classifier", __name__, chosen, facts["labels_sha256"])
        write_manifest(draft, fingerprint=fingerprint(inputs), stage="classifier", made_from=inputs)
    say(summary(card))
    return target


def _labels_named(name: str | None, root: Path) -> str:
    known = named_labels(root)
    if name in known:
        return str(name)
    wrong = "labels=NAME is missing" if name is None else f"labels={name}: there is no labels/{name}.jsonl{did_you_mean(name, known)}"
    raise ConfigError(
        f"{wrong} (in labels/: {', '.join(known) or 'nothing yet'})\n"
        "  Label a sample first: python src/annotate.py data=CORPUS export=sample.html, then import_labels=FILE"
    )


def _scored_by_others(found: Examples, chosen: LearningSettings) -> NDArray[np.int16]:
    """Each text's score by a classifier of the other folds, (N,)"""
    folds = folds_of(found, chosen.folds, chosen.seed)
    scores = np.empty(len(found.texts), dtype=np.int16)
    for fold in range(chosen.folds):
        out = np.flatnonzero(folds == fold)
        classifier = _learn(found, np.flatnonzero(folds != fold), chosen)
        scores[out] = classifier.scores(TextBatch.of(found.texts[place] for place in out.tolist()))
    return scores


def _learn(found: Examples, places: NDArray[np.int64], chosen: LearningSettings) -> Classifier:
    """Learn from the texts at some places, in an order that depends on the texts and the seed alone."""
    from assay.data.classifier.kernel import learn

    sizes = NgramSizes(chosen.words, chosen.characters, chosen.bucket_bits)
    buckets, bounds = sizes.buckets(TextBatch.of(found.texts[place] for place in places.tolist()))
    weights, squares = np.zeros(1 << sizes.bits), np.zeros(1 << sizes.bits)
    order = _order(len(places), chosen)
    bias = learn(buckets, bounds, found.good[places], order, _logistic(), chosen.learning_rate, weights, squares)
    return learned(sizes, bias, weights)


def _order(count: int, chosen: LearningSettings) -> NDArray[np.int64]:
    """Another one in each epoch, (epochs * count,)"""
    places = np.arange(count, dtype=np.uint64)
    keys = [keyed(chosen.seed, "order of labelled texts", epoch) for epoch in range(chosen.epochs)]
    return np.concatenate([permute(places, count, key) for key in keys]).astype(np.int64)


def _logistic() -> NDArray[np.float32]:
    """At the middle of each step of the kernel's table; rounded, so that no machine's exp() shows."""
    from assay.data.classifier.kernel import REACH, STEPS_A_UNIT

    middles = [(step + 0.5) / STEPS_A_UNIT - REACH for step in range(2 * REACH * STEPS_A_UNIT)]
    return np.array([1 / (1 + math.exp(-middle)) for middle in middles], dtype=np.float32)
