"""A relative path that is typed begins at the current folder; one in a file of conf/ at the project."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.comparison.schema import CompareConfig
from assay.config.load import examine
from assay.config.paths import from_project
from assay.config.presets import Conf
from assay.config.schema import AnnotateCommand, BagOfWordsConfig, CleanCommand, TrainConfig
from assay.files import ROOT, project_path
from assay.inference.schema import ExportConfig

TYPED = [
    ("export", ExportConfig, "output", "out"),
    ("clean", CleanCommand, "output", "out"),
    ("clean", CleanCommand, "source.path", "in"),
    ("annotate", AnnotateCommand, "export", "a.html"),
    ("annotate", AnnotateCommand, "import_labels", "a.csv"),
    ("bag_of_words", BagOfWordsConfig, "output", "a.json"),
    ("compare", CompareConfig, "models", "models"),
    ("compare", CompareConfig, "report", "report"),
    ("train", TrainConfig, "init", "./folder"),
    ("train", TrainConfig, "init", "a/folder"),
    ("train", TrainConfig, "tokenizer.path", "folder"),
]


def value(root: str, schema: type[Any], name: str, *words: str) -> str:
    needed = {"source.path": ["output=/tmp/x"], "tokenizer.path": ["tokenizer=pretrained"]}.get(name, [])
    loaded = examine(Conf(), root, [*needed, *words], schema)
    assert loaded.problems == []
    found: Any = loaded.config
    for part in name.split("."):
        found = getattr(found, part)
    return str(found)


@pytest.mark.parametrize(("root", "schema", "name", "typed"), TYPED)
def test_what_is_typed_begins_at_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str, schema: type[Any], name: str, typed: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_path(value(root, schema, name, f"{name}={typed}")) == tmp_path / typed


@pytest.mark.parametrize(("root", "schema", "name", "typed"), TYPED)
def test_at_the_project_it_stays_as_it_is_typed(
    monkeypatch: pytest.MonkeyPatch, root: str, schema: type[Any], name: str, typed: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert value(root, schema, name, f"{name}={typed}") == typed


def test_a_list_of_sources_that_is_typed_begins_there_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, composed_by_hydra: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["data.sources=[{folder: a},{folder: /b},{folder: ~/c}]"]
    loaded = examine(Conf(), "clean", words, CleanCommand)
    assert loaded.config is not None
    expected = [str(tmp_path / "a"), "/b", "~/c"]
    assert [source.folder for source in loaded.config.data.sources] == expected
    composed = composed_by_hydra(Conf(), "clean", words, CleanCommand, loaded)
    assert [source["folder"] for source in composed["data"]["sources"]] == expected


def test_what_stands_in_a_file_begins_at_the_project(
    conf: Conf, write: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write("data/mine", "language: en\nlicence: own\nsources: [{folder: texts}]\n")
    loaded = examine(Conf(conf.folder), "clean", ["data=mine"], CleanCommand)
    assert loaded.config is not None
    assert loaded.config.data.sources[0].folder == "texts"


def test_a_folder_of_the_project_is_recorded_alike_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "src")
    assert from_project("../models/out") == "models/out"
    assert from_project("assay") == "src/assay"
    assert value("train", TrainConfig, "init", "init=../m") == "./m"  # "m" would be a run
    assert value("train", TrainConfig, "export", "export=../models/out") == "models/out"


@pytest.mark.parametrize("words", ["/a", "~/a", "~somebody/a", ""])
def test_a_whole_path_is_left_alone(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert from_project(words) == words


def test_a_name_of_a_run_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert value("train", TrainConfig, "init", "init=gpt_nano") == "gpt_nano"
    assert value("train", TrainConfig, "init", "init=gpt_nano/step_5") == "gpt_nano/step_5"


def test_a_run_is_exported_into_the_project_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: Callable[..., list[str]]) -> None:
    monkeypatch.chdir(tmp_path)
    (problem,) = wrong("export=out")
    assert problem.startswith("override export=out: export must be a folder inside the project")
    assert str(tmp_path / "out") in problem
