"""--help is made of conf/ and the schemas, and its examples work."""

import shlex

import pytest

from assay.comparison.schema import CompareConfig
from assay.config.help import Usage, examples, help_text
from assay.config.load import load
from assay.config.overrides import parse
from assay.config.presets import Conf
from assay.config.schema import AnnotateCommand, ClassifierConfig, CleanConfig, TokenizerConfig, TrainConfig
from assay.config.sweep import spread

CONF = Conf()
SCHEMAS = {
    "annotate": AnnotateCommand,
    "clean": CleanConfig,
    "encode": TokenizerConfig,
    "learn_classifier": ClassifierConfig,
    "learn_tokenizer": TokenizerConfig,
    "train": TrainConfig,
    "compare": CompareConfig,
}


@pytest.mark.parametrize("root", SCHEMAS)
def test_every_example_passes_the_check(root: str) -> None:
    lines = examples(CONF, Usage(f"src/{root}.py", root, "Does."))
    assert lines[0] == f"python src/{root}.py"
    for line in lines:
        words = [word for word in shlex.split(line)[2:] if "=" in word]
        for job in spread(parse(words).own, CONF):
            load(root, job, SCHEMAS[root], CONF)


def test_every_choice_and_every_field_is_shown() -> None:
    text = help_text(CONF, Usage("src/train.py", "train", "Train."), TrainConfig)
    assert text.startswith("Train.\n\n  python src/train.py [group=choice]")
    for group in ("data", "model", "experiment"):
        assert all(choice in text for choice in CONF.groups[group])
    assert "schedule.warmup_steps            a whole number | auto; at least 0, at most 10,000,000; auto: a twentieth of the budget" in text
    assert "model.order " in text, "also of the schemas not chosen by default"
    assert max(map(len, text.splitlines())) <= 140


def test_a_field_stands_below_the_class_that_has_it() -> None:
    """Five classes of tokenizers have a vocab_size, and not all mean the same count by it."""
    lines = help_text(CONF, Usage("src/learn_tokenizer.py", "learn_tokenizer", "Learn."), TokenizerConfig).splitlines()
    homes = [lines[number - 1].strip() for number, line in enumerate(lines) if line.startswith("  tokenizer.vocab_size ")]
    assert len(homes) == len(set(homes)) == 5
    assert all(home.startswith("of assay.tokenizer.") for home in homes)
    assert not [line for line in lines if line.startswith("  of assay.data")], "one schema needs no heading"


def test_places_are_part_of_the_usage() -> None:
    assert Usage("src/generate.py", "generate", "", ("run", "prompt")).line.startswith("python src/generate.py RUN PROMPT [group=choice]")
