"""A run has exactly one budget, and the one of the most specific source: command line, then experiment, then preset."""

from collections.abc import Callable
from typing import Any

import pytest

Good = Callable[..., Any]
Wrong = Callable[..., list[str]]


def budget(config: Any) -> tuple[int | None, int | None, float | None]:
    return config.trainer.max_steps, config.trainer.max_tokens, config.trainer.max_minutes


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([], (None, 1_200_000, None)),
        (["trainer=smoke"], (4, None, None)),
        (["trainer.max_steps=5"], (5, None, None)),
        (["trainer.max_minutes=2"], (None, None, 2.0)),
        (["trainer=smoke", "trainer.max_tokens=8192"], (None, 8192, None)),
        (["experiment=shakespeare_nano"], (None, 1_000_000, None)),
        (["experiment=shakespeare_nano", "trainer=smoke"], (4, None, None)),
        (["experiment=shakespeare_nano", "trainer=gpu"], (None, 100_000_000, None)),
        (["experiment=shakespeare_nano", "trainer=smoke", "trainer.max_steps=9"], (9, None, None)),
        (["trainer.max_steps=5", "trainer.max_steps=6"], (6, None, None)),
        (["trainer.max_steps=5", "trainer.max_tokens=null"], (5, None, None)),
        (["trainer={max_steps: 7}"], (7, None, None)),
        (["~trainer.max_tokens", "trainer.max_steps=3"], (3, None, None)),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_the_most_specific_budget_replaces_the_others(good: Good, overrides: list[str], expected: tuple[Any, ...]) -> None:
    assert budget(good(*overrides)) == expected


def test_only_the_budget_is_special_among_the_trainers_fields(good: Good, write: Callable[[str, str], None]) -> None:
    write("experiment/mine", "# @package _global_\ntrainer: {max_tokens: 65536, print_every_steps: 7, tokens_per_step: 2048}\n")
    trainer = good("experiment=mine", "trainer=smoke").trainer
    assert (trainer.max_steps, trainer.max_tokens, trainer.print_every_steps, trainer.tokens_per_step) == (4, None, 7, 2048)


def test_an_experiment_wins_over_the_preset_it_chooses(good: Good, write: Callable[[str, str], None]) -> None:
    write("experiment/mine", "# @package _global_\ndefaults: [override /trainer: smoke]\ntrainer: {max_tokens: 65536}\n")
    assert budget(good("experiment=mine")) == (None, 65536, None)


def test_a_preset_that_builds_on_another_replaces_its_budget(good: Good, write: Callable[[str, str], None]) -> None:
    write("trainer/mine", "defaults: [cpu, _self_]\nmax_steps: 11\n")
    assert budget(good("trainer=mine")) == (11, None, None)


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (
            ["trainer.max_steps=5", "trainer.max_tokens=8192"],
            "override trainer.max_steps=5 and override trainer.max_tokens=8192: trainer.max_steps and trainer.max_tokens are two budgets; give one",
        ),
        (
            ["trainer.max_tokens=null"],
            "override trainer.max_tokens=null: no budget: give one of trainer.max_minutes, trainer.max_steps, trainer.max_tokens",
        ),
        (
            ["~trainer.max_tokens"],
            "override ~trainer.max_tokens: no budget: give one of trainer.max_minutes, trainer.max_steps, trainer.max_tokens",
        ),
    ],
)
def test_two_budgets_or_none_are_refused(wrong: Wrong, overrides: list[str], line: str) -> None:
    assert wrong(*overrides) == [line]


def test_two_budgets_in_one_file_are_told_with_their_lines(wrong: Wrong, write: Callable[[str, str], None]) -> None:
    write("experiment/mine", "# @package _global_\ntrainer:\n  max_steps: 2\n  max_tokens: 65536\n")
    [line] = wrong("experiment=mine")
    assert line.startswith(
        "conf/experiment/mine.yaml:3 and conf/experiment/mine.yaml:4: trainer.max_steps and trainer.max_tokens are two budgets"
    )
    write("trainer/none", "tokens_per_step: 4096\n")
    assert wrong("trainer=none") == [
        "conf/trainer/none.yaml: no budget: give one of trainer.max_minutes, trainer.max_steps, trainer.max_tokens"
    ]


def test_a_budget_of_the_wrong_type_is_one_message(wrong: Wrong) -> None:
    assert wrong("trainer.max_steps=soon") == [
        "override trainer.max_steps=soon: trainer.max_steps must be a whole number or null, found 'soon'"
    ]
