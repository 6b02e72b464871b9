"""The order of the stages, and what each depends on."""

import ast
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from assay.closure import closure
from assay.comparison.schema import CompareConfig
from assay.config.load import load
from assay.config.presets import Conf
from assay.config.schema import GROUPS, CleanCommand, TokenizerConfig, TrainConfig
from assay.config.yaml_source import Source
from assay.model.schema import HuggingFaceModel

ROOT = Path(__file__).resolve().parents[2]
PIPELINES = ("dvc.yaml", "families/dvc.yaml", "smoke/dvc.yaml")
VERBS: dict[str, type[Any]] = {
    "clean": CleanCommand,
    "learn_tokenizer": TokenizerConfig,
    "encode": TokenizerConfig,
    "train": TrainConfig,
    "compare": CompareConfig,
}
NO_EFFECT = {"src/assay/objective/span_sizes.py": "says whether masked spans fit, for a rule of training that no command on data has"}
"""Imported by each command to check configs, with no effect on what the data stages write: file -> why."""


def stage(name: str, file: str = "dvc.yaml") -> dict[str, Any]:
    found = yaml.safe_load((ROOT / file).read_text())["stages"][name]
    return found.get("do", found)


@dataclass(frozen=True)
class Stage:
    """A stage of a pipeline for one key of its list, as DVC resolves it."""

    name: str
    command: str
    deps: tuple[str, ...]

    @property
    def verb(self) -> str:
        return self.command.split()[1].removeprefix("src/").removesuffix(".py")

    def covers(self, path: str) -> bool:
        return any(path == dep or path.startswith(f"{dep}/") for dep in self.deps)


def resolved() -> Iterator[Stage]:
    """Each stage of the three pipelines."""
    listed = yaml.safe_load((ROOT / "conf/pipeline.yaml").read_text())
    for file in PIPELINES:
        for name, form in yaml.safe_load((ROOT / file).read_text())["stages"].items():
            items = listed[form["foreach"].strip("${}")] if "foreach" in form else {"": {}}
            for key, item in items.items():
                text = yaml.safe_dump(form.get("do", form), width=10_000).replace("${key}", key)
                for field, value in item.items():
                    text = text.replace(f"${{item.{field}}}", value)
                found = yaml.safe_load(text)
                yield Stage(f"{file}: {name}@{key}", found["cmd"], tuple(found["deps"]))


ALL = {each.name: each for each in resolved()}


