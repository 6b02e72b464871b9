"""The order of the stages, and what each depends on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from assay.closure import closure
from assay.config.load import load
from assay.config.schema import GROUPS, TrainConfig
from assay.model.schema import HuggingFaceModel

ROOT = Path(__file__).resolve().parents[2]
STAGES = {"clean": "assay.data.clean", "tokenizer": "assay.tokenizer.stage", "tokens": "assay.data.encode"}


def stage(name: str, file: str = "dvc.yaml") -> dict[str, Any]:
    found = yaml.safe_load((ROOT / file).read_text())["stages"][name]
    return found.get("do", found)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_all_the_code_that_shapes_its_output(name: str) -> None:
    """Otherwise an edit would leave DVC content while `train.py` calls the data stale."""
    deps = [dep for dep in stage(name)["deps"] if dep.startswith("src/")]
    missing = [
        path
        for path in closure([STAGES[name]])
        if not path.endswith("__init__.py") and not any(path == d or path.startswith(d + "/") for d in deps)
    ]
    assert not missing


@pytest.mark.parametrize("part", ["experiments", "families"])
def test_every_listed_corpus_and_experiment_has_its_file_and_every_experiment_its_tokens(part: str) -> None:
    listed = yaml.safe_load((ROOT / "conf/pipeline.yaml").read_text())
    assert all((ROOT / "conf/data" / f"{name}.yaml").is_file() for name in listed["corpora"])
    made = {f"data/tokens/{name}-{item['tokenizer']}" for name, item in listed["corpora"].items()}
    for name, item in listed[part].items():
        config = load("train", [f"experiment={name}"], TrainConfig)
        assert item["tokens"] in made
        corpus, tokenizer = item["tokens"].removeprefix("data/tokens/").rsplit("-", 1)
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
    assert len({item["tokens"] for item in listed.values()}) == 1
    full, other = stage("train"), stage("train", "families/dvc.yaml")
    assert other["cmd"].replace("families/models", "models") == full["cmd"]
    assert other["deps"] == full["deps"]


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
    table = shown.split("└")[0]
    for name in kinds.values():
        assert f"│ {name} " in table
    assert "hidden tokens" in table
    again = run(folder, sys.executable, "-m", "dvc", "repro", "families/dvc.yaml")
    assert "Data and pipelines are up to date." in again.stdout


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
    trained = run(
        folder, "src/train.py", "data=tiny", "model=gpt_nano", "trainer=smoke", "prepare=never", "trainer.sequences_per_microbatch=4"
    )
    assert trained.returncode == 0, trained.stderr
    assert "preparing" not in trained.stdout
