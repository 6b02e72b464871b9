"""A name that another tool has for a setting leads to ours."""

from collections.abc import Callable

import pytest

from assay.config.load import examine
from assay.config.other_names import OTHER_NAMES
from assay.config.presets import Conf
from assay.config.schema import TrainConfig


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        ("lr=1e-3", "optimizer.learning_rate"),
        ("epochs=3", "trainer.max_tokens or trainer.max_steps"),
        ("batch_size=8", "trainer.tokens_per_step"),
        ("block_size=64", "data.context_tokens"),
        ("n_embd=64", "model.d_model"),
        ("optimizer.lr=1e-3", "optimizer.learning_rate"),
    ],
)
def test_a_name_of_another_tool_is_told_ours(wrong: Callable[..., list[str]], override: str, meant: str) -> None:
    (problem,) = wrong(override)
    assert f"unknown key; did you mean {meant}?" in problem


def test_every_setting_it_leads_to_is_there() -> None:
    tree = examine(Conf(), "train", [], TrainConfig).config
    for name in {each for names in OTHER_NAMES.values() for each in names} - {"output"}:
        found: object = tree
        for part in name.split("."):
            found = getattr(found, part)


@pytest.mark.parametrize(("typed", "number"), [("1M", "1000000"), ("2k", "2000"), ("1.5B", "1500000000")])
def test_a_short_number_is_told_whole(wrong: Callable[..., list[str]], typed: str, number: str) -> None:
    (problem,) = wrong(f"trainer.max_tokens={typed}")
    assert problem.endswith(f"; write {number}")


@pytest.mark.parametrize("path", ["conf/data/snownlp.yaml", "snownlp.yaml", "/somewhere/conf/data/snownlp.yaml"])
def test_the_file_of_a_choice_is_told_its_name(wrong: Callable[..., list[str]], path: str) -> None:
    (problem,) = wrong(f"data={path}")
    assert problem.endswith("a choice is its name alone: did you mean data=snownlp?")


def test_a_plugin_that_is_not_installed_is_told(wrong: Callable[..., list[str]]) -> None:
    (problem,) = wrong("hydra/sweeper=nevergrad")
    assert "hydra-nevergrad-sweeper, which is not installed here" in problem
