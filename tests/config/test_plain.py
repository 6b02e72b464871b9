"""A stored config fed back is the same config."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from assay.config.fields import setting
from assay.config.plain import from_plain, read_config, to_plain, to_yaml
from assay.config.presets import EXPERIMENT_GROUP, Conf
from assay.config.schema import TrainConfig
from assay.errors import ConfigError


@pytest.mark.parametrize("experiment", Conf().groups[EXPERIMENT_GROUP])
def test_every_experiment_survives_being_stored(good: Callable[..., Any], tmp_path: Path, experiment: str) -> None:
    config = good(f"experiment={experiment}")
    assert from_plain(to_plain(config), TrainConfig) == config
    (tmp_path / "config.yaml").write_text(to_yaml(config), encoding="utf-8")
    assert read_config(tmp_path / "config.yaml", TrainConfig) == config


@dataclass(frozen=True, kw_only=True)
class Note:
    text: str
    rate: float
    words: list[str] = setting(make=list)


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = (st.text(LETTERS) | st.sampled_from(["1e-3", "1_000", "null", "on", "0x1f", "1:30", "~", "=", "2001-01-01", "#", "- a"])).filter(
    lambda text: "${" not in text and "://" not in text and text != "???"
)


@given(st.builds(Note, text=TEXTS, rate=st.floats(allow_nan=False, allow_infinity=False), words=st.lists(TEXTS, max_size=3)))
def test_any_text_and_number_survives_being_stored(tmp_path_factory: pytest.TempPathFactory, note: Note) -> None:
    path = tmp_path_factory.mktemp("run") / "config.yaml"
    path.write_bytes(to_yaml(note).encode())
    assert read_config(path, Note) == note
    assert OmegaConf.to_container(OmegaConf.load(path)) == to_plain(note), "Hydra users read it with OmegaConf"


def test_an_edited_config_is_refused_with_its_line(good: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(to_yaml(good()).replace("n_layer: 6", "n_layer: 0").replace("n_head:", "n_haed:"), encoding="utf-8")
    line = path.read_text(encoding="utf-8").split("n_layer: 0")[0].count("\n") + 1
    with pytest.raises(ConfigError) as caught:
        read_config(path, TrainConfig)
    assert f"{path}:{line}: model.n_layer must be at least 1, found 0" in str(caught.value)
    assert f"{path}:{line + 1}: model.n_haed: unknown key; did you mean model.n_head?" in str(caught.value)


def test_a_config_that_names_another_class_is_refused(good: Callable[..., Any]) -> None:
    values = to_plain(good())
    values["model"]["_target_"] = "os.system"
    with pytest.raises(ConfigError, match="may only be"):
        from_plain(values, TrainConfig, "mlruns/1/config.yaml")
