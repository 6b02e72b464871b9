"""The inputs of the cleaned documents of a config. Apart from cleaning itself, which loads compiled kernels: a look-up needs none."""

import unicodedata
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.data.classifier.finished import version
from assay.data.cleaning.steps import all_packages
from assay.data.evaluation_texts import EvaluationTexts
from assay.data.fingerprint import Inputs, library, settings, stage_inputs
from assay.data.places import snapshot_folder
from assay.data.sources import snapshot_facts
from assay.files import ROOT

if TYPE_CHECKING:
    from assay.config.schema import CleanConfig

SHAPING_FIELDS = ("name", "language", "licence", "sources", "validation_fraction", "test_fraction")
"""Fields of conf/data/ that shape cleaned documents: workers and context_tokens never change a byte here."""


def clean_inputs(config: "CleanConfig", root: Path = ROOT) -> Inputs:
    """Raises DataError if the copy of the user's own files is not there; a download's declared sha256 stands for it."""
    data = asdict(config.data)
    for source in data["sources"]:
        del source["weight"], source["label"]  # of training, of a classifier
    chosen = {"data": {key: data[key] for key in SHAPING_FIELDS}, "cleaning": settings(config.cleaning)}
    facts: list[Any] = [*snapshot_facts(config.data, snapshot_folder(config.data, root))]
    used = {name: library(name) for name in ("pyarrow", *all_packages(config.cleaning))}
    if config.cleaning.decontaminate is not None:
        facts.append(EvaluationTexts.of(config.cleaning.decontaminate.against, root).versions())
    if config.cleaning.quality_classifier is not None:
        facts.append({"quality_classifier": version(config.cleaning.quality_classifier.name, root)})
    return stage_inputs("clean", "assay.data.clean", chosen, facts, **used, unicode=unicodedata.unidata_version)
