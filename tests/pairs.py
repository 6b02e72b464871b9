"""Which model goes with which objective, as conf/ and the schemas say: nothing to add here for a new one."""

from functools import cache
from typing import Any

import yaml

from assay.config.model_rules import PLAIN
from assay.config.schema import GROUPS
from assay.files import ROOT
from assay.model.schema import WORD_VECTORS


@cache
def predicts(group: str, choice: str) -> str:
    """What a choice of the group gives logits for, or asks for."""
    return str(_schema(group, choice).PREDICTS)


def _schema(group: str, choice: str) -> Any:
    target = yaml.safe_load((ROOT / "conf" / group / f"{choice}.yaml").read_bytes())["_target_"]
    return next(schema for schema in GROUPS[group] if schema._target_ == target)


def choices(group: str) -> list[str]:
    return sorted(path.stem for path in (ROOT / "conf" / group).glob("*.yaml"))


def partner(group: str, choice: str) -> tuple[str, str]:
    """The other group, and the first of its choices that fits; of models the smallest, by name."""
    other = "objective" if group == "model" else "model"
    fitting = [each for each in choices(other) if predicts(other, each) == predicts(group, choice)]
    return other, next((each for each in fitting if each.endswith("_nano")), fitting[0])


def needed(group: str, choice: str) -> list[tuple[str, str]]:
    """What else is to be chosen with it: its partner, and the optimizer of an objective that makes its updates itself."""
    if (group, choice) == ("evaluation", "word_vectors"):
        model = next(each for each in choices("model") if predicts("model", each) in WORD_VECTORS)
        return [("model", model), *needed("model", model)]
    if group not in ("model", "objective"):
        return []
    other = partner(group, choice)
    objective = choice if group == "objective" else other[1]
    own = getattr(_schema("objective", objective), "OPTIMIZER", None)
    return [other, *([("optimizer", PLAIN[own])] if own else [])]


def partnered(override: str) -> list[str]:
    """`model=gpt2` -> that, and `objective=causal_lm`; an override of any other group alone."""
    group, _, choice = override.partition("=")
    return [override, *("=".join(each) for each in needed(group, choice))]


def smallest(group: str) -> list[str]:
    """Of each class that the group may build, the choice with the smallest model, by name."""
    by_target: dict[str, list[str]] = {}
    for choice in choices(group):
        target = yaml.safe_load((ROOT / "conf" / group / f"{choice}.yaml").read_bytes())["_target_"]
        by_target.setdefault(target, []).append(choice)
    return [next((each for each in found if each.endswith("_nano")), found[0]) for found in by_target.values()]


def families() -> list[tuple[str, str]]:
    """A model and an objective that go together, so that each class of both groups is there."""
    found = [(model, partner("model", model)[1]) for model in smallest("model")]
    asked = {objective for _, objective in found}
    return found + [(partner("objective", each)[1], each) for each in choices("objective") if each not in asked]
