"""Going on with a named run."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from assay.config.load import load
from assay.config.plain import read_config
from assay.config.schema import TrainConfig
from assay.errors import ConfigError, DataError
from assay.tracking.identity import Identity
from assay.tracking.identity import of_parts as of_parts_and_inputs
from assay.tracking.journal import Journal
from assay.tracking.resume import CHANGEABLE, OF_THE_COMMAND, going_on, resumed

Begin = Callable[..., Path]

PARTS = {"code": "1", "tokens": "t", "tokenizer": "k", "environment": "e"}  # as `begin` writes them
BEGUN = ("seed=7", "model.d_model=48", "trainer.max_steps=6")


def of_parts(parts: dict[str, str]) -> Identity:
    return of_parts_and_inputs(parts, dict(parts))


def typed(*words: str) -> TrainConfig:
    """What a command with these words goes on with."""
    return resumed(load("train", ["trainer=smoke", *words], TrainConfig), words)


@pytest.fixture
def begun(begin: Begin) -> Path:
    return begin("abc1", words=BEGUN)


# --- the config ---


def test_a_plain_command_has_its_own_config(bare: Path) -> None:
    config = load("train", ["trainer=smoke", "seed=3"], TrainConfig)
    assert resumed(config, ["seed=3"]) is config


def test_the_runs_own_config_counts_not_the_defaults_of_the_command(begun: Path) -> None:
    stored = read_config(begun / "config.yaml", TrainConfig)
    assert typed("resume=abc1") == replace(stored, resume="abc1")
    assert typed("resume=abc1/step_4") == replace(stored, resume="abc1/step_4")
    assert typed("resume=nano", "seed=7", "trainer.max_steps=6", "model.d_model=48") == replace(stored, resume="nano")


def test_a_run_keeps_its_name_unless_another_is_typed(begun: Path) -> None:
    stored = read_config(begun / "config.yaml", TrainConfig)
    assert typed("resume=abc1", "trainer.max_steps=9").tracking.run_name == stored.tracking.run_name
    assert typed("resume=abc1", "tracking.run_name=other").tracking.run_name == "other"


@pytest.mark.parametrize(
    "word",
    [
        "max_steps=9",
        "evaluate_every_steps=2",
        "early_stopping_patience=3",
        "checkpoint_every_steps=5",
        "print_every_steps=7",
        "loader_workers=2",
    ],
)
def test_the_budget_and_what_is_looked_at_may_change(word: str, begun: Path) -> None:
    name, _, value = word.partition("=")
    stored = read_config(begun / "config.yaml", TrainConfig)
    assert typed("resume=abc1", f"trainer.{word}") == replace(stored, resume="abc1", trainer=replace(stored.trainer, **{name: int(value)}))


@pytest.mark.parametrize("word", ["max_tokens=4096", "max_minutes=0.5"])
def test_one_budget_replaces_another(word: str, begun: Path) -> None:
    trainer = asdict(typed("resume=abc1", f"trainer.{word}").trainer)
    budget = {name: trainer[name] for name in ("max_steps", "max_tokens", "max_minutes") if trainer[name] is not None}
    assert budget == {word.partition("=")[0]: float(word.partition("=")[2])}


def test_what_concerns_the_command_alone_is_taken_from_it(begun: Path) -> None:
    config = typed("resume=abc1", "dry_run=true", "prepare=never", "export=models/x", "tracking.run_name=other")
    assert (config.dry_run, config.prepare, config.export, config.tracking.run_name) == (True, "never", "models/x", "other")
    assert (config.seed, config.model.d_model) == (7, 48)  # type: ignore[union-attr]


def test_every_other_setting_is_refused_in_one_message_with_both_values(begun: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        typed(
            "resume=abc1",
            "seed=8",
            "model.d_model=96",
            "optimizer=sgd",
            "trainer.threads=1",
            "trainer.max_steps=9",
            "data.context_tokens=64",
        )
    lines = str(refused.value).splitlines()
    assert lines[0] == "run abc1 can't go on with other settings than it was begun with:"
    assert lines[1:3] == ["  seed: 7 in the run, 8 here", "  model.d_model: 48 in the run, 96 here"]
    assert [line.split(":")[0].strip() for line in lines if " in the run, " in line][-2:] == ["trainer.threads", "data.context_tokens"]
    assert any(line.startswith("  optimizer._target_: ") and line.endswith("SGD' here") for line in lines)
    assert not [line for line in lines[:-1] if "max_steps" in line]
    assert lines[-1].endswith("Else begin a new one: init=abc1")
    assert all(f"trainer.{name}" in lines[-1] for name in CHANGEABLE)


@pytest.mark.parametrize("word", ["+seed=8", "trainer=smoke", "evaluation.sample_prompts=[a]"])
def test_settings_are_refused_in_whatever_form_they_are_typed(word: str, begun: Path) -> None:
    with pytest.raises(ConfigError, match=" in the run, "):
        resumed(replace(load("train", [*{"trainer=smoke": None, word.lstrip("+"): None}], TrainConfig), resume="abc1"), [word])


def test_an_experiment_is_not_passed_over_in_silence(begun: Path) -> None:
    words = ("resume=abc1", "experiment=shakespeare_nano")
    with pytest.raises(ConfigError, match=r"seed: 7 in the run, 1 here"):
        resumed(load("train", words, TrainConfig), words)


def test_a_finished_run_is_refused_with_what_to_type(begin: Begin) -> None:
    begin("abc1", finished=True)
    with pytest.raises(ConfigError, match=r"run abc1 is finished; there is nothing to resume\.\n  To train on from its weights: init=abc1"):
        typed("resume=abc1")


def test_a_run_that_is_not_there_is_refused(begun: Path) -> None:
    with pytest.raises(ConfigError, match="no run has the id or name 'abd'"):
        typed("resume=abd")


def test_a_mistake_in_the_name_of_weights_is_said_before_anything_is_done(begun: Path) -> None:
    with pytest.raises(ConfigError, match="no run has the id or name 'abd'"):
        typed("init=abd")
    with pytest.raises(DataError, match="run abc1 has no checkpoint yet"):
        typed("init=abc1")


def test_a_run_killed_before_its_config_was_written_is_said(begun: Path) -> None:
    (begun / "config.yaml").unlink()
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        typed("resume=abc1")


def test_what_may_change_is_there() -> None:
    config = load("train", ["trainer=smoke"], TrainConfig)
    assert set(CHANGEABLE) <= set(asdict(config.trainer))
    assert set(OF_THE_COMMAND) <= set(asdict(config))


# --- the identity of what comes out ---


def go_on(*words: str, **parts: str) -> tuple[Identity, dict[str, Any]]:
    entry, _, identity, changes = going_on(typed("resume=abc1", *words), of_parts({**PARTS, **parts}))
    assert entry.run_id == "abc1"
    return identity, changes


def journal_changes(begun: Path, changes: dict[str, Any]) -> None:
    journal = Journal(begun / "journal.jsonl")
    journal.write("changed", changes=changes)
    journal.close()


def test_a_run_that_goes_on_unchanged_is_what_it_was(begun: Path) -> None:
    assert go_on() == (of_parts(PARTS), {})
    assert go_on("trainer.checkpoint_every_steps=2", "trainer.print_every_steps=2", "trainer.loader_workers=1") == (of_parts(PARTS), {})


def test_another_budget_makes_another_identity_than_that_budget_from_the_start(begun: Path) -> None:
    identity, changes = go_on("trainer.max_steps=9")
    assert changes == {"trainer.max_steps": [6, 9]}
    assert identity.inputs["past"] == identity.parts["past"]
    assert set(identity.parts) == {*PARTS, "past"}
    assert identity.sha256 not in (of_parts(PARTS).sha256, go_on("trainer.max_steps=10")[0].sha256)
    assert identity == go_on("trainer.max_steps=9")[0]


@pytest.mark.parametrize("part", ["code", "environment"])
def test_other_code_or_another_machine_is_recorded(part: str, begun: Path) -> None:
    identity, changes = go_on(**{part: "x"})
    assert changes == {part: [PARTS[part], "x"]}
    assert "past" in identity.parts


@pytest.mark.parametrize("part", ["tokens", "tokenizer"])
def test_other_data_are_refused(part: str, begun: Path) -> None:
    with pytest.raises(DataError, match=rf"run abc1 was begun with other data:\n  {part}: {PARTS[part]} in the run, x here$"):
        go_on(**{part: "x"})


def test_a_run_that_comes_back_to_what_it_was_begun_with_is_not_what_it_would_have_been(begun: Path) -> None:
    """Its steps in between were made under another budget, so its result must not stand for the plain command's."""
    first, changes = go_on("trainer.max_steps=9", code="2")
    journal_changes(begun, changes)
    back, changes = go_on()
    assert changes == {"trainer.max_steps": [9, 6], "code": ["2", "1"]}
    assert back.sha256 not in (of_parts(PARTS).sha256, first.sha256)


def test_a_change_that_is_typed_again_is_none(begun: Path) -> None:
    first, changes = go_on("trainer.max_steps=9", code="2")
    journal_changes(begun, changes)
    assert go_on("trainer.max_steps=9", code="2") == (first, {})


def test_a_checkpoint_is_the_one_that_was_named(begun: Path) -> None:
    for step in (2, 4):
        (begun / f"checkpoints/step_{step:09d}").mkdir(parents=True)
    identity = of_parts(PARTS)
    assert going_on(typed("resume=abc1"), identity)[1] is None
    assert going_on(typed("resume=abc1/step_2"), identity)[1] == begun / "checkpoints/step_000000002"
    with pytest.raises(DataError, match="has no checkpoint step_3"):
        going_on(typed("resume=abc1/step_3"), identity)
