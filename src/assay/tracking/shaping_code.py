"""Which code and which installed packages can change a number of a run."""

from collections.abc import Callable
from pathlib import Path

from assay.closure import closure
from assay.config.schema import TrainConfig
from assay.files import ROOT, is_folder_name
from assay.model.schema import HuggingFaceSchema

TRAINING = "assay.trainer.fit"
OUTSIDE = {
    "assay.closure": "computes these hashes",
    "assay.config.schema": "lists the fields; their values are part of the identity",
    "assay.data.prepare": "the tokens and the tokenizer that it makes are part of the identity by their hashes",
    "assay.data.verified": "compares files with their hashes and changes nothing",
    "assay.data.archive": "evaluation.word_sets compares what it reads with a sha256",
    "assay.tracking.lookup": "finds a checkpoint, whose weights are part of the identity by their hash",
    "assay.tracking.run": "writes down what was computed",
    "assay.tracking.signals": "decides when a run is interrupted; it goes on with the same numbers",
    "assay.data.kernel_notice": "says that kernels are compiled",
    "assay.trainer.progress": "shows the progress of a run",
    "assay.trainer.throughput": "the peak speed of a device, for the utilisation that is shown",
}
"""Imported by training, but without an effect on the weights, losses and scores of a run: module -> why. What only these import is outside too.

Every other module that training imports is part of a run's identity.
"""
OUTSIDE_WITHOUT_FOLDER = {
    "assay.model.huggingface.importing": "reads the weights of a folder of transformers",
    "assay.model.huggingface.choice": "checks the folder of model=hf",
    "assay.model.huggingface.theirs": "wraps the model of model=hf",
}
"""Outside too for a run that neither begins with nor is a folder of transformers: that code is not run."""

NUMERIC_PACKAGES = ("torch", "pytorch-lightning", "torchmetrics", "numpy", "numba", "llvmlite", "tokenizers", "safetensors")
OPTIONAL_PACKAGES: dict[str, Callable[[TrainConfig], bool]] = {
    "transformers": lambda config: isinstance(config.model, HuggingFaceSchema),
    "rjieba": lambda config: getattr(config.objective, "whole_words", None) == "chinese",
}
"""Counted for the runs that use them: package -> whether a run does."""
PACKAGES_OUTSIDE = {
    "pyarrow": "reads documents, before training",
    "omegaconf": "reads configs; their values are part of the identity",
    "PyYAML": "reads configs; their values are part of the identity",
    "psutil": "reads the state of worker processes",
    "RapidFuzz": "suggests names in error messages",
    "xxhash": "checks files of caches and names documents, before training",
}
"""Imported by code that counts, but without an effect on its numbers: package -> why."""


def shaping_code(config: TrainConfig, root: Path = ROOT) -> dict[str, str]:
    """File -> hash of its syntax tree: the classes that this config builds, training, and all that they import, but OUTSIDE."""
    built = (config.model, config.objective, config.optimizer, config.schedule, config.data)
    modules = [str(group._target_).rpartition(".")[0] for group in built]
    return closure([TRAINING, *modules], root, OUTSIDE if _of_folder(config) else {**OUTSIDE, **OUTSIDE_WITHOUT_FOLDER})


def shaping_packages(config: TrainConfig) -> tuple[str, ...]:
    """Names of the installed packages whose release can change a number of such a run."""
    return (*NUMERIC_PACKAGES, *(name for name, is_used in OPTIONAL_PACKAGES.items() if is_used(config)))


def _of_folder(config: TrainConfig) -> bool:
    return isinstance(config.model, HuggingFaceSchema) or (config.init is not None and is_folder_name(config.init))
