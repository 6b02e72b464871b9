"""Classifiers that were learned, by their names. Apart from what scores with them, which loads compiled kernels: a look-up needs none."""

import json
from pathlib import Path
from typing import Any

from assay.data.classifier.settings import QualityClassifierSettings
from assay.data.fingerprint import files_sha256
from assay.errors import DataError
from assay.files import MANIFEST, ROOT, verify_manifest

MODEL_FILE = "model.safetensors"
CARD_FILE = "card.json"


def classifier_folder(name: str, root: Path = ROOT) -> Path:
    return root / "data" / "classifier" / name


def version(name: str, root: Path = ROOT) -> str:
    """The hash of all that shapes its scores. Raises DataError, with the command, where it is missing or altered."""
    folder, command = classifier_folder(name, root), f"python src/learn_classifier.py labels={name}"
    if not (folder / MANIFEST).is_file():
        raise DataError(
            f"cleaning.quality_classifier.name={name}: there is no such classifier in data/classifier/.\n"
            f"  Learn it from labels/{name}.jsonl: {command}"
        )
    return files_sha256(verify_manifest(folder, command), ".safetensors")


def facts_of(settings: QualityClassifierSettings | None, root: Path = ROOT) -> dict[str, Any]:
    """Return what a corpus's card says about the classifier that its recipe names; nothing where it names none."""
    if settings is None:
        return {}
    card: dict[str, Any] = json.loads((classifier_folder(settings.name, root) / CARD_FILE).read_bytes())
    kept = {name: card[name] for name in ("labels", "labels_sha256", "good", "texts")}
    measured = {name: card["held_out"][name] for name in ("accuracy", "accuracy_95_low", "accuracy_95_high", "majority_share")}
    named = {"name": settings.name, "at_least": settings.at_least, "sha256": version(settings.name, root)}
    return {"quality_classifier": {**named, **kept, "held_out": measured}}


def accuracy(measured: dict[str, Any]) -> str:
    """On texts held out, in words."""
    low, high = measured["accuracy_95_low"], measured["accuracy_95_high"]
    return (
        f"{measured['accuracy']:.1%} of the texts held out are told right (95 % interval {low:.1%} to {high:.1%}); "
        f"by the commoner label alone {measured['majority_share']:.1%}"
    )