class Composing(Conf):
    """Notes which files of conf/ a config is composed from."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def source(self, name: str) -> Source:
        self.read.add(f"conf/{name}.yaml")
        return super().source(name)


@pytest.mark.parametrize("name", ALL)
def test_a_stage_depends_on_each_file_that_its_config_is_composed_from(name: str) -> None:
    """Otherwise an edit of context_tokens in conf/data/, or of a cleaning that conf/clean.yaml chose, leaves the models of before."""
    one, conf = ALL[name], Composing()
    overrides = one.command.partition(" > ")[0].split()[2:]
    load(one.verb, overrides, VERBS[one.verb], conf)
    assert f"conf/{one.verb}.yaml" in conf.read
    assert not [path for path in sorted(conf.read) if not one.covers(path)]


def test_a_stage_that_cleans_reads_no_corpus_but_its_own() -> None:
    """A recipe that is held against evaluation texts, or uses a classifier, reads more than a stage for every corpus can depend on."""
    for one in (each for each in ALL.values() if each.verb == "clean"):
        cleaning = load("clean", one.command.split()[2:], CleanCommand).cleaning
        assert cleaning.quality_classifier is None
        assert cleaning.decontaminate is None or not cleaning.decontaminate.against


@pytest.mark.parametrize("verb", VERBS)
def test_another_choice_in_a_commands_own_file_is_a_file_that_its_stages_depend_on(verb: str) -> None:
    """`- cleaning: none` in conf/clean.yaml: none.yaml shapes the result from then on. Groups that a stage names by itself stay chosen."""
    for one in (each for each in ALL.values() if each.verb == verb):
        named = {word.partition("=")[0] for word in one.command.split()[2:] if "." not in word.partition("=")[0]}
        given = named | ({"data", "tokenizer"} if verb == "train" else set())  # conf/pipeline.yaml names these for an experiment
        for group in {entry.group for entry in Conf().defaults(verb).entries} & set(Conf().groups) - given:
            assert one.covers(f"conf/{group}/another.yaml"), f"{one.name}: {group}"


@pytest.mark.parametrize("name", ALL)
def test_a_stage_depends_on_all_code_that_its_command_imports(name: str) -> None:
    """Otherwise an edit would leave what was made by the code of before, while `train.py` calls the data stale."""
    one = ALL[name]
    tree = ast.parse((ROOT / f"src/{one.verb}.py").read_bytes())
    imported = [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and str(node.module).startswith("assay.")]
    groups = {each.name for each in fields(VERBS[one.verb])}
    others = {f"src/assay/{group}/schema.py" for group in set(GROUPS) - groups}  # fields that this command's config does not have
    code = {path for path in closure(imported) if not path.endswith("__init__.py")} - others
    if one.verb != "train":
        code -= set(NO_EFFECT)
    assert not [path for path in sorted({f"src/{one.verb}.py", *code}) if not one.covers(path)]
    folders = {(ROOT / path).parent for path in code} - {ROOT / "src/assay"}
    beside = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".html", ".css", ".js")]
    assert not [path for path in beside if not one.covers(path.relative_to(ROOT).as_posix())]


def test_a_stage_that_trains_depends_on_the_tokens_and_the_tokenizer_of_its_experiment() -> None:
    for one in (each for each in ALL.values() if each.verb == "train"):
        config = load("train", one.command.split()[2:], TrainConfig)
        name = f"{config.data.name}-{config.tokenizer.name}"
        assert {f"data/tokens/{name}", f"data/tokenizer/{name}"} <= set(one.deps)


@pytest.mark.parametrize("part", ["experiments", "families"])
def test_every_listed_corpus_and_experiment_has_its_file_and_every_experiment_its_tokens(part: str) -> None:
    listed = yaml.safe_load((ROOT / "conf/pipeline.yaml").read_text())
    assert all((ROOT / "conf/data" / f"{name}.yaml").is_file() for name in listed["corpora"])
    made = {f"data/tokens/{name}-{item['tokenizer']}" for name, item in listed["corpora"].items()}
    for name, item in listed[part].items():
        config = load("train", [f"experiment={name}"], TrainConfig)
        corpus, tokenizer = item["corpus"], item["tokenizer"]
        assert f"data/tokens/{corpus}-{tokenizer}" in made
        assert config.data == load("train", [f"data={corpus}", f"data.context_tokens={config.data.context_tokens}"], TrainConfig).data
        assert config.tokenizer == load("train", [f"tokenizer={tokenizer}"], TrainConfig).tokenizer
        assert config.trainer.max_minutes is None, "a pipeline may not depend on the clock"


def test_the_small_form_runs_the_same_experiments() -> None:
    full, small = stage("train"), stage("train", "smoke/dvc.yaml")
    assert small["cmd"].replace("trainer=smoke ", "").replace("smoke/models", "models") == full["cmd"]


def test_the_pipeline_of_families_trains_one_of_each_on_the_same_tokens() -> None:
    listed = yaml.safe_load((ROOT / "conf/pipeline.yaml").read_text())["families"]
    configs = [load("train", [f"experiment={name}"], TrainConfig) for name in listed]
    folders = set(get_args(HuggingFaceModel))  # somebody's own, which no pipeline of ours can know
    for group in ("model", "objective"):
        trained = {type(getattr(config, group)) for config in configs}
        assert set(GROUPS[group]) - folders == trained, f"a class of conf/{group} is in no experiment of the families"
    assert len({(item["corpus"], item["tokenizer"]) for item in listed.values()}) == 1
    full, other = stage("train"), stage("train", "families/dvc.yaml")
    assert other["cmd"].replace("families/models", "models") == full["cmd"]
    assert other["deps"] == full["deps"]


@contextmanager
def added_to(path: Path, text: str) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(before + text.encode())
    try:
        yield
    finally:
        path.write_bytes(before)


def changed(run: Callable[..., Any], folder: Path, *pipeline: str) -> set[str]:
    """The stages that DVC would run again."""
    done = run(folder, sys.executable, "-m", "dvc", "status", "--json", *pipeline)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_pipeline_of_families_ends_in_one_table(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Any]
) -> None:
    """As `make run PROFILE=families` runs it: a few steps on a small text, for one family of each kind of prediction, which the table tells apart."""
    folder = project()
    tiny_text(folder)
    (folder / "conf/data/tiny.yaml").replace(folder / "conf/data/shakespeare.yaml")
    (folder / "data.dvc").unlink()  # pins corpora that this test does not need
    listed = yaml.safe_load((ROOT / "conf/pipeline.yaml").read_text())["families"]
    kinds = {load("train", [f"experiment={name}"], TrainConfig).objective.PREDICTS: name for name in reversed(listed)}
    corpora = {"shakespeare": {"raw": "data/local/shakespeare", "tokenizer": "bpe"}}
    families = {name: listed[name] for name in kinds.values()}
    (folder / "conf/pipeline.yaml").write_text(yaml.safe_dump({"corpora": corpora, "experiments": {}, "families": families}))
    assert run(folder, "src/collect.py").returncode == 0
    pipeline = folder / "families/dvc.yaml"
    pipeline.write_text(pipeline.read_text().replace("prepare=never", "prepare=never trainer=smoke"))
    done = run(folder, sys.executable, "-m", "dvc", "repro", "families/dvc.yaml", timeout=800)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    shown = (folder / "families/report/comparison.txt").read_text(encoding="utf-8")
    table = shown.split("\n\n")[0]
    for name in kinds.values():
        assert f"\n{name}\n" in table
    assert "hidden tokens" in table
    again = run(folder, sys.executable, "-m", "dvc", "repro", "families/dvc.yaml")
    assert "Data and pipelines are up to date." in again.stdout
    trained = {f"families/dvc.yaml:train@{name}" for name in kinds.values()}
    for name, added in (("conf/data/shakespeare.yaml", "context_tokens: 64\n"), ("src/assay/data/datamodule.py", "CHANGED = 1\n")):
        with added_to(folder / name, added):
            assert trained <= changed(run, folder, "families/dvc.yaml")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_corpus_named_in_the_list_is_built_and_a_second_repro_does_nothing(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Any]
) -> None:
    folder = project()
    tiny_text(folder)
    (folder / "data.dvc").unlink()  # pins the default corpora, which this test does not fetch
    listed = {"corpora": {"tiny": {"raw": "data/local/tiny", "tokenizer": "bpe"}}, "experiments": {}, "families": {}}
    (folder / "conf/pipeline.yaml").write_text(yaml.safe_dump(listed))
    pipeline = yaml.safe_load((folder / "dvc.yaml").read_text())
    for needs_models in ("train", "compare"):
        del pipeline["stages"][needs_models]
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
    bpe = folder / "conf/tokenizer/bpe.yaml"
    bpe.write_text(bpe.read_text().replace("4096", "300"))
    assert run(folder, "src/collect.py").returncode == 0
    first = run(folder, sys.executable, "-m", "dvc", "repro", timeout=300)
    assert first.returncode == 0, first.stderr
    assert all((folder / "data" / name).is_dir() for name in ("clean/tiny", "tokenizer/tiny-bpe", "tokens/tiny-bpe"))
    second = run(folder, sys.executable, "-m", "dvc", "repro")
    assert "Data and pipelines are up to date." in second.stdout
    with added_to(folder / "conf/cleaning/none.yaml", "min_characters: 40\n"):  # which conf/clean.yaml may choose
        assert "clean@tiny" in changed(run, folder)
    with added_to(folder / "conf/data/tiny.yaml", "temperature: 3\n"):
        assert {"clean@tiny", "tokenizer@tiny", "tokens@tiny"} <= changed(run, folder)
    trained = run(
        folder, "src/train.py", "data=tiny", "model=gpt_nano", "trainer=smoke", "prepare=never", "trainer.sequences_per_microbatch=4"
    )
    assert trained.returncode == 0, trained.stderr
    assert "preparing" not in trained.stdout
