"""A copy of conf/ to add files to, and short ways to ask what is wrong with a config and what Hydra makes of it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from assay.config.load import Loaded, examine, for_hydra, schema_node
from assay.config.overrides import parse
from assay.config.presets import Conf
from assay.config.schema import TrainConfig
from assay.files import ROOT


@pytest.fixture
def conf(tmp_path: Path) -> Conf:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    return Conf(tmp_path / "conf")


@pytest.fixture
def write(conf: Conf) -> Callable[[str, str], None]:
    """write("model/mine", "n_layer: 2"): add or replace a file of the copied conf/."""

    def put(name: str, text: str) -> None:
        path = conf.folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return put


@pytest.fixture
def wrong(conf: Conf) -> Callable[..., list[str]]:
    """wrong("model.n_layer=0"): the problems of conf/train.yaml with these overrides, as a person reads them."""

    def ask(*overrides: str, root: str = "train", schema: type[Any] = TrainConfig) -> list[str]:
        return [str(problem) for problem in examine(Conf(conf.folder), root, overrides, schema).problems]

    return ask


@pytest.fixture
def good(conf: Conf) -> Callable[..., Any]:
    """good("model=gpt_nano"): the config, which must have nothing wrong in it."""

    def ask(*overrides: str, root: str = "train", schema: type[Any] = TrainConfig) -> Any:
        loaded = examine(Conf(conf.folder), root, overrides, schema)
        assert loaded.problems == []
        return loaded.config

    return ask


@pytest.fixture
def composed_by_hydra() -> Iterator[Callable[..., Any]]:
    """What hydra.compose makes of a checked config and its overrides, as plain values."""

    def ask(conf: Conf, root: str, overrides: list[str], schema: type[Any], loaded: Loaded[Any]) -> Any:
        ConfigStore.instance().store(name="schema", node=schema_node(schema, loaded.tree.values), package="_global_")
        with initialize_config_dir(str(conf.folder), version_base="1.3"):
            return OmegaConf.to_container(hydra_compose(root, for_hydra(parse(overrides), loaded)), throw_on_missing=True)

    yield ask
    GlobalHydra.instance().clear()
