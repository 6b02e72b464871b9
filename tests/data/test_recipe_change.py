"""Cleaned text of another recipe is told from the text that a command asks for, and never used without a word."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.clean import clean
from assay.data.near.settings import NearDedupSettings
from assay.data.prepare import prepare
from assay.data.recipe_change import recipe_note, refuse_other_text
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]


@pytest.fixture
def masked(corpus: Corpus, lines: bytes) -> SimpleNamespace:
    """data/clean/mine was cleaned with personal_data=mask; the config says keep."""
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    made.home = made.root / "data/clean/mine"
    asked = made.config
    clean(with_recipe(asked, personal_data="mask"), made.home, made.root, made.say)
    made.said.clear()
    return made


def with_recipe(config: Any, **fields: Any) -> Any:
    return replace(config, cleaning=replace(config.cleaning, **fields))


def test_training_on_another_recipe_than_data_clean_holds_is_said_every_time(masked: SimpleNamespace) -> None:
    for _ in range(2):
        masked.said.clear()
        prepared = prepare(masked.config, "auto", masked.root, masked.say)
        assert prepared.clean_folder != masked.home
        assert "data/clean/mine holds the text of another recipe (cleaning.personal_data: mask there, keep here)" in masked.said[0]
        assert "cleaning.personal_data=mask" in masked.said[0]
        assert "conf/data/mine.yaml" in masked.said[0]
        assert "python src/clean.py data=mine" in masked.said[0]


def test_nothing_is_said_where_the_recipe_is_the_one_that_made_it(masked: SimpleNamespace) -> None:
    config = with_recipe(masked.config, personal_data="mask")
    assert recipe_note(config, masked.home, masked.root) is None
    refuse_other_text(config, masked.home, masked.root, masked.say)
    assert prepare(config, "auto", masked.root, masked.say).clean_folder == masked.home
    assert not [line for line in masked.said if "recipe" in line]


def test_a_missing_or_broken_folder_is_of_no_recipe(masked: SimpleNamespace) -> None:
    (masked.home / "manifest.json").write_text("{")
    assert recipe_note(masked.config, masked.home, masked.root) is None
    assert recipe_note(masked.config, masked.root / "data/clean/none", masked.root) is None


def test_a_command_that_reads_the_cleaned_text_refuses_another_recipe(masked: SimpleNamespace) -> None:
    with pytest.raises(DataError, match=r"personal_data: mask there, keep here[\s\S]*python src/clean\.py data=mine"):
        refuse_other_text(masked.config, masked.home, masked.root, masked.say)


def test_fields_inside_a_mapping_are_told_by_their_names_and_many_are_counted(masked: SimpleNamespace) -> None:
    near = with_recipe(masked.config, personal_data="mask", near_dedup=NearDedupSettings(threshold=0.7))
    clean(near, masked.home, masked.root, masked.say)
    other = with_recipe(near, near_dedup=NearDedupSettings(threshold=0.9))
    assert "(cleaning.near_dedup.threshold: 0.7 there, 0.9 here)" in str(recipe_note(other, masked.home, masked.root))
    many = with_recipe(masked.config, min_characters=3, max_characters=900, whitespace="keep", exact_dedup=False)
    assert "; and 3 more)" in str(recipe_note(many, masked.home, masked.root))


def test_a_folder_that_changed_since_is_said_to_who_reads_the_cleaned_text(masked: SimpleNamespace) -> None:
    config = with_recipe(masked.config, personal_data="mask")
    (masked.root / "mine/new.txt").write_bytes(b"a new one\n")
    refuse_other_text(config, masked.home, masked.root, masked.say)
    assert masked.said == ["the files of mine have changed since data/clean/mine was made. To read them: python src/clean.py data=mine"]
