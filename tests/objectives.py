"""An objective as a run builds it."""

from typing import Any

import torch

from assay.config.build import build
from assay.model.language_model import LanguageModel
from assay.objective.objective import Vocabulary


def make_objective(config: Any, model: LanguageModel, vocabulary: Vocabulary, **others: Any) -> Any:
    """The class that the config names; by plain gradient descent at a rate of 0.5, from the first step on, unless `others` say otherwise."""
    plain = {
        "make_optimizer": lambda model: torch.optim.SGD(model.parameters(), 0.5),
        "factor": lambda step: 1.0,
        "first_step": 0,
        "clip_norm": None,
        "skip_norm": None,
        "compiled": False,
    }
    return build(config, "objective", model=model, vocabulary=vocabulary, **{**plain, **others})
